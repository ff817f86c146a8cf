package toolchain

import (
	"context"
	"flag"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	flag.Parse()
	goleak.VerifyTestMain(m)
}

// course is a module gopark small enough to compile in no time.
func course() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"go.mod": file("module gopark\n\ngo 1.26.0\n\nrequire golang.org/x/sync v0.24.0\n"),
		"go.sum": file("golang.org/x/sync v0.24.0 h1:iqiDrGoDgyuvAKrhLQthUEzU/R378N78gXbBjxed7oA=\n" +
			"golang.org/x/sync v0.24.0/go.mod h1:sUUOizhqBxiL6pEWpqNLUiaJn1ShEbZ6BBqskPbjZm0=\n"),
		"helpers/helpers.go":           file("package helpers\n\nfunc Hello() string { return \"hello\" }\n"),
		"helpers/helpers_test.go":      file("package helpers\n\nthis is not Go\n"),
		"helpers/deep/deep.go":         file("package deep\n\nfunc Answer() int { return 42 }\n"),
		"helpers/internal/secret/s.go": file("package secret\n"),
	}
}

// cacheDir is kept from one run of the tests to the next, so that only the
// first one compiles the standard library.
func cacheDir(tb testing.TB) string {
	if dir := os.Getenv("GOPARK_TEST_CACHE"); dir != "" {
		return dir
	}
	base, err := os.UserCacheDir()
	if err != nil {
		tb.Skip(err)
	}
	return filepath.Join(base, "gopark-test")
}

// testLog shows what the toolchain logs when a test fails.
func testLog(tb testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(tb.Output(), nil))
}

func open(tb testing.TB, o Options) *Toolchain {
	tb.Helper()
	if o.CacheDir == "" {
		o.CacheDir = cacheDir(tb)
	}
	if o.Module == nil {
		o.Module = fs.FS(course())
	}
	o.Log = testLog(tb)
	tc, err := Open(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	return tc
}

// prepared is a toolchain ready to build programs of these kinds.
func prepared(tb testing.TB, ks ...Kind) *Toolchain {
	tb.Helper()
	tc := open(tb, Options{})
	for _, k := range ks {
		prepare(tb, tc, k)
	}
	return tc
}

func prepare(tb testing.TB, tc *Toolchain, k Kind) {
	tb.Helper()
	if k == Race {
		if _, err := exec.LookPath("gcc"); err != nil && !tc.Prepared(Race) {
			tb.Skip("no C compiler")
		}
	}
	if err := tc.Prepare(context.Background(), k, nil); err != nil {
		tb.Fatal(err)
	}
}

func newModule(tb testing.TB, tc *Toolchain) *Module {
	tb.Helper()
	m, err := tc.NewModule(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func build(tb testing.TB, m *Module, text string, c Config) Binary {
	tb.Helper()
	bin, err := m.Build(context.Background(), source1(text), c)
	if err != nil {
		tb.Fatal(err)
	}
	return bin
}

func source1(text string) []Source { return []Source{{Name: "main.go", Text: []byte(text)}} }

// unique makes a program that no cache has seen.
func unique(text string) string {
	return text + "\n// " + time.Now().Format(time.RFC3339Nano) + "\n"
}

// execute runs a program and returns everything that it wrote.
func execute(tb testing.TB, path string, args ...string) (string, error) {
	tb.Helper()
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// leftovers lists what builds left in the temporary folder.
func leftovers(tb testing.TB, tc *Toolchain) []string {
	tb.Helper()
	list, err := filepath.Glob(filepath.Join(tc.dir, "tmp", "*"))
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func mustContain(tb testing.TB, text string, parts ...string) {
	tb.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			tb.Errorf("no %q in:\n%s", part, text)
		}
	}
}

func mustNotContain(tb testing.TB, text string, parts ...string) {
	tb.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			tb.Errorf("there is %q in:\n%s", part, text)
		}
	}
}
