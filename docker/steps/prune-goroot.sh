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
# Of the commands: those that building and testing call, and the sources of those
# that "go tool" builds when asked, such as pprof and trace.
rm -rf pkg/tool/*/fix pkg/tool/*/preprofile src/cmd/vendor/golang.org/x/tools
for dir in asm cgo compile cover fix go gofmt link preprofile vet dist api; do
	rm -rf "src/cmd/$dir"
done
find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
