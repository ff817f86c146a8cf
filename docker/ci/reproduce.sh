#!/bin/bash
# Builds the image twice from nothing and compares the two:
#
#   reproduce.sh [OPTION OF docker build…]
#
# A builder that sets dates makes two images with the same digest: that is buildx
# with a BuildKit of its own, 0.13 or later (docker buildx create --use). With the
# BuildKit inside of Docker, which cannot set those of folders that a step makes,
# the images are compared file by file, and dates are only counted.
#
# Downloads are kept between the two, which changes nothing: each is known by its
# hash. It takes two builds' time.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/docker.sh"

# sets_dates: is the builder one of those?
sets_dates() {
	local about version
	about=$("$DOCKER" buildx inspect 2>/dev/null) || return 1
	! grep -q '^Driver: *docker$' <<<"$about" || return 1
	version=$(sed -n 's/^Build[Kk]it\( version\)\?: *v//p' <<<"$about" | head -n 1)
	[ -n "$version" ] && [ "$(printf '0.13\n%s\n' "$version" | sort -V | head -n 1)" = 0.13 ]
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"; "$DOCKER" rmi gopark-repro:a gopark-repro:b >/dev/null 2>&1 || :' EXIT
hash=$(image_inputs)
for name in a b; do
	dates=()
	! sets_dates || dates=(--provenance=false --build-arg "SOURCE_DATE_EPOCH=$(default_of SOURCE_DATE_EPOCH)"
		--output "type=oci,dest=$folder/$name.tar,rewrite-timestamp=true")
	quietly docker/build.sh gopark-repro:$name --no-cache "${dates[@]}" "$@"
done
[ "$(image_inputs)" = "$hash" ] || { echo "image: the sources changed meanwhile: nothing can be said" >&2; exit 1; }
if sets_dates; then
	python3 docker/ci/files.py "$folder/a.tar" "$folder/b.tar"
else
	python3 docker/ci/files.py gopark-repro:a gopark-repro:b
fi
