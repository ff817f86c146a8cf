package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"log/slog"

	"gopark/kernel/labextension"
	"gopark/kernel/notebook"
	"gopark/kernel/session"
)

func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){
		"gopark": func() {
			os.Exit(runWith(context.Background(), scriptedParts(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// The commands around a kernel that does what its cells say, word by word. The
// real one is tested end to end elsewhere.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			if cond == "renderer" {
				return labextension.Built(), nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			e.Setenv("HOME", home)
			for _, name := range []string{"JUPYTER_DATA_DIR", "JUPYTER_PATH", "XDG_DATA_HOME", "XDG_CACHE_HOME", "VIRTUAL_ENV", "CONDA_PREFIX", "GOFLAGS"} {
				e.Setenv(name, "")
			}
			return os.MkdirAll(home, 0o755)
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

func scriptedParts() parts {
	return parts{
		open: func(_ context.Context, _ *slog.Logger, dir string) (*headless, error) {
			if filepath.Base(dir) == "unlucky" {
				return nil, fmt.Errorf("there is no Go here")
			}
			return &headless{Kernel: scripted{dir}, goVersion: "go1.26.0", close: func() error { return nil }}, nil
		},
		serve: func(_ context.Context, _ *slog.Logger, file string) error {
			_, err := os.Stat(file)
			return err
		},
		toolchain: openToolchain,
	}
}

// A scripted kernel reads its cells as lines of a word and an argument.
type scripted struct{ dir string }

func (k scripted) Execute(ctx context.Context, req notebook.Request, out session.Publisher) notebook.Reply {
	for line := range strings.Lines(req.Code) {
		word, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		text := map[string]any{"text/plain": arg}
		switch word {
		case "out":
			out.Stream("stdout", arg+"\n")
		case "err":
			out.Stream("stderr", arg+"\n")
		case "dir":
			out.Stream("stdout", filepath.Base(k.dir)+"\n")
		case "display":
			out.Display(text, nil, "d")
		case "update":
			out.Update(text, nil, "d")
		case "picture":
			out.Display(map[string]any{"image/png": "iVBORw0KGgo="}, nil, "")
		case "result":
			out.Result(text, nil)
		case "count":
			out.Result(map[string]any{"text/plain": strconv.Itoa(req.Count)}, nil)
		case "ask":
			answer, err := out.Input(ctx, arg, false)
			if err != nil {
				return failure(out, "Input", err.Error(), 1)
			}
			out.Stream("stdout", "you said "+answer+"\n")
		case "hang":
			<-ctx.Done()
			return failure(out, "Interrupted", "stopped while waiting", 1)
		case "panic":
			return failure(out, "Panic", arg, 2)
		case "exit":
			status, _ := strconv.Atoi(arg)
			return failure(out, "Exit", "exit status "+arg, status)
		case "silent": // a failure that was not published
			return notebook.Reply{Status: "error", Name: "Lost", Value: arg}
		}
	}
	return notebook.Reply{Status: "ok"}
}

func failure(out session.Publisher, name, value string, status int) notebook.Reply {
	lines := []string{"\x1b[31m" + name + "\x1b[0m: " + value, "cell [1] line 1"}
	out.Error(name, value, lines)
	return notebook.Reply{Status: "error", Name: name, Value: value, Traceback: lines, ExitStatus: status}
}
