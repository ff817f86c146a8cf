package chart

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gopark/kernel/labextension"
)

// serveEnv makes this test binary a server, as `gopark render --serve` is.
const serveEnv = "GOPARK_CHART_TEST_SERVE"

func TestMain(m *testing.M) {
	switch os.Getenv(serveEnv) {
	case "":
		goleak.VerifyTestMain(m)
	case "serve":
		if err := Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "die": // with the first chart in its hands
		bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Fprintln(os.Stderr, "out of ink")
		os.Exit(3)
	case "chatter":
		fmt.Println("hello, I am not a renderer")
		bufio.NewReader(os.Stdin).ReadString(0)
	case "mute": // never answers, never ends
		for {
			time.Sleep(time.Hour) // select {} alone would be a deadlock
		}
	}
}

func needBundle(t testing.TB) {
	t.Helper()
	if !labextension.Built() {
		t.Skip("SKIPPED: the chart renderer is not built; run kernel/labextension/build.sh")
	}
}

// charts returns the sample charts that the browser tests draw too.
func charts(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../labextension/testdata/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("sample charts: %q, %v", files, err)
	}
	all := make(map[string][]byte)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = data
	}
	return all
}

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	needBundle(t)
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	r.limit = time.Minute // the first request tells the owner
	t.Cleanup(r.Close)
	return r
}
