#!/bin/bash
# Builds the image twice from nothing and compares the two file by file:
#
#   reproduce.sh
#
# Downloads are kept between the two, which changes nothing: each is known by its
# hash. Dates are not compared: the BuildKit of Docker 20.10 cannot set those of
# folders that a step makes. A newer one can (SOURCE_DATE_EPOCH and
# rewrite-timestamp=true). It takes two builds' time.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/docker.sh"

trap '"$DOCKER" rmi gopark-repro:a gopark-repro:b >/dev/null 2>&1 || :' EXIT
hash=$(image_inputs)
for name in a b; do
	quietly docker/build.sh gopark-repro:$name --no-cache
done
[ "$(image_inputs)" = "$hash" ] || { echo "image: the sources changed meanwhile: nothing can be said" >&2; exit 1; }
python3 docker/ci/files.py gopark-repro:a gopark-repro:b
