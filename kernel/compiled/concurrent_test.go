package compiled

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gopark/kernel/session"
)

// meet is a cell that ends only when another cell runs at the same time: each
// writes into its own FIFO and reads from the other's.
const meet = `%%%%
other := make(chan string)
go func() {
	b, _ := os.ReadFile(%q)
	other <- string(b)
}()
os.WriteFile(%q, []byte("from %s"), 0)
fmt.Println(<-other)`

// TestCellsAtOnce runs cells beside each other, as subshells do.
func TestCellsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	s := newSession(t)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	run := func(ctx context.Context, count int, code string) (session.Reply, string) {
		var out board
		reply := s.Execute(ctx, session.Request{Code: code, Count: count}, &out)
		return reply, out.String()
	}
	if _, out := run(t.Context(), 1, fmt.Sprintf("!mkfifo %s %s", a, b)); out != "" {
		t.Fatal(out)
	}
	t.Run("own outputs", func(t *testing.T) {
		var all sync.WaitGroup
		defer all.Wait()
		for i, me := range []struct{ name, in, out, want string }{{"a", b, a, "from b\n"}, {"b", a, b, "from a\n"}} {
			all.Go(func() {
				if _, out := run(t.Context(), 2+i, fmt.Sprintf(meet, me.in, me.out, me.name)); out != me.want {
					t.Errorf("cell %s shows %q, not %q", me.name, out, me.want)
				}
			})
		}
	})
	t.Run("one is interrupted, one is not", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		reached := make(chan struct{})
		var beside sync.WaitGroup
		beside.Go(func() {
			<-reached
			// While the first cell runs, another one comes and goes.
			if _, text := run(t.Context(), 5, "%%\nfmt.Println(\"beside\")"); text != "beside\n" {
				t.Errorf("the cell beside shows %q", text)
			}
			cancel()
		})
		out := &cancelling{cancel: sync.OnceFunc(func() { close(reached) })}
		s.Execute(ctx, session.Request{Code: "%%\nfmt.Println(\"on\")\ntime.Sleep(time.Hour)", Count: 4}, out)
		beside.Wait()
		if text := out.String(); !strings.Contains(text, "[Interrupted: stopped after") {
			t.Errorf("the interrupted cell shows %q", text)
		}
	})
	t.Run("one memory", func(t *testing.T) {
		// Declarations, settings and their listing, all at once.
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j, code := range []string{
					fmt.Sprintf("func F%d() int { return %d }", i, i),
					fmt.Sprintf("%%env V%d=%d", i, i),
					"%ls", "%cd .", "%env", "%goflags", "%race off",
					fmt.Sprintf("%%rm F%d", i),
					fmt.Sprintf("func F%d() int { return %d }", i, 10*i),
				} {
					if reply, out := run(t.Context(), 10+10*i+j, code); reply.Failure != nil {
						t.Errorf("%s: %s", code, out)
					}
				}
			})
		}
		all.Wait()
		if _, out := run(t.Context(), 100, "F0()+F1()+F2()+F3()+F4()+F5()+F6()+F7()"); out != "[result 280]" {
			t.Errorf("the memory holds %s", out)
		}
		if _, out := run(t.Context(), 101, "%env V7"); out != "V7=7\n" {
			t.Errorf("the environment holds %s", out)
		}
	})
}
