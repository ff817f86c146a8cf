package browser

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPage(t *testing.T) {
	if _, err := Find(); err != nil {
		t.Skip("SKIPPED:", err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			fmt.Fprint(w, `<body style="background:#0f0;height:3000px"><img src="/picture"><img src="data:image/gif,"><script>console.error("broken", {a: 1}); x.y()</script>`)
		}
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := Open(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()

	if sum, err := Eval[int](ctx, p, `new Promise(r => setTimeout(() => r(40 + 2), 5))`); err != nil || sum != 42 {
		t.Errorf("Eval: %d, %v", sum, err)
	}
	if _, err := Eval[int](ctx, p, `Promise.reject(new Error("no such luck"))`); err == nil || !strings.Contains(err.Error(), "no such luck") {
		t.Errorf("Eval of a broken promise: %v", err)
	}
	short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	if _, err := Eval[int](short, p, `new Promise(() => {})`); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Eval without an end: %v, want the deadline's error", err)
	}
	if title, err := Eval[string](ctx, p, `document.title = "still there"`); err != nil || title != "still there" {
		t.Errorf("the page after a deadline: %q, %v", title, err)
	}
	if err := p.Do(ctx, chromedp.WaitVisible(chromedp.CSS("body"))); err != nil {
		t.Error(err)
	}
	if got := p.Requests(); !slices.Contains(got, server.URL+"/picture") || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "data:") }) {
		t.Errorf("requests %q, want the picture's and no data:", got)
	}
	if said := strings.Join(p.Errors(), "\n"); !strings.Contains(said, "broken") || !strings.Contains(said, "x is not defined") {
		t.Errorf("errors %q, want both", said)
	}

	for name, want := range map[string]int{"window": Height, "whole": 3000} {
		file := filepath.Join(t.TempDir(), name+".png")
		if err := p.Screenshot(ctx, file, name == "whole"); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds().Size()
		if size.X != Width || size.Y < want || size.Y > want+50 {
			t.Errorf("%s is %v, want %d×%d", name, size, Width, want)
		}
		if r, g, b, _ := picture.At(600, size.Y-1).RGBA(); r != 0 || g != 0xffff || b != 0 {
			t.Errorf("%s: the last line is not green", name)
		}
	}
}

func TestOpenFails(t *testing.T) {
	if _, err := Find(); err != nil {
		t.Skip("SKIPPED:", err)
	}
	if p, err := Open(t.Context(), "http://127.0.0.1:1/"); err == nil {
		p.Close()
		t.Error("a page was opened where no server is")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := Open(ctx, "about:blank"); !errors.Is(err, context.Canceled) {
		p.Close()
		t.Errorf("Open with a context that has ended: %v", err)
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if path, err := Find(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "lab/browser.sh") {
		t.Errorf("Find without a browser: %q, %v", path, err)
	}
	t.Setenv("GOPARK_VENV", t.TempDir())
	if path, err := Venv(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "lab/setup.sh") {
		t.Errorf("Venv without JupyterLab: %q, %v", path, err)
	}
}
