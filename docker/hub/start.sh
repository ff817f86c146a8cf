#!/bin/sh
# JupyterHub on this machine, with a container of the course for each learner:
#
#   start.sh              serve until Ctrl-C
#   start.sh install      only install what it needs
#
# Wants Docker, Python 3.11 or newer and Node 18 or newer. The first time it
# installs JupyterHub and its proxy beside this file, by the hashes in
# requirements.txt and package-lock.json. What the hub remembers (who has which
# password) stays in state/.
set -eu
cd "$(dirname "$0")"

fail() {
	echo "hub: $*" >&2
	exit 1
}

for tool in docker node npm; do
	command -v $tool >/dev/null || fail "$tool is not installed; the hub needs Docker, Python 3.11 and Node 18."
done
if ! cmp -s requirements.txt .venv/.installed; then
	echo "hub: installing JupyterHub (half a minute)"
	"${PYTHON:-python3}" -m venv --clear .venv || fail "python3 cannot make virtual environments. Debian: apt install python3-venv."
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps \
		--only-binary :all: -r requirements.txt || fail "pip could not install it; its own message is above."
	cp requirements.txt .venv/.installed
fi
if ! cmp -s package-lock.json node_modules/.installed; then
	echo "hub: installing its proxy"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || fail "npm ci failed; its own message is above."
	cp package-lock.json node_modules/.installed
fi
[ "${1:-}" != install ] || exit 0

docker image inspect "${GOPARK_IMAGE:-gopark}" >/dev/null 2>&1 ||
	fail "there is no image ${GOPARK_IMAGE:-gopark} here: make image builds it; GOPARK_IMAGE names another one."
mkdir -p state
cd state
exec ../.venv/bin/jupyterhub -f ../jupyterhub_config.py
