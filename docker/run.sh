#!/bin/bash
# Opens the course in a container, as locked up as it can be: no root, no
# capability, nothing to write to but a volume for the notebooks and /tmp.
#
#   run.sh [IMAGE]
#
# PORT is the port on this machine (8888), VOLUME where notebooks are kept: a
# folder, or a name for Docker to keep (gopark-home). Ctrl-C ends it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/ci/docker.sh"

port=${PORT:-8888}
volume=${VOLUME:-gopark-home}
user=()
case $volume in
*/*) # a folder of this machine: files in it belong to its user
	mkdir -p "$volume"
	volume=$(realpath "$volume")
	user=(--user "$(id -u):$(id -g)")
	;;
esac
say "follow the link below that begins with http://127.0.0.1:$port/; Ctrl-C ends it"
exec "$DOCKER" run --rm -it -p "127.0.0.1:$port:$port" -e "JUPYTER_PORT=$port" -v "$volume:/home/learner" "${user[@]}" \
	--read-only --tmpfs /tmp:exec,mode=1777 --cap-drop ALL --security-opt no-new-privileges "${1:-gopark}"
