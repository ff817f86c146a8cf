# install-system.sh: what the image takes from Debian, and the learner: user 1000
# with a home that any other user id may use as well. Logs, lists and backups
# that would differ from day to day go.
set -eu
export DEBIAN_FRONTEND=noninteractive SOURCE_DATE_EPOCH
apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates python3 tini
useradd --no-log-init --create-home --uid 1000 --gid 0 --shell /bin/bash learner
chmod 1777 /home/learner
rm -rf /usr/lib/python3.*/test /usr/lib/python3.*/pydoc_data
rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/ldconfig/aux-cache /var/cache/apt/*.bin \
	/var/cache/debconf/*-old /var/lib/dpkg/*-old /etc/*- /tmp/* /steps
dpkg-query -W >/usr/local/share/debian-packages
