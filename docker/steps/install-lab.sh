# install-lab.sh DIR REQUIREMENTS…: JupyterLab, and what lets it work behind
# JupyterHub, in a virtual environment without pip. What a server never reads is
# dropped. Compiled files are known by content and never checked again, so that no
# date of a file can make them stale.
set -eu
dir=$1
shift
python3 -m venv /tmp/pip
python3 -m venv --without-pip "$dir"
/tmp/pip/bin/pip --cert /etc/ssl/certs/ca-certificates.crt --python "$dir/bin/python" install \
	--quiet --progress-bar off --disable-pip-version-check --no-input --no-cache-dir --no-compile \
	--no-deps --require-hashes --only-binary :all: $(printf -- "-r %s " "$@")
rm -rf /tmp/pip

cd "$dir"
packages=$(echo lib/python3.*/site-packages)
find . -name '*.map' -delete
find "$packages/babel/locale-data" -name '*.dat' ! -name en.dat ! -name en_US.dat ! -name root.dat -delete
find "$packages" -type d \( -name tests -o -path '*/tornado/test' \) -prune -exec rm -rf {} +
# Browser tests, and a second copy of share/jupyter/lab/static. Its neighbour
# staging stays: the server reads a file there when it starts.
rm -rf "$packages/jupyterlab/galata" "$packages/jupyterlab/static" share/man
# Debian has the time zones.
rm -rf "$packages/tzdata/zoneinfo"
# A learner's server shows none of the hub's pages, and asks no database: what
# makes SQLAlchemy fast is larger than the rest of it.
rm -rf share/jupyterhub/static "$packages/sqlalchemy/testing"
find "$packages/sqlalchemy" -name '*.so' -delete
python3 -m compileall -q -j 1 --invalidation-mode unchecked-hash "$packages"
bin/jupyterhub-singleuser --version >/dev/null
bin/jupyter-lab --version >/dev/null
