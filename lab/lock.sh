#!/bin/sh
# Writes the lists of Python packages anew from the .in files, here and in
# docker/hub, with the hash of every file that the index has of each version, so
# that they fit any Python and machine. For whoever changes a version; needs uv.
set -eu
cd "$(dirname "$0")"
command -v uv >/dev/null || {
	echo "lock: uv is not installed: pip install uv" >&2
	exit 1
}
lock() { # NAME [OPTION]
	name=$1
	shift
	{
		echo "# Made by lab/lock.sh from ${name##*/}.in: change that, not this."
		echo "# pip install --require-hashes --no-deps -r ${name##*/}.txt"
		uv pip compile "$name.in" --quiet --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate "$@"
	} >"$name.txt.new"
	mv "$name.txt.new" "$name.txt"
}
lock requirements --no-deps
lock requirements-test --no-deps
lock requirements-ipykernel
lock requirements-frontends --constraints requirements.txt
lock ../docker/hub/singleuser --no-deps
lock ../docker/hub/requirements
