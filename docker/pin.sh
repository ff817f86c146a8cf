#!/bin/bash
# Writes the digests of the base images into the Dockerfile, and the date of the
# Debian one as the date of what the build makes: make image-pin. It needs the
# registry. To move to newer bases, change the tags there first.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/ci/docker.sh"

for arg in DEBIAN_IMAGE GO_IMAGE NODE_IMAGE; do
	tag=$(default_of $arg)
	"$DOCKER" pull --quiet "$tag" >/dev/null || {
		echo "image-pin: no registry has $tag: nothing was changed" >&2
		exit 1
	}
done
for arg in DEBIAN_IMAGE GO_IMAGE NODE_IMAGE; do
	tag=$(default_of $arg)
	digest=$("$DOCKER" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$tag" | sed -n 's/.*@//p' | head -n 1)
	[ -n "$digest" ] || { echo "image-pin: $tag has no digest" >&2; exit 1; }
	sed -i "s|^ARG $arg=.*|ARG $arg=$tag@$digest|" docker/Dockerfile
	say "$tag@$digest"
done
day=$(default_of DEBIAN_IMAGE | grep -oE '[0-9]{8}')
sed -i "s|^ARG SOURCE_DATE_EPOCH=.*|ARG SOURCE_DATE_EPOCH=$(date -u -d "$day" +%s)|" docker/Dockerfile
