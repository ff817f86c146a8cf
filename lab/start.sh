#!/bin/sh
# Opens the course in JupyterLab, on this machine only:
#
#   start.sh VENV [JUPYTER LAB OPTION...]
#
# Ctrl-C ends it, and every kernel with it.
set -eu
venv=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
PATH="$venv/bin:$PWD/bin:$PATH"
export PATH
echo "lab: opening the course; if no browser opens, follow the link below. Ctrl-C ends it."
root=
if [ "$(id -u)" = 0 ]; then
	root=--allow-root # Jupyter wants to be told: a container, or a class image
fi
exec jupyter lab $root --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$PWD/notebooks" \
	--LabApp.default_url=/lab/tree/00-start-here.ipynb "$@"
