# docker.sh: what the scripts about the image share. To be sourced; it changes
# into the checkout's root.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { echo "image: $*"; }

# The docker command that can build: a client of version 23 or later needs the
# plugin buildx for it, which an older one beside it does not.
find_docker() {
	local command
	for command in ${DOCKER:-} docker /usr/bin/docker; do
		command -v "$command" >/dev/null || continue
		if "$command" buildx version >/dev/null 2>&1 || [[ $("$command" --version) =~ version\ (1|20)\. ]]; then
			echo "$command"
			return
		fi
	done
	echo docker
}
DOCKER=$(find_docker)
export DOCKER DOCKER_BUILDKIT=1

# default_of ARG: what the Dockerfile has for it, without a digest.
default_of() { sed -n "s/^ARG $1=\([^@]*\).*/\1/p" docker/Dockerfile; }

have() { "$DOCKER" image inspect "$1" >/dev/null 2>&1; }

# inputs PATH…: a hash of the names, modes and contents of the files there that
# belong to the project, committed or not.
inputs() {
	git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu |
		while IFS= read -r -d '' file; do
			[ ! -f "$file" ] || printf '%s %s %s\n' "$file" "$([ -x "$file" ] && echo x || echo -)" "$(sha256sum <"$file")"
		done | sha256sum | cut -c1-16
}

# What the image is made of. Tests and what only runs outside of it are left out,
# as .dockerignore leaves them out of the build.
image_inputs() {
	inputs docker/Dockerfile docker/steps docker/rootfs docker/lab .dockerignore \
		go.mod go.sum course.go notebooks helpers kernel \
		lab/requirements.txt docker/hub/singleuser.txt lab/overrides.json lab/jupyter_lab_config.json lab/gonb-kernelspec.sh \
		':!*_test.go' ':!**/testdata/**' ':!kernel/labextension/test' ':!kernel/jupyter/examples' ':!kernel/**/*.md'
}

# quietly COMMAND…: says what it said only when it fails.
quietly() {
	local log
	log=$(mktemp)
	if ! DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}
