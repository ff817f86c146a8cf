# keep-libgcc.sh DIR: keeps what the image's stand-in for gcc answers with.
#
# The race detector contains C. With its packages compiled, "go build -race" asks
# a C compiler two things only: which version it is, because that is part of how
# results are known, and where its support library is, which the linker wants.
# Both are kept, so that the image needs no compiler (docker/rootfs/…/gcc).
set -eu
mkdir -p "$1"
gcc -### -x c -c - </dev/null 2>&1 | grep '^gcc version' >"$1/version"
cp "$(gcc --print-libgcc-file-name)" "$1/libgcc.a"
