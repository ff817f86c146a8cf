# install-lab.sh DIR REQUIREMENTS: JupyterLab in a virtual environment without
# pip. What a server never reads is dropped. Compiled files are known by content
# and never checked again, so that no date of a file can make them stale.
set -eu
python3 -m venv /tmp/pip
python3 -m venv --without-pip "$1"
/tmp/pip/bin/pip --cert /etc/ssl/certs/ca-certificates.crt --python "$1/bin/python" install \
	--quiet --progress-bar off --disable-pip-version-check --no-input --no-cache-dir --no-compile \
	--no-deps --require-hashes --only-binary :all: -r "$2"
rm -rf /tmp/pip

cd "$1"
packages=$(echo lib/python3.*/site-packages)
find . -name '*.map' -delete
find "$packages/babel/locale-data" -name '*.dat' ! -name en.dat ! -name en_US.dat ! -name root.dat -delete
find "$packages" -type d -name tests -prune -exec rm -rf {} +
# Browser tests, and a second copy of share/jupyter/lab/static. Its neighbour
# staging stays: the server reads a file there when it starts.
rm -rf "$packages/jupyterlab/galata" "$packages/jupyterlab/static" share/man
python3 -m compileall -q -j 1 --invalidation-mode unchecked-hash "$packages"
