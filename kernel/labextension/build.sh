#!/bin/sh
# Builds the chart renderer into dist/: installs what package-lock.json names if
# that has changed, bundles if a source has changed, otherwise does nothing.
#
#   build.sh          build
#   build.sh check    build, check the types, run the unit tests
#
# Needs Node 18 or newer and, the first time, npm's registry.
set -eu
cd "$(dirname "$0")"

fail() {
	echo "chart renderer: $*" >&2
	exit 1
}

command -v node >/dev/null || fail "node is not installed. Install Node 18 or newer, then try again."
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 18 ] || fail "this is Node $major. Install Node 18 or newer, then try again."

# Copies beside what was made of them are the stamps: no clock is trusted.
if ! cmp -s package-lock.json node_modules/.installed; then
	command -v npm >/dev/null || fail "npm is not installed. It comes with Node, or as the package npm."
	echo "chart renderer: installing its build tools (20 packages)"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
		fail "npm ci failed; its own message is above."
	cp package-lock.json node_modules/.installed
fi

inputs=node_modules/.inputs
cat build.mjs package.json package-lock.json src/*.ts >"$inputs.new"
if [ -s dist/ssr.js ] && [ -s dist/labextension/package.json ] && cmp -s "$inputs.new" "$inputs"; then
	rm "$inputs.new"
else
	rm -f "$inputs"
	node build.mjs || fail "the bundle was not built; esbuild's own message is above."
	mv "$inputs.new" "$inputs"
	echo "chart renderer: built"
fi

if [ "${1:-}" = check ]; then
	node_modules/.bin/tsc -p .
	node test/run.mjs
fi
