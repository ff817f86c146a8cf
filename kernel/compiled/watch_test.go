package compiled

import (
	"context"
	"strings"
	"testing"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/session"
)

// look builds a program and looks at it once nothing moves in it.
func look(t *testing.T, e *Engine, text string, race bool) session.Look {
	t.Helper()
	packages, err := e.Packages(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var memory cell.Memory
	p, err := memory.Check(cell.Parse(1, text), packages, false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.Build(t.Context(), p, session.BuildConfig{Race: race}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var found session.Look
	var lookErr error
	inv := session.Invocation{Path: b.Path, Dir: t.TempDir(), Watch: func(ctx context.Context, r session.Running) {
		defer stop()
		var last time.Duration
		for still := 0; still < 5; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
			used, idle, err := r.Used()
			if err != nil {
				lookErr = err
				return
			}
			if still++; !idle || used != last {
				last, still = used, 0
			}
		}
		found, lookErr = r.Look(ctx)
	}}
	if _, err := e.Run(ctx, inv, silent{}); err != nil {
		t.Fatal(err)
	}
	if lookErr != nil {
		t.Fatal(lookErr)
	}
	return found
}

// TestLook compares what is seen from outside with what the program is known to
// be at.
func TestLook(t *testing.T) {
	var engine *Engine
	newSessionWith(t, t.TempDir(), func(_ *session.Options, e *Engine) { engine = e })
	const begin = "import (\"net\"; \"os\"; \"os/signal\"; \"sync\"; \"time\")\nvar _ net.Addr; var _ os.Signal; var _ = signal.Stop; var _ sync.Mutex; var _ = time.Now\nfunc main() {\n"
	for _, tt := range []struct {
		name, body string
		want       []string
		closed     bool
	}{
		// The signal keeps the runtime from finding the deadlock first; it may
		// wake somebody, so nothing is proved.
		{"every wait", `signal.Notify(make(chan os.Signal, 1), os.Interrupt)
			c := make(chan int); var mu sync.Mutex; mu.Lock(); var wg sync.WaitGroup; wg.Add(1); var rw sync.RWMutex; rw.Lock()
			go func() { c <- 1; c <- 2 }(); <-c
			go func() { for range c {} }(); go func() { select { case <-make(chan int): case <-make(chan bool): } }()
			go func() { mu.Lock() }()
			go func() { wg.Wait() }(); go func() { rw.RLock() }(); go func() { time.Sleep(time.Hour) }()
			go func() { l, err := net.Listen("tcp", "127.0.0.1:0"); if err == nil { l.Accept() } }()
			time.Sleep(20*time.Millisecond)
			var none chan int; <-none`,
			[]string{"[chan receive (nil chan)]", "[chan receive]", "[select]", "[sync.Mutex.Lock]", "[sync.WaitGroup.Wait]", "[sync.RWMutex.RLock]", "[sleep]", "[IO wait]",
				"main.main(...)\n\tcell[1]:12\n", "created by main.main in goroutine 1\n\tcell[1]:9\n", "sync.(*Mutex).Lock(...)"}, false},
		{"a timer", `c := make(chan int); time.AfterFunc(time.Hour, func() { c <- 1 }); <-c`, []string{"[chan receive]"}, false},
		{"a listener", `l, _ := net.Listen("tcp", "127.0.0.1:0"); l.Accept()`, []string{"[IO wait]"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := look(t, engine, begin+tt.body+"\n}", false)
			if got.Closed != tt.closed {
				t.Errorf("closed: %v", got.Closed)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.Dump, want) {
					t.Errorf("no %q in\n%s", want, got.Dump)
				}
			}
		})
	}
	// With the race detector the runtime says nothing of a deadlock.
	got := look(t, engine, begin+`c := make(chan int); go func() { <-c }(); var mu sync.Mutex; mu.Lock(); mu.Lock()`+"\n}", true)
	if !got.Closed {
		t.Errorf("not closed:\n%s", got.Dump)
	}
}
