package display

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// A fakeKernel is the other side of a Pipe: it decodes with encoding/gob, as
// kernels do, and keeps what it was shown.
type fakeKernel struct {
	to, from string
	in, out  *os.File
	done     sync.WaitGroup

	mu    sync.Mutex
	shown []peerDisplayData
}

// newKernel makes the pipes; mute leaves syncs unanswered.
func newKernel(t *testing.T, mute bool) *fakeKernel {
	t.Helper()
	dir := t.TempDir()
	k := &fakeKernel{to: filepath.Join(dir, "to"), from: filepath.Join(dir, "from")}
	for _, name := range []string{k.to, k.from} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if k.in, err = os.OpenFile(k.to, os.O_RDWR, 0); err != nil {
		t.Fatal(err)
	}
	if k.out, err = os.OpenFile(k.from, os.O_RDWR, 0); err != nil {
		t.Fatal(err)
	}
	k.done.Go(func() {
		decoder, encoder := gob.NewDecoder(k.in), gob.NewEncoder(k.out)
		for {
			var data peerDisplayData
			if err := decoder.Decode(&data); err != nil {
				return
			}
			if v, ok := data.Data["gonb/comm_value"].(peerCommValue); ok {
				if !mute {
					_ = encoder.Encode(&peerCommValue{Address: "/noise", Value: "x"})
					_ = encoder.Encode(&peerCommValue{Address: addressAck, Value: v.Value})
				}
				continue
			}
			k.mu.Lock()
			k.shown = append(k.shown, data)
			k.mu.Unlock()
		}
	})
	t.Cleanup(k.stop)
	return k
}

func (k *fakeKernel) stop() {
	k.in.Close()
	k.out.Close()
	k.done.Wait()
}

func (k *fakeKernel) displays() []peerDisplayData {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]peerDisplayData(nil), k.shown...)
}

func (p *Pipe) closeForTest() {
	if p.w != nil {
		p.w.Close()
	}
	if p.file != nil {
		p.file.Close()
	}
}

func TestSend(t *testing.T) {
	k := newKernel(t, false)
	p := NewPipe(k.to, k.from)
	defer p.closeForTest()
	big := strings.Repeat("x", 1<<20) // more than a pipe holds
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := p.send(map[string]any{"text/plain": fmt.Sprint(i), "text/html": big}, "id"); err != nil {
				t.Errorf("display %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	shown := k.displays() // No waiting: send returns only after the acknowledgement.
	seen := map[any]bool{}
	for _, d := range shown {
		seen[d.Data["text/plain"]] = true
		if d.Data["text/html"] != big || d.DisplayID != "id" {
			t.Errorf("a display arrived damaged")
		}
	}
	if len(shown) != 20 || len(seen) != 20 {
		t.Errorf("%d displays arrived, %d of them different; want 20", len(shown), len(seen))
	}
}

// TestEnvironment: a child process must not find the pipe.
func TestEnvironment(t *testing.T) {
	k := newKernel(t, false)
	t.Setenv(envPipe, k.to)
	t.Setenv(envPipeBack, k.from)
	p := NewPipe(k.to, k.from)
	defer p.closeForTest()
	if err := p.send(map[string]any{"text/plain": "x"}, ""); err != nil {
		t.Fatal(err)
	}
	if v := os.Getenv(envPipe) + os.Getenv(envPipeBack); v != "" {
		t.Errorf("the environment still names %q", v)
	}
}

func TestKernelFailures(t *testing.T) {
	data := map[string]any{"text/plain": "x"}
	t.Run("silent", func(t *testing.T) {
		k := newKernel(t, true)
		p := NewPipe(k.to, k.from)
		p.patience = 20 * time.Millisecond
		defer p.closeForTest()
		err := p.send(data, "")
		if err == nil || !strings.Contains(err.Error(), "did not acknowledge") {
			t.Errorf("got %v", err)
		}
		if p.usable() {
			t.Error("the pipe is still thought to be usable")
		}
		if again := p.send(data, ""); again != err {
			t.Errorf("second display: %v", again)
		}
	})
	t.Run("never opened", func(t *testing.T) {
		dir := t.TempDir()
		name := filepath.Join(dir, "fifo")
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		p := NewPipe(name, name)
		p.patience = 20 * time.Millisecond
		if err := p.send(data, ""); err == nil || !strings.Contains(err.Error(), "did not open") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("gone", func(t *testing.T) {
		k := newKernel(t, false)
		p := NewPipe(k.to, k.from)
		defer p.closeForTest()
		if err := p.send(data, ""); err != nil {
			t.Fatal(err)
		}
		k.stop()
		if err := p.send(data, ""); err == nil {
			t.Error("a display to a kernel that is gone succeeded")
		}
	})
	t.Run("no such pipe", func(t *testing.T) {
		p := NewPipe("/nonexistent/a", "/nonexistent/b")
		if err := p.send(data, ""); err == nil || p.usable() {
			t.Errorf("got %v, usable %v", err, p.usable())
		}
	})
	t.Run("bad value keeps the pipe", func(t *testing.T) {
		k := newKernel(t, false)
		p := NewPipe(k.to, k.from)
		defer p.closeForTest()
		if err := p.send(map[string]any{"x": struct{}{}}, ""); err == nil || !p.usable() {
			t.Errorf("got %v, usable %v", err, p.usable())
		}
		if err := p.send(data, ""); err != nil {
			t.Error(err)
		}
	})
}

func ExampleBundle() {
	// Outside of a notebook the text is what is shown.
	_ = Bundle(map[string]any{
		HTML:  "<b>4</b> cores",
		Plain: "4 cores",
	}, "")
	// Output: 4 cores
}
