#!/bin/bash
# Builds the image, unless nothing that it is made of has changed:
#
#   build.sh [NAME[:TAG]] [OPTION OF docker build…]
#
# The name is gopark if there is none. Bases come from the registry, as the
# Dockerfile names them, or, where none answers, from docker/ci/bases.sh. GOPARK_BASES
# says which: registry, stand-ins, or nothing for whichever works.
#
# The certificates that this machine believes are there while a step of the build
# downloads, and in no layer: CA_BUNDLE names another file of them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/ci/docker.sh"

name=${1:-gopark}
shift || :
hash=$(image_inputs)
made=$("$DOCKER" images --quiet --filter "label=gopark.inputs=$hash" | head -n 1)
if [ -n "$made" ] && [ $# -eq 0 ]; then
	"$DOCKER" tag "$made" "$name"
	say "$name is up to date"
	exit
fi

reachable() { # are the Dockerfile's own bases to be had?
	local arg
	for arg in DEBIAN_IMAGE GO_IMAGE NODE_IMAGE; do
		have "$(default_of $arg)" || timeout 300 "$DOCKER" pull --quiet "$(default_of $arg)" >/dev/null 2>&1 || return 1
	done
}
bases=()
if [ "${GOPARK_BASES:-}" = stand-ins ] || { [ -z "${GOPARK_BASES:-}" ] && ! reachable; }; then
	docker/ci/bases.sh
	bases=(--build-arg DEBIAN_IMAGE=gopark-ci/debian --build-arg GO_IMAGE=gopark-ci/golang --build-arg NODE_IMAGE=gopark-ci/node)
fi

ca=()
bundle=${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}
[ ! -r "$bundle" ] || ca=(--secret "id=ca,src=$bundle")

say "building $name"
"$DOCKER" build -f docker/Dockerfile "${bases[@]}" "${ca[@]}" \
	--label "gopark.inputs=$hash" \
	--label "org.opencontainers.image.version=$(sed -n 's/^const version = "\(.*\)"/\1/p' kernel/cmd/gopark/version.go)" \
	--label "org.opencontainers.image.revision=$(git log -1 --format=%H 2>/dev/null || echo unknown)" \
	-t "$name" "$@" .
