package compiled

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

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

// corpus is the programs of one of explain's archives.
func corpus(t *testing.T, name string) []txtar.File {
	t.Helper()
	a, err := txtar.ParseFile("../explain/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return a.Files
}

// An alert is a board that stops the program when it shows what is waited for.
type alert struct {
	board
	want string
	stop func()
}

func (a *alert) Display(data, metadata map[string]any, id string) {
	a.board.Display(data, metadata, id)
	if a.want != "" && strings.Contains(a.String(), a.want) {
		a.stop()
	}
}

// watched runs a program for a time, or until it shows what is wanted, and
// returns all that was shown.
func watched(t *testing.T, s *session.Session, count int, code, want string, d time.Duration) (shown string, r session.Reply) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	b := &alert{want: want, stop: cancel}
	r = s.Execute(ctx, session.Request{Code: code, Count: count}, b)
	return b.String(), r
}

// TestWatchIsCalm runs programs that rightly wait: not a word about them.
func TestWatchIsCalm(t *testing.T) {
	if testing.Short() || os.Getenv("GOPARK_E2E") == "" {
		t.Skip("SKIPPED: waits for programs that wait, a minute and a half; set GOPARK_E2E=1")
	}
	s := newSession(t)
	count := 0
	var all sync.WaitGroup
	for _, f := range append(corpus(t, "good/waiting.txtar"),
		txtar.File{Name: "http", Data: []byte("%%\nl, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\nif err != nil { panic(err) }\nfmt.Println(http.Serve(l, nil))")},
		txtar.File{Name: "done-beside-a-server", Data: []byte("%%\nl, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\nif err != nil { panic(err) }\ngo http.Serve(l, nil)\n<-make(chan int)")},
		txtar.File{Name: "sleep", Data: []byte("%%\ntime.Sleep(time.Hour)")},
		txtar.File{Name: "ticks", Data: []byte("%%\nc := make(chan int)\ngo func() { for range time.Tick(100 * time.Millisecond) { c <- 1 } }()\nfor range c {}")},
		txtar.File{Name: "child", Data: []byte("%%\nc := make(chan error)\ngo func() { c <- exec.Command(\"sleep\", \"60\").Run() }()\n<-c")},
		txtar.File{Name: "signal", Data: []byte("%%\nc := make(chan os.Signal, 1)\nsignal.Notify(c, os.Interrupt)\n<-c")},
		txtar.File{Name: "busy", Data: []byte("%%\nvar mu sync.Mutex\nfor range 4 { go func() { for { mu.Lock(); time.Sleep(time.Millisecond); mu.Unlock() } }() }\nselect {}")},
	) {
		for _, race := range []string{"", "%race\n"} {
			count++
			number := count // a cell's source is kept by it
			all.Go(func() {
				shown, r := watched(t, s, number, race+string(f.Data), "", 11*time.Second)
				if strings.Contains(shown, "no progress") || strings.Contains(shown, "circle of locks") || strings.Contains(shown, "nothing moved") || r.Failure == nil && r.Report.Run > 6*time.Second || r.Failure != nil && r.Failure.Name == "Deadlock" {
					t.Errorf("%s%s: %s", race, f.Name, shown)
				}
			})
			if count%6 == 0 {
				all.Wait()
			}
		}
	}
	all.Wait()
}

// TestWatchSpeaks runs programs that are stuck where the runtime is silent.
func TestWatchSpeaks(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes a while")
	}
	s := newSession(t)
	const locks = `	var a, b sync.Mutex
	var met sync.WaitGroup
	met.Add(2)
	go func() {
		a.Lock()
		met.Done()
		met.Wait()
		b.Lock()
	}()
	go func() {
		b.Lock()
		met.Done()
		met.Wait()
		a.Lock()
	}()
`
	for i, tt := range []struct{ name, code, want string }{
		{"race", "%race\n%%\n" + locks + "select {}", "Deadlock: all 3 goroutines wait"},
		{"a timer", "%%\n" + locks + "time.AfterFunc(time.Hour, func() {})\nmet.Wait()\na.Lock()", "a circle of locks"},
		{"a lock taken twice beside a deadline", "%%\nctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)\ndefer cancel()\n_ = ctx\nvar mu sync.Mutex\nmu.Lock()\nmu.Lock()", "no progress for 3 s: main waits to lock mu (cell [3] line 7)"},
		{"a server", "%%\n" + locks + "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nl.Accept()", "a circle of locks"},
		{"a ticker", "%%\n" + locks + "for range time.Tick(10*time.Millisecond) {}", "a circle of locks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shown, _ := watched(t, s, i+1, tt.code, tt.want, 30*time.Second)
			if !strings.Contains(shown, tt.want) {
				t.Errorf("no %q in %s", tt.want, shown)
			}
		})
	}
}

// TestGoroutines draws a running cell from one beside it, then one that was
// stopped, and says so when there is neither.
func TestGoroutines(t *testing.T) {
	s := newSession(t)
	var none board
	if r := s.Execute(t.Context(), session.Request{Code: "%goroutines", Count: 1}, &none); r.Failure == nil || !strings.Contains(none.String(), "no cell runs") {
		t.Errorf("with nothing to draw: %s", none.String())
	}
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	defer busy.Wait()
	defer stop()
	busy.Go(func() {
		var b board
		s.Execute(ctx, session.Request{Count: 2, Code: "%%\njobs := make(chan int)\nfor range 20 {\n\tgo func() { for range jobs {} }()\n}\nfor {\n\ttime.Sleep(time.Millisecond)\n}"}, &b)
	})
	const all = "20 goroutines: waits to receive from jobs"
	var got board
	for begin := time.Now(); !strings.Contains(got.String(), all); {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("never seen: %s", got.String())
		}
		got = board{}
		s.Execute(t.Context(), session.Request{Code: "%goroutines", Count: 3}, &got)
	}
	for _, want := range []string{"cell [2], running for", "21 goroutines", "cell [2] line 4", "started at cell [2] line 4"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("no %q in %s", want, got.String())
		}
	}
	stop()
	busy.Wait()
	got = board{}
	s.Execute(t.Context(), session.Request{Code: "%goroutines", Count: 4}, &got)
	if !strings.Contains(got.String(), "cell [2], when it was stopped: 21 goroutines") || !strings.Contains(got.String(), all) {
		t.Errorf("%s", got.String())
	}
}

// TestLookChangesNothing looks at a program many times: the runtime must find
// its deadlock all the same, and count no goroutine more.
func TestLookChangesNothing(t *testing.T) {
	s := newSession(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var b board
	var looking sync.WaitGroup
	looking.Go(func() {
		for ctx.Err() == nil {
			var seen board
			s.Execute(ctx, session.Request{Code: "%goroutines", Count: 2}, &seen)
		}
	})
	r := s.Execute(t.Context(), session.Request{Count: 1, Code: "%%\nc := make(chan int)\nfor range 300 {\n\ttime.Sleep(time.Millisecond)\n}\nfmt.Println(runtime.NumGoroutine())\n<-c"}, &b)
	stop()
	looking.Wait()
	if r.Failure == nil || r.Failure.Name != "Deadlock" || !strings.HasPrefix(b.String(), "1\n") {
		t.Errorf("%s", b.String())
	}
}
