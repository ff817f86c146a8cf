#!/bin/sh
# Makes a Python environment with JupyterLab and the course's settings in DIR.
#
#   setup.sh DIR          what a learner needs
#   setup.sh DIR tests    and what the tests need
#   setup.sh DIR frontends
#                         instead, other front ends for the tests, in an
#                         environment of their own
#   setup.sh DIR ipykernel
#                         instead, Python's kernel, to compare ours with, in an
#                         environment of its own; JUPYTER_PATH=DIR/share/jupyter
#                         shows it to a front end
#
# Does nothing when DIR is as it should be. When the locked versions have changed
# it makes DIR from nothing, so that kernelspecs and extensions have to be
# installed into it again. Needs Python 3.11 or newer with venv and, the first
# time, a package index as pip is set up to find it. PYTHON names another Python
# than python3.
set -eu

say() { echo "lab: $*"; }
fail() {
	echo "lab: $*" >&2
	exit 1
}

[ $# -ge 1 ] || fail "say where: setup.sh DIR [tests | frontends | ipykernel]"
mkdir -p "$1" || fail "cannot make the folder $1"
dir=$(cd "$1" && pwd)
cd "$(dirname "$0")"
python=${PYTHON:-python3}
index="pip could not install them; its own message is above. It needs a package index once: check the network, or your pip's settings (pip config list)."

# A stamp is a copy of what an environment was made from. Its path is in there,
# because an environment that was moved does not work.
lab=$dir/.lab
tests=$dir/.lab-tests
wanted() {
	echo "$dir"
	cat "$@"
}
current() { # STAMP FILE...: is the stamp still a copy of the files?
	stamp=$1
	shift
	[ -x "$dir/bin/python" ] && wanted "$@" | cmp -s - "$stamp"
}

make_environment() {
	command -v "$python" >/dev/null ||
		fail "$python is not installed. Debian and Ubuntu: sudo apt-get install python3 python3-venv. macOS: brew install python."
	"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
		fail "$("$python" --version) is too old: Python 3.11 or newer is needed. PYTHON=/path/to/python3.12 names another one."
	"$python" -c 'import ensurepip, venv' 2>/dev/null ||
		fail "$python cannot make virtual environments. Debian and Ubuntu: sudo apt-get install python3-venv."
	say "making a Python environment in $dir"
	# Cleared, except that a folder which is no environment is somebody's own.
	if [ -n "$(ls -A "$dir")" ] && [ ! -e "$dir/pyvenv.cfg" ]; then
		fail "$dir holds files that are not a Python environment: name another folder, or remove it."
	fi
	"$python" -m venv --clear "$dir" || fail "the environment could not be made; Python's own message is above."
}

install() { # FILE
	"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes --no-deps --only-binary :all: -r "$1" || fail "$index"
}

copy() { # FILE DIR
	cmp -s "$1" "$2/$1" || { mkdir -p "$2" && cp "$1" "$2/$1"; }
}

separate() { # NAME WHAT: an environment of requirements-NAME.txt alone
	list=requirements-$1.txt
	current "$dir/.$1" "$list" && return
	make_environment
	say "installing $2"
	install "$list"
	if [ "$1" = ipykernel ]; then
		"$dir/bin/python" -m ipykernel install --prefix "$dir" --name ipykernel --display-name ipykernel >/dev/null ||
			fail "ipykernel could not be installed as a kernel; its own message is above."
	fi
	wanted "$list" >"$dir/.$1.new"
	mv "$dir/.$1.new" "$dir/.$1"
}

case ${2:-} in
frontends)
	separate frontends "Notebook 7, jupyter console, papermill and others"
	exit
	;;
ipykernel)
	separate ipykernel "ipykernel"
	exit
	;;
esac

if ! current "$lab" requirements.txt; then
	make_environment
	say "installing JupyterLab (half a minute, 170 MB)"
	install requirements.txt
	wanted requirements.txt >"$lab.new"
	mv "$lab.new" "$lab"
	say "JupyterLab is ready"
fi
copy overrides.json "$dir/share/jupyter/lab/settings"
copy jupyter_lab_config.json "$dir/etc/jupyter"

if [ "${2:-}" = tests ] && ! current "$tests" requirements-test.txt; then
	say "installing what the tests need"
	install requirements-test.txt
	wanted requirements-test.txt >"$tests.new"
	mv "$tests.new" "$tests"
fi
