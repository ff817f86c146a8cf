#!/bin/bash
# Makes stand-ins for the three base images, where no registry can be reached:
#
#   bases.sh
#
# gopark-ci/debian is made from Debian's own packages as Debian's image is;
# gopark-ci/golang and gopark-ci/node are that, with the Go and the Node of this
# machine. What is there already stays. As root on Debian it installs the tool it
# needs. No certificate of this machine gets in: see docker/build.sh.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/docker.sh"

epoch=$(default_of SOURCE_DATE_EPOCH)
suite=$(default_of DEBIAN_IMAGE | sed -E 's/.*:([a-z]+).*/\1/')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! have gopark-ci/debian; then
	command -v mmdebstrap >/dev/null ||
		quietly apt-get install -y --no-install-recommends mmdebstrap arch-test
	mirror=$(grep -rhoE 'https?://[^ ]*debian/? ' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 || :)
	say "making a stand-in for $(default_of DEBIAN_IMAGE)"
	# Without manuals and translations, as Debian's slim image is.
	SOURCE_DATE_EPOCH=$epoch mmdebstrap --quiet --variant=minbase --mode=root \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
		"$suite" "$work/debian.tar" "${mirror:-http://deb.debian.org/debian}"
	"$DOCKER" import -c 'CMD ["bash"]' "$work/debian.tar" gopark-ci/debian >/dev/null
fi

if ! have gopark-ci/golang; then
	say "making a stand-in for $(default_of GO_IMAGE)"
	mkdir "$work/golang"
	cp -a "$(go env GOROOT)" "$work/golang/go"
	"$DOCKER" build --quiet -f docker/ci/golang.Dockerfile -t gopark-ci/golang "$work/golang" >/dev/null
fi

if ! have gopark-ci/node; then
	say "making a stand-in for $(default_of NODE_IMAGE)"
	mkdir "$work/node"
	cp "$(readlink -f "$(command -v node)")" "$work/node/node"
	# npm is a folder with its entry in bin.
	npm=$(readlink -f "$(command -v npm)")
	cp -a "${npm%/bin/*}" "$work/node/npm"
	"$DOCKER" build --quiet -f docker/ci/node.Dockerfile -t gopark-ci/node "$work/node" >/dev/null
fi
