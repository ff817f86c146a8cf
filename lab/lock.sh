#!/bin/sh
# Writes requirements.txt and requirements-test.txt anew from the .in files, with
# the hash of every file that the index has of each version, so that they fit
# any Python and machine. For whoever changes a version; needs uv.
set -eu
cd "$(dirname "$0")"
command -v uv >/dev/null || {
	echo "lock: uv is not installed: pip install uv" >&2
	exit 1
}
for name in requirements requirements-test; do
	{
		echo "# Made by lab/lock.sh from $name.in: change that, not this."
		echo "# pip install --require-hashes --no-deps -r $name.txt"
		uv pip compile "$name.in" --quiet --no-deps --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate
	} >"$name.txt.new"
	mv "$name.txt.new" "$name.txt"
done
