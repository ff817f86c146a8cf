# warm.sh: fills the caches of both kernels: gopark's archives of both kinds in
# /opt/cache/gopark, the go command's results in GOCACHE, modules in GOMODCACHE.
set -eu

# What cells may import beside the standard library and the helpers.
cat >/tmp/packages <<'END'
golang.org/x/sync/errgroup
golang.org/x/sync/semaphore
golang.org/x/sync/singleflight
github.com/go-echarts/go-echarts/v2/charts
github.com/go-echarts/go-echarts/v2/components
github.com/go-echarts/go-echarts/v2/opts
github.com/go-echarts/go-echarts/v2/types
END

# The dates of files are part of how the go command knows a package, and of the
# name of the index that it keeps of each folder that it looks into: they are set
# before it looks for the first time.
find /opt/gopark/go.mod /opt/gopark/go.sum /opt/gopark/helpers -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# Of other modules: their go.mod, and the sources of what cells import.
cd /opt/gopark
go mod graph >/dev/null
go mod download golang.org/x/sync github.com/go-echarts/go-echarts/v2
go list -deps -f '{{if .Module}}{{.Dir}}/{{end}}' ./helpers/... $(cat /tmp/packages) | sort -u >/tmp/folders
cd "$GOMODCACHE"
find . -path ./cache -prune -o -type f ! -name go.mod ! -iname 'LICEN[CS]E*' ! -name PATENTS -print | while read -r file; do
	folder=$GOMODCACHE/${file#./}
	case $file in
	*_test.go) rm -f "$file" ;;
	*) grep -qxF "${folder%/*}/" /tmp/folders || rm -f "$file" ;;
	esac
done
find ./*.* -type d -empty -delete

find ./*.* -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# Our kernel.
XDG_CACHE_HOME=/opt/cache /opt/gopark/bin/gopark doctor --prepare >/tmp/doctor || true
cat /tmp/doctor
for kind in packages 'race detector'; do
	grep -q "^ok  *$kind" /tmp/doctor || { echo "warm: not prepared: $kind" >&2; exit 1; }
done

# GoNB builds in a folder of its own, in a workspace with the module, and so does
# this: a program and its tests that import all that cells may import.
mkdir /tmp/cell
cd /tmp/cell
cat >go.mod <<'END'
module gonb_cell

go 1.26

require gopark v0.0.0

replace gopark => /opt/gopark
END
{
	echo 'package main'
	echo 'import ('
	(cd /opt/gopark && go list ./helpers/... | grep -v /internal/) | sed 's/.*/_ "&"/'
	go list std | grep -v -e internal -e ^vendor/ -e ^runtime/cgo -e ^runtime/race | sed 's/.*/_ "&"/'
	sed 's/.*/_ "&"/' /tmp/packages
	echo ')'
	echo 'func main() {}'
} >main.go
cat >main_test.go <<'END'
package main

import "testing"

func TestNothing(*testing.T)      {}
func BenchmarkNothing(*testing.B) {}
END
go work init . /opt/gopark
find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
export CGO_ENABLED=0
go build -o /tmp/program .
go test -c -o /tmp/program .
go vet .
export CGO_ENABLED=1
go build -race -o /tmp/program .
go test -race -c -o /tmp/program .
cd /
rm -rf /tmp/*
