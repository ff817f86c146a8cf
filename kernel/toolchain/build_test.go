package toolchain

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	tests := []struct{ name, text, want string }{
		{"fmt", `package main; import "fmt"; func main() { fmt.Println("hi") }`, "hi"},
		{"no imports", `package main; func main() { println("bare") }`, "bare"},
		{"unsafe", `package main; import ("fmt"; "unsafe"); func main() { fmt.Println(unsafe.Sizeof(int32(1))) }`, "4"},
		{"course", `package main; import ("fmt"; "gopark/helpers"; "gopark/helpers/deep"); func main() { fmt.Println(helpers.Hello(), deep.Answer()) }`, "hello 42"},
		{"errgroup", `package main; import ("fmt"; "golang.org/x/sync/errgroup"); func main() { var g errgroup.Group; fmt.Println(g.Wait()) }`, "<nil>"},
		{"net/http", `package main; import ("fmt"; "net/http"); func main() { fmt.Println(http.StatusText(418)) }`, "I'm a teapot"},
		{"deadlock is noticed", `package main; import "net/http"; var _ = http.Get; func main() { select {} }`, "all goroutines are asleep - deadlock!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bin := build(t, m, unique(tt.text), Config{})
			if bin.Cached || bin.Fallback != "" || bin.Compile == 0 || bin.Link == 0 {
				t.Errorf("%+v, want a direct build", bin)
			}
			out, _ := execute(t, bin.Path)
			mustContain(t, out, tt.want)
		})
	}
	if left := leftovers(t, tc); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Messages name cells, without any folder.
func TestPlaces(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	const body = "package main\n\n//line cell[4]:7:1\nfunc main() {\n\tvar m map[string]int\n\tm[\"x\"] = 1\n}\n"

	check := func(t *testing.T, text string, c Config) {
		bin := build(t, m, unique(text), c)
		out, err := execute(t, bin.Path)
		if err == nil {
			t.Error("the program did not panic")
		}
		mustContain(t, out, "\n\tcell[4]:9 +0x")
		mustNotContain(t, out, tc.dir, m.Dir())
	}
	t.Run("panic", func(t *testing.T) { check(t, body, Config{}) })
	t.Run("panic of go build", func(t *testing.T) { check(t, body, Config{Flags: []string{"-tags=x"}}) })
	t.Run("panic without directive", func(t *testing.T) {
		bin := build(t, m, unique("package main\nfunc main() {\n\tpanic(1)\n}\n"), Config{})
		out, _ := execute(t, bin.Path)
		mustContain(t, out, "\n\tmain.go:3 +0x")
		mustNotContain(t, out, tc.dir)
	})
	t.Run("panic in a file called after its cell", func(t *testing.T) {
		bin, err := m.Build(context.Background(), []Source{{"cell[9]", []byte(unique("package main\nfunc main() {\n\tpanic(1)\n}\n"))}}, Config{})
		if err != nil {
			t.Fatal(err)
		}
		out, _ := execute(t, bin.Path)
		mustContain(t, out, "\n\tcell[9]:3 +0x")
	})

	bad := []struct{ name, text, want string }{
		{"type", "package main\n//line cell[4]:7:1\nfunc main() {\n\tvar s string = 1\n}\n", "cell[4]:8:"},
		{"syntax", "package main\n//line cell[4]:7:1\nfunc main() {\n\tx := := 1\n}\n", "cell[4]:8:7: syntax error"},
		{"no main", "package main\n//line cell[4]:7:1\nfunc notMain() {}\n", "function main is undeclared in the main package"},
		{"no directive", "package main\nfunc main() {\n\treturn 1\n}\n", "main.go:3:9: too many return values"},
	}
	for _, tt := range bad {
		for _, flags := range [][]string{nil, {"-tags=x"}} {
			t.Run(tt.name+strings.Join(flags, ""), func(t *testing.T) {
				_, err := m.Build(context.Background(), source1(tt.text), Config{Flags: flags})
				var ce *CompileError
				if !errors.As(err, &ce) {
					t.Fatalf("got %v, want a CompileError", err)
				}
				mustContain(t, ce.Output, tt.want)
				mustNotContain(t, ce.Output, tc.dir, m.Dir(), "command-line-arguments", ".build")
				if strings.HasPrefix(tt.want, "cell") || strings.HasPrefix(tt.want, "main.go") {
					if !strings.HasPrefix(ce.Output, tt.want[:7]) {
						t.Errorf("a place does not start the message:\n%s", ce.Output)
					}
				}
			})
		}
	}
}

