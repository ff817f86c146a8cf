package toolchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// goEnv is what `go env` said once, and the environments made of it.
type goEnv struct {
	command string // absolute path of the go command
	version string
	goroot  string
	tooldir string
	goos    string
	goarch  string
	cc      string            // C compiler, as in CC
	all     map[string]string // everything that go env printed
	outer   []string          // the process's environment without any Go setting
}

// passed are the settings of the user that go commands still see: where
// modules and caches are and how to fetch. Everything else that `go env`
// knows is left out, so that a GOFLAGS or GOWORK meant for other work, in the
// environment or in the file that `go env -w` writes, breaks nothing here.
var passed = []string{
	"GOPATH", "GOMODCACHE", "GOCACHE", "GOCACHEPROG", "GOTMPDIR",
	"GOPROXY", "GONOPROXY", "GOPRIVATE", "GOINSECURE", "GOAUTH", "GOVCS", "GOSUMDB", "GONOSUMDB",
	"CC", "CXX", "AR", "PKG_CONFIG", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS",
}

// variants are the settings that change what every package compiles to.
var variants = []string{
	"GOEXPERIMENT", "GOFIPS140",
	"GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64",
}

// runtimeOnly change a running Go program, be it the compiler: a learner's
// GODEBUG must not reach it.
var runtimeOnly = []string{"GODEBUG", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GOTRACEBACK", "GORACE", "GOCOVERDIR", "PWD"}

// readEnv asks the go command once. It is asked in the course's module, so
// that its go and toolchain lines pick the toolchain as they would for the
// user; afterwards that toolchain is used and never switched.
func readEnv(ctx context.Context, command, dir string) (goEnv, error) {
	if command == "" {
		command = "go"
	}
	path, err := exec.LookPath(command)
	if err != nil {
		return goEnv{}, fmt.Errorf("no Go toolchain: %w: install Go from https://go.dev/dl, or put its bin folder into PATH", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return goEnv{}, err
	}
	if dir == "" {
		dir = os.TempDir()
	}
	// Programs run here, whatever system the user cross-compiles for.
	env := append(os.Environ(), "GOWORK=off", "GO111MODULE=on", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	out, err := run(ctx, process{path: path, args: []string{"env", "-json"}, dir: dir, env: env})
	if err != nil {
		return goEnv{}, fmt.Errorf("asking %s for its settings: %w", path, err)
	}
	e := goEnv{command: path}
	if err := json.Unmarshal(out.stdout, &e.all); err != nil {
		return goEnv{}, fmt.Errorf("reading the settings of %s: %w", path, err)
	}
	e.version, e.goroot = e.all["GOVERSION"], e.all["GOROOT"]
	e.goos, e.goarch = runtime.GOOS, runtime.GOARCH
	e.cc, e.tooldir = e.all["CC"], e.all["GOTOOLDIR"]
	if e.version == "" || e.goroot == "" || e.tooldir == "" {
		return goEnv{}, errors.New("asking " + path + " for its settings: no GOVERSION, GOROOT or GOTOOLDIR in the answer")
	}
	// The toolchain that go.mod asked for may be another than the one in PATH.
	if own := filepath.Join(e.goroot, "bin", "go"); isExecutable(own) {
		e.command = own
	}
	e.profileLeaks()
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if _, known := e.all[name]; known || slices.Contains(runtimeOnly, name) || name == "GOENV" || name == "GOTOOLCHAIN" {
			continue
		}
		e.outer = append(e.outer, kv)
	}
	return e, nil
}

// leakExperiment adds the goroutine leak profile to the runtime. It costs nothing
// until it is asked for. From Go 1.27 on it is there without being asked for.
const leakExperiment = "goroutineleakprofile"

func (e *goEnv) profileLeaks() {
	have := e.all["GOEXPERIMENT"]
	if version.Lang(e.version) != "go1.26" || strings.Contains(have, leakExperiment) {
		return // the user may have said no
	}
	e.all["GOEXPERIMENT"] = strings.TrimPrefix(have+","+leakExperiment, ",")
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// forGo is the environment of a go command that builds for kind k.
func (e *goEnv) forGo(k Kind, network bool) []string {
	env := append(e.target(k), e.said(passed)...)
	env = append(env, "GOENV=off", "GOWORK=off", "GOFLAGS=-mod=mod", "GO111MODULE=on", "GOTOOLCHAIN=local")
	if !network {
		env = append(env, "GOPROXY=off", "GOSUMDB=off", "GOVCS=*:off")
	}
	return env
}

// forTool is the environment of compile and link. Their collector is off
// because they live for a tenth of a second; the limit keeps a huge program
// from taking the machine.
func (e *goEnv) forTool(k Kind) []string {
	return append(e.target(k), "GOROOT="+e.goroot, "GOGC=off", "GOMEMLIMIT=2GiB")
}

// target is an environment that says what is built, for kind k.
func (e *goEnv) target(k Kind) []string {
	cgo := "0"
	if k == Race {
		cgo = "1"
	}
	env := append(slices.Clone(e.outer), e.said(variants)...)
	return append(env, "GOOS="+e.goos, "GOARCH="+e.goarch, "CGO_ENABLED="+cgo)
}

// said are those of the settings that go env printed.
func (e *goEnv) said(names []string) (env []string) {
	for _, name := range names {
		if v := e.all[name]; v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// identity is everything about the toolchain that archives depend on.
func (e *goEnv) identity() []string {
	id := []string{e.version, e.goroot, e.goos, e.goarch}
	for _, name := range variants {
		id = append(id, name+"="+e.all[name])
	}
	return id
}
