#!/bin/sh
# Makes sure that the browser tests have a browser: Chromium, and a font without
# which text is drawn as boxes. Does nothing when there is one; installs
# Debian's when it may; otherwise says what to install, and fails.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
	if command -v "$name" >/dev/null; then
		exit 0
	fi
done

hint="install Chromium or Google Chrome and a font such as DejaVu Sans. Debian: sudo apt-get install --no-install-recommends chromium fonts-dejavu-core."
if ! command -v apt-get >/dev/null; then
	echo "browser: none is installed, and there is no apt-get to install one: $hint" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "browser: none is installed, and only root can install one: $hint" >&2
	exit 1
fi

echo "browser: installing chromium and fonts-dejavu-core (half a minute, 440 MB)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Without recommendations: they are a printing system and a Windows network.
if ! { DEBIAN_FRONTEND=noninteractive apt-get update &&
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "browser: apt-get failed; its last words are above. By hand: $hint" >&2
	exit 1
fi
chromium --version