func TestRace(t *testing.T) {
	tc := prepared(t, Race)
	m := newModule(t, tc)
	const text = `package main

import ("fmt"; "sync")

//line cell[3]:1:1
func main() {
	n := 0
	var wg sync.WaitGroup
	wg.Go(func() { n++ })
	n++
	wg.Wait()
	fmt.Println(n)
}
`
	bin := build(t, m, unique(text), Config{Flags: []string{"-race"}})
	if bin.Fallback != "" {
		t.Errorf("fallback: %s", bin.Fallback)
	}
	out, err := execute(t, bin.Path)
	if err == nil {
		t.Error("exit status 0 with a race")
	}
	mustContain(t, out, "WARNING: DATA RACE", "\n      cell[3]:4 ")
	mustNotContain(t, out, tc.dir)
}

// Once prepared, race programs link where there is no C compiler.
func TestRaceWithoutCompiler(t *testing.T) {
	prepared(t, Race)
	goroot := open(t, Options{}).env.goroot
	t.Setenv("PATH", filepath.Join(goroot, "bin"))
	if _, err := exec.LookPath("gcc"); err == nil {
		t.Skip("a C compiler beside go")
	}
	tc := prepared(t)
	if err := tc.Prepare(context.Background(), Race, nil); err != nil {
		t.Fatal(err)
	}
	bin := build(t, newModule(t, tc), unique(`package main; func main() { println("ok") }`), Config{Kind: Race})
	out, _ := execute(t, bin.Path)
	mustContain(t, out, "ok")

	fresh := open(t, Options{CacheDir: t.TempDir()})
	err := fresh.Prepare(context.Background(), Race, nil)
	var none *NoCompilerError
	if !errors.As(err, &none) {
		t.Fatalf("got %v, want a NoCompilerError", err)
	}
	mustContain(t, err.Error(), "apt install gcc")
}

func TestFlags(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	const text = `package main

import "fmt"

var version = "none"

//line cell[2]:1:1
func main() {
	p := new(int)
	fmt.Println(version, p != nil)
}
`
	tests := []struct {
		name             string
		c                Config
		fallback         string
		output, programs string
	}{
		{"gcflags", Config{Flags: []string{"-gcflags=-m"}}, "", "cell[2]:3:13: ... argument does not escape", "none true"},
		{"gcflags, two words", Config{Flags: []string{"-gcflags", "-m -l"}}, "", "cell[2]:3:13: ... argument does not escape", "none true"},
		{"ldflags", Config{Flags: []string{`-ldflags=-X 'main.version=1 2'`}}, "", "", "1 2 true"},
		{"trimpath", Config{Flags: []string{"-trimpath"}}, "", "", "none true"},
		{"tags", Config{Flags: []string{"-tags=netgo"}}, "-tags=netgo", "", "none true"},
		{"tags, two words", Config{Flags: []string{"-tags", "netgo"}}, "-tags", "", "none true"},
		{"pattern", Config{Flags: []string{"-gcflags=fmt=-l", "-ldflags=-X main.version=3"}}, "-gcflags=fmt=-l", "", "3 true"},
		{"environment", Config{Env: []string{"GOEXPERIMENT=nogreenteagc", "HOME=/nowhere", "GOGC=5"}}, "GOEXPERIMENT=nogreenteagc", "", "none true"},
		{"environment of the program", Config{Env: []string{"GOMAXPROCS=1", "X=y", "GODEBUG=schedtrace=1000"}}, "", "", "none true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "environment" && testing.Short() {
				t.Skip("compiles the runtime")
			}
			text := unique(text)
			for _, again := range []bool{false, true} {
				bin := build(t, m, text, tt.c)
				if bin.Fallback != tt.fallback {
					t.Errorf("fallback %q, want %q", bin.Fallback, tt.fallback)
				}
				if want := again && tt.fallback == ""; bin.Cached != want {
					t.Errorf("cached: %v, want %v", bin.Cached, want)
				}
				mustContain(t, bin.Output, tt.output)
				if tt.output == "" && bin.Output != "" {
					t.Errorf("unexpected words: %s", bin.Output)
				}
				out, _ := execute(t, bin.Path)
				mustContain(t, out, tt.programs)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(m.Dir(), ".build")); err == nil {
		t.Error("go build's folder is left")
	}
}

// The generated main of a test: testing.Testing is true, synctest works.
func TestTestMain(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	text := unique(`package main

import ("os"; "testing"; "testing/internal/testdeps"; "testing/synctest"; "time"; "fmt")

func TestX(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { time.Sleep(time.Hour) })
	fmt.Println("in a test:", testing.Testing())
}

func main() {
	m := testing.MainStart(testdeps.TestDeps{}, []testing.InternalTest{{"TestX", TestX}}, nil, nil, nil)
	os.Exit(m.Run())
}
`)
	out, err := execute(t, build(t, m, text, Config{}).Path, "-test.v")
	if err != nil {
		t.Error(err)
	}
	mustContain(t, out, "in a test: true", "--- PASS: TestX", "PASS")
}

func TestMissingImport(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	_, err := m.Build(context.Background(), source1(`package main; import _ "example.com/none"; func main() {}`), Config{})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Path != "example.com/none" {
		t.Errorf("got %v, want a MissingError", err)
	}
}
