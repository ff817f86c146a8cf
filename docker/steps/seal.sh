# seal.sh: makes the caches ones that anybody may add to and nobody spoils, and
# the same in each build.
#
# The go command deletes what it has not used for five days, by the dates of
# files, and files of an image are always old. It cannot delete or touch files
# of root in folders with the sticky bit, and everybody can add files there.
set -eu
cd /opt
rm -rf gocache/trim.txt gocache/testexpire.txt gomod/cache/download/sumdb gomod/cache/vcs

# Entries hold the time at which they were made, as their last field.
find gocache -name '*-a' -type f -exec sed -i -E 's/ +[0-9]+$/  1577836800000000000/' {} +

# A folder of downloads is a module proxy if each module has a list of its
# versions: of those that are here as source, which have a hash. Their archives
# are unpacked and not needed again.
find gomod/cache/download \( -name '*.lock' -o -name '*.partial' -o -name '*.zip' -o -name list \) -delete
find gomod/cache/download -name '*.ziphash' | sort | while read -r file; do
	version=${file##*/}
	echo "${version%.ziphash}" >>"${file%/*}/list"
done

# One copy of an archive that both kernels use: both caches name files by the
# SHA-256 of what is in them.
find cache/gopark/archives -name '*.a' | while read -r file; do
	hash=${file##*/}
	hash=${hash%.a}
	other=gocache/$(echo "$hash" | cut -c1-2)/$hash-d
	[ ! -e "$other" ] || ln -f "$file" "$other"
done
rm -rf cache/gopark/tmp cache/gopark/programs
find cache/gopark -name '*.lock' -delete

chown -R 0:0 .
find gocache gomod -type d -exec chmod 1777 {} +
# Whoever made a folder first may have made it for itself alone.
find cache -type d -exec chmod 0755 {} +
find gocache gomod cache -type f -exec chmod 0444 {} +
: >gomod/cache/lock
chmod 0666 gomod/cache/lock
# The kernel dates the files of the course's module itself.
find . -path './cache/gopark/modules/*' -type f -o -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
du -sh gocache gomod cache
