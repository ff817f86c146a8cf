#!/bin/bash
# Builds the image twice from nothing and compares the two:
#
#   reproduce.sh [OPTION OF docker build…]
#
# The BuildKit inside of Docker cannot set the dates of folders that a step makes:
# its images are compared file by file, and dates are only counted. One of its own,
# 0.13 or later, can, and its images must have the same digest:
#
#   docker buildx create --name new && BUILDX_BUILDER=new reproduce.sh
#
# Downloads are kept between the two, which changes nothing: each is known by its
# hash. It takes two builds' time.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/docker.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"; "$DOCKER" rmi gopark-repro:a gopark-repro:b >/dev/null 2>&1 || :' EXIT
hash=$(image_inputs)
for name in a b; do
	dates=()
	[ -z "${BUILDX_BUILDER:-}" ] || dates=(--provenance=false --build-arg "SOURCE_DATE_EPOCH=$(default_of SOURCE_DATE_EPOCH)"
		--output "type=oci,dest=$folder/$name.tar,rewrite-timestamp=true")
	quietly docker/build.sh gopark-repro:$name --no-cache "${dates[@]}" "$@"
done
[ "$(image_inputs)" = "$hash" ] || { echo "image: the sources changed meanwhile: nothing can be said" >&2; exit 1; }
if [ -n "${BUILDX_BUILDER:-}" ]; then
	python3 docker/ci/files.py "$folder/a.tar" "$folder/b.tar"
else
	python3 docker/ci/files.py gopark-repro:a gopark-repro:b
fi
