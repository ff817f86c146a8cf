#!/bin/bash
# Builds and tests the image:
#
#   test.sh
#
# It installs Docker where it may (as root on Debian), starts a daemon where none
# runs, and ends that one again; what was built stays for the next time. Where
# Docker cannot run it says SKIPPED. What was tested here before, by this checkout
# or another, is not tested again: FORCE=1 does. Pictures of the browser's part
# are in bin/screenshots.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/docker.sh"

skip() {
	echo "image: SKIPPED: $*: the image was neither built nor tested" >&2
	exit 0
}

daemon=
end() {
	status=$?
	if [ -n "$daemon" ]; then
		kill "$daemon" && wait "$daemon" || :
	fi
	exit $status
}
trap end EXIT

answers() { "$DOCKER" info >/dev/null 2>&1; }
if ! command -v dockerd >/dev/null && ! answers; then
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "Docker is not installed, and only root on Debian can install it"
	say "installing Docker"
	{ quietly apt-get update && quietly apt-get install -y --no-install-recommends docker.io; } || skip "Docker could not be installed"
	hash -r
	DOCKER=$(find_docker)
fi
if ! answers; then
	[ "$(id -u)" = 0 ] || skip "no Docker daemon answers, and only root can start one"
	log=$(mktemp)
	dockerd >"$log" 2>&1 &
	daemon=$!
	for _ in $(seq 120); do
		answers && break
		kill -0 "$daemon" 2>/dev/null || { daemon=; tail -n 5 "$log" >&2; skip "the Docker daemon does not start here"; }
		sleep 0.25
	done
	answers || { tail -n 5 "$log" >&2; skip "the Docker daemon does not answer"; }
	rm -f "$log"
fi

docker/build.sh gopark

# What was found good has a tag with the hash of the image and of its tests.
id=$("$DOCKER" image inspect --format '{{.Id}}' gopark)
tested=gopark-tested:$(echo "$id $(inputs docker/ci internal/browser internal/e2e notebooks)" | sha256sum | cut -c1-16)
if have "$tested" && [ -z "${FORCE:-}" ]; then
	say "this image was tested already"
	exit
fi

say "searching it for what should not be in it"
python3 docker/ci/leaks.py gopark
say "running the course in it, on both kernels and in a browser: some minutes"
mkdir -p bin/screenshots
GOPARK_IMAGE=gopark GOPARK_SCREENSHOTS=$PWD/bin/screenshots \
	${GO:-go} test -count=1 -timeout 20m -run '^TestImage' ./internal/e2e

"$DOCKER" images --format '{{.Repository}}:{{.Tag}}' gopark-tested | xargs -r "$DOCKER" rmi >/dev/null
"$DOCKER" tag gopark "$tested"
