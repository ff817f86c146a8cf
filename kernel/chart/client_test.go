package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// newClient returns a client whose process is this test binary in a role.
func newClient(t *testing.T, role string) *Client {
	t.Helper()
	needBundle(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(serveEnv, role)
	c := NewClient(self)
	t.Cleanup(c.Close)
	return c
}

// pid returns the process that serves the client, or 0.
func (c *Client) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return 0
	}
	return c.server.cmd.Process.Pid
}

func TestServe(t *testing.T) {
	needBundle(t)
	var in, out bytes.Buffer
	fmt.Fprintf(&in, `{"id":7,"width":640,"chart":%s}`+"\n", bar(""))
	fmt.Fprintln(&in, `{"id":8,"width":640,"chart":{"version":9}}`)
	fmt.Fprintln(&in, `{"id":9,"width":1,"chart":{}}`)
	fmt.Fprintf(&in, `{"id":10,"width":320,"chart":%s}`, bar(""))
	if err := Serve(t.Context(), &in, &out); err != nil {
		t.Fatal(err)
	}
	var got []answer
	for dec := json.NewDecoder(&out); ; {
		var a answer
		if err := dec.Decode(&a); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	if len(got) != 4 || got[0].ID != 7 || !strings.HasPrefix(got[0].SVG, "<svg") || got[0].Error != "" ||
		got[1].ID != 8 || !strings.Contains(got[1].Error, "version 9") || got[1].SVG != "" ||
		got[2].ID != 9 || got[2].Error == "" || got[3].ID != 10 || got[3].SVG == "" {
		t.Errorf("answers: %.400v", got)
	}
}

func TestServeEnds(t *testing.T) {
	needBundle(t)
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx context.Context
		in  string
	}{
		"nonsense":        {t.Context(), "GET / HTTP/1.1\n"},
		"an endless line": {t.Context(), strings.Repeat("x", maxLine+1)},
		"ctx":             {stop, `{"id":1}` + "\n"},
	} {
		if err := Serve(test.ctx, strings.NewReader(test.in), io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := Serve(t.Context(), strings.NewReader(""), io.Discard); err != nil {
		t.Errorf("the end of the input: %v", err)
	}
}

func TestClient(t *testing.T) {
	c := newClient(t, "serve")
	if c.pid() != 0 {
		t.Fatal("started before the first chart")
	}
	start := time.Now()
	first, err := c.SVG(t.Context(), bar(""), 640)
	if err != nil || !bytes.HasPrefix(first, []byte("<svg")) {
		t.Fatalf("%v, %.100s", err, first)
	}
	t.Logf("first chart, cold: %v", time.Since(start))
	pid := c.pid()

	// The same chart, spaced otherwise, is remembered.
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, bar(""), "", "  "); err != nil {
		t.Fatal(err)
	}
	again, err := c.SVG(t.Context(), spaced.Bytes(), 640)
	if err != nil || &again[0] != &first[0] {
		t.Errorf("the same chart was drawn again (%v)", err)
	}
	if wide, err := c.SVG(t.Context(), bar(""), 800); err != nil || bytes.Equal(wide, first) {
		t.Errorf("another width gave the same picture (%v)", err)
	}
	if _, err := c.SVG(t.Context(), []byte(`{"version":3}`), 640); err == nil || !strings.Contains(err.Error(), "version 3") {
		t.Errorf("a bad chart: %v", err)
	}
	if _, err := c.SVG(t.Context(), []byte(`{`), 640); err == nil {
		t.Error("half a chart was drawn")
	}
	if c.pid() != pid {
		t.Error("the process did not last")
	}

	// It dies; nobody notices.
	if p, err := os.FindProcess(pid); err != nil || p.Kill() != nil {
		t.Fatal("cannot kill the process", err)
	}
	if _, err := c.SVG(t.Context(), bar(`"title":{"text":"after"}`), 640); err != nil {
		t.Errorf("after the process was killed: %v", err)
	}
	if c.pid() == pid {
		t.Error("the process was not started again")
	}
	c.Close()
	if _, err := c.SVG(t.Context(), bar(`"title":{"text":"closed"}`), 640); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

func TestClientConcurrent(t *testing.T) {
	c := newClient(t, "serve")
	c.Warm()
	c.Warm()
	var work sync.WaitGroup
	for i := range 12 {
		work.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%3 == 0 {
				cancel()
			}
			want := fmt.Sprintf("<title>number %d</title>", i)
			svg, err := c.SVG(ctx, bar(fmt.Sprintf(`"title":{"text":"number %d"}`, i)), 640)
			switch {
			case i%3 == 0 && err != nil && !errors.Is(err, context.Canceled):
				t.Errorf("chart %d: %v, want canceled", i, err)
			case i%3 != 0 && (err != nil || !strings.Contains(string(svg), want)):
				t.Errorf("chart %d: %v, %.200s", i, err, svg)
			}
		})
	}
	work.Wait()
}

func TestClientRests(t *testing.T) {
	if testing.Short() && underRace {
		t.Skip("skipped: starts three processes, ten times slower under the race detector")
	}
	c := newClient(t, "serve")
	c.idle = time.Millisecond
	for i := range 3 {
		if _, err := c.SVG(t.Context(), bar(fmt.Sprintf(`"title":{"text":"%d"}`, i)), 640); err != nil {
			t.Fatal(err)
		}
		end := time.After(10 * time.Second)
		for tick := time.Tick(time.Millisecond); c.pid() != 0; {
			select {
			case <-tick:
			case <-end:
				t.Fatal("an idle process is kept")
			}
		}
	}
}

func TestClientFailures(t *testing.T) {
	for role, want := range map[string]string{
		"die":     "out of ink",
		"chatter": "died",
	} {
		t.Run(role, func(t *testing.T) {
			c := newClient(t, role)
			if _, err := c.SVG(t.Context(), bar(""), 640); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		})
	}
	t.Run("mute", func(t *testing.T) {
		c := newClient(t, "mute")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.SVG(ctx, bar(""), 640); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline's", err)
		}
		start := time.Now()
		c.Close()
		if took := time.Since(start); took > 5*closeTime {
			t.Errorf("Close took %v", took)
		}
	})
	t.Run("missing", func(t *testing.T) {
		c := NewClient("/nonexistent/gopark", "render")
		defer c.Close()
		c.Warm()
		if _, err := c.SVG(t.Context(), bar(""), 640); err == nil || !strings.Contains(err.Error(), "/nonexistent/gopark") {
			t.Errorf("error %v, want one that names the command", err)
		}
	})
}

func TestCache(t *testing.T) {
	c := cache{limit: 10}
	k := func(i byte) key { return key{sum: [32]byte{i}} }
	put := func(i byte, size int) { c.put(k(i), make([]byte, size)) }
	has := func(i byte) bool { _, ok := c.get(k(i)); return ok }
	put(1, 4)
	put(2, 4)
	if !has(1) || !has(2) {
		t.Fatal("lost while there was room")
	}
	has(1)
	put(3, 4) // 2 was used longest ago
	if !has(1) || has(2) || !has(3) {
		t.Errorf("has 1 %v, 2 %v, 3 %v; want all but 2", has(1), has(2), has(3))
	}
	put(4, 11)
	put(1, 4)
	if has(4) || !has(1) || !has(3) || c.size != 8 || c.order.Len() != 2 {
		t.Errorf("size %d of %d pictures, want 8 of 2", c.size, c.order.Len())
	}
}
