package toolchain

import (
	"slices"
	"testing"
)

// What nobody can import is prepared only where something importable, or a
// pattern, needs it, over however many steps.
func TestWanted(t *testing.T) {
	std := func(path string, imports ...string) *listed {
		return &listed{ImportPath: path, Standard: true, Imports: imports}
	}
	all := []*listed{ // dependencies first, as go list has them
		std("unsafe"),
		std("internal/abi", "unsafe"),
		std("vendor/x/dns"),
		std("runtime", "internal/abi"),
		std("internal/testenv", "runtime"), // the library's own tests
		std("internal/fuzz"),
		{ImportPath: "net", Standard: true, Imports: []string{"x/dns"}, ImportMap: map[string]string{"x/dns": "vendor/x/dns"}},
		std("testing/internal/testdeps", "internal/fuzz"),
		std("internal/orphan", "internal/lonely"),
		{ImportPath: "gopark/helpers/internal/x"},
	}
	var got []string
	for _, l := range wanted(all, []string{"std", "testing/internal/testdeps"}) {
		got = append(got, l.ImportPath)
	}
	want := []string{
		"unsafe", "internal/abi", "vendor/x/dns", "runtime", "internal/fuzz", "net",
		"testing/internal/testdeps", "gopark/helpers/internal/x",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Packages that another process has prepared need no preparing.
func TestPreparedElsewhere(t *testing.T) {
	if open(t, Options{CacheDir: t.TempDir()}).Prepared(Normal) {
		t.Error("prepared in an empty folder")
	}
	prepared(t, Normal)
	if !open(t, Options{}).Prepared(Normal) {
		t.Error("not prepared, though another one was in the same folder")
	}
	if !open(t, Options{CacheDir: t.TempDir(), Shared: []string{cacheDir(t)}}).Prepared(Normal) {
		t.Error("not prepared, though it is in a shared folder")
	}
}
