# prune-goroot.sh FROM TO: copies a Go distribution without what nobody builds
# with: its own tests, documents, and what bootstraps it. The go command knows
# the standard library by the dates of its files, so they are set here, for good.
set -eu
mkdir -p "$2"
cp -a "$1/." "$2/"
cd "$2"
rm -rf test api doc misc codereview.cfg CONTRIBUTING.md SECURITY.md README.md pkg/obj pkg/bootstrap
find src -type d -name testdata -prune -exec rm -rf {} +
find src -name '*_test.go' -delete
rm -f src/crypto/x509/*.pem # keys of tests
# Of the commands: those that building and testing call, and the sources of those
# that "go tool" builds when asked, such as pprof and trace.
rm -rf pkg/tool/*/fix pkg/tool/*/preprofile src/cmd/vendor/golang.org/x/tools
for dir in asm cgo compile cover fix go gofmt link preprofile vet dist api; do
	rm -rf "src/cmd/$dir"
done
(cd src/cmd/vendor/golang.org/x && rm -rf text build mod sys/windows sys/plan9)
# Files for other systems and processors, by the names that the go command goes
# by: cells are built for this one.
here=$(./bin/go env GOARCH)
systems='aix|android|darwin|dragonfly|freebsd|illumos|ios|js|netbsd|openbsd|plan9|solaris|wasip1|windows|zos'
processors=$(echo 386 amd64 arm arm64 loong64 mips mips64 mips64le mips64x mipsle mipsx ppc64 ppc64le ppc64x riscv64 s390x wasm |
	tr ' ' '\n' | grep -vx "$here" | paste -s -d '|')
find src -type f -regextype posix-extended \
	-regex ".*/[^/]+_($systems|$processors)(_[a-z0-9]+)?\.(go|s|h|syso)" -delete
find src -type f -regextype posix-extended -regex ".*/[^/]+_linux_($processors)\.(go|s|h|syso)" -delete
find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
