package check

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMakespan(t *testing.T) {
	s := time.Second
	for _, test := range []struct {
		d    []time.Duration
		k    int
		want time.Duration
	}{
		{[]time.Duration{3 * s}, 1, 3 * s},
		{[]time.Duration{3 * s, 2 * s, 1 * s}, 1, 6 * s},
		{[]time.Duration{3 * s, 2 * s, 1 * s}, 2, 3 * s},
		{[]time.Duration{1 * s, 1 * s, 3 * s}, 2, 4 * s}, // list scheduling, not the best order
		{[]time.Duration{3 * s, 2 * s, 1 * s}, 9, 3 * s},
		{[]time.Duration{1 * s, 2 * s}, 0, 3 * s},
	} {
		if got := Makespan(test.d, test.k); got != test.want {
			t.Errorf("Makespan(%v, %d) = %v, want %v", test.d, test.k, got, test.want)
		}
	}
}

func TestLatenciesAreMixed(t *testing.T) {
	lo, hi := 5*time.Millisecond, 50*time.Millisecond
	for seed := range uint64(200) {
		x := newT(t, seed)
		d := x.Latencies(x.Between(2, 40), lo, hi)
		fast, slow := 0, 0
		for _, v := range d {
			if v < lo || v > hi {
				t.Fatalf("seed %d: %v", seed, v)
			}
			if v < lo+(hi-lo)/2 {
				fast++
			} else {
				slow++
			}
		}
		if fast == 0 || slow == 0 || fast-slow > 1 || slow-fast > 1 {
			t.Fatalf("seed %d: %d fast, %d slow", seed, fast, slow)
		}
	}
}

// A probe notes what happened, on the bubble's clock, whoever calls.
func TestProbe(t *testing.T) {
	x := newT(t, 1)
	p := x.Probe("request", ByKey([]int{1, 2, 3}, []time.Duration{time.Hour, time.Minute, time.Second}))
	took := x.Run(func() {
		done := make(chan bool)
		for _, key := range []int{1, 2, 3} {
			go func() {
				p.Call(key)
				done <- true
			}()
		}
		for range 3 {
			<-done
		}
		p.Cancelled()
		p.Call(3)
	})
	if took != time.Hour+time.Second || p.Most() != 3 || p.Count() != 4 || p.Done() != 4 || p.Late() != 1 || p.PerKey()[3] != 2 {
		t.Errorf("took %v, most %d, count %d, done %d, late %d, per key %v", took, p.Most(), p.Count(), p.Done(), p.Late(), p.PerKey())
	}
	if c := p.Calls()[3]; c.Nth != 1 || c.Start != time.Hour || c.End != took || !c.Late {
		t.Errorf("%+v", c)
	}
}

// What comes back after Run has returned is noted, and is not left behind.
func TestRunSettles(t *testing.T) {
	x := newT(t, 1)
	p := x.Probe("request", Fixed(time.Hour))
	done := -1
	took := x.Run(func() {
		go func() {
			p.Call(1)
			p.Call(2)
		}()
		done = p.Done()
	})
	if took != 0 || done != 0 || p.Done() != 2 || len(x.left) != 0 {
		t.Errorf("took %v, %d done on return, %d in the end, left %v", took, done, p.Done(), x.left)
	}
}

func TestRaceMessage(t *testing.T) {
	for name, want := range map[string]struct {
		message  string
		foremost bool
	}{
		"race_both":  {"data race: one goroutine reads at cell [4] line 7 what another writes in the same line, and nothing says who comes first", true},
		"race_check": {"data race: a goroutine writes at cell [4] line 4 what the check uses at the same time: your result, or what it gave you. Is it still running after you have returned?", false},
		"race_none":  {"", false},
	} {
		text, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if m, foremost := raceMessage(string(text)); m != want.message || foremost != want.foremost {
			t.Errorf("%s: %v %q", name, foremost, m)
		}
	}
}

func FuzzDumps(f *testing.F) {
	for _, name := range []string{"race_both", "race_check"} {
		text, _ := os.ReadFile("testdata/" + name + ".txt")
		f.Add(string(text))
	}
	f.Add(ownStack())
	f.Add("panic: x\n\ngoroutine 7 [chan send (durable), synctest bubble 1]:\nmain.f(...)\n\tcell[3]:4 +0x1\ncreated by main.g in goroutine 1\n\t/x/cell[2]:9")
	f.Fuzz(func(t *testing.T, dump string) {
		all := waiters(dump, func(string) bool { return true })
		for _, m := range []string{places(all), crashMessage(dump, "exit status 2", true), hangMessage(dump, time.Second), deadlockMessage(all)} {
			if strings.Contains(m, "%!") && !strings.Contains(dump, "%!") || len([]rune(m)) > 4000 && len(dump) < 2000 {
				t.Error(m)
			}
		}
		raceMessage(dump)
	})
}

func TestPictures(t *testing.T) {
	ms := time.Millisecond
	for _, p := range []*picture{
		{Lanes: []lane{{State: stateYours}}},
		{Lanes: []lane{{State: stateYours, To: 5 * ms}, {Name: "<b>", From: ms, To: 5 * ms, State: stateCall}, {Name: "x", From: 5 * ms, To: 5 * ms, State: stateFailed}}},
		{Lanes: []lane{{State: stateYours, To: time.Hour}, {Name: "request 1", To: time.Hour, State: stateCall}, {Name: "request 2", To: 20 * ms, State: stateNever}}, More: 3},
	} {
		p.Shown = edge(p.Lanes)
		c := p.chart("FetchAll")
		if _, err := json.Marshal(c.Option); err != nil {
			t.Error(err)
		}
		if strings.Contains(c.Text, "NaN") || !strings.Contains(c.Text, "FetchAll") || c.Alt == "" || c.Height < 100 {
			t.Errorf("%+v", c)
		}
		for line := range strings.Lines(c.Text) {
			if n := len([]rune(line)); n > 120 {
				t.Errorf("a line of %d characters: %s", n, line)
			}
		}
	}
}

func TestWhatIsEscaped(t *testing.T) {
	const bad = `<img src=x onerror="alert(1)">`
	r := Result{Exercise: "FetchAll"}
	r.add(Check{Name: bad, What: bad, Status: Failed, Message: bad, printed: bad})
	r.add(Check{Name: bad, What: bad, Status: NotRun, Message: bad + bad})
	r.Progress = bad
	if markup := verdictHTML(fetchAll, r); strings.Contains(markup, "<img") {
		t.Error(markup)
	}
	if _, markup := solved(fetchAll); !strings.Contains(markup, "answers := make([]string, len(ids))") {
		t.Error(markup)
	}
}

// Every exercise can be named once, and has what a learner is promised.
func TestExercises(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range exercises() {
		if seen[e.name] || e.title == "" || e.hints[0] == "" || e.hints[1] == "" || len(e.notebook) != 2 {
			t.Errorf("%+v", e)
		}
		seen[e.name] = true
	}
}

// A dump as SIGQUIT prints it with GOTRACEBACK=crash: the loop's own place is
// named, and never that of the goroutine which called the check.
func TestHangMessage(t *testing.T) {
	const caller = "goroutine 1 gp=0x1 m=nil [chan receive]:\nmain.main()\n\tcell[5]:4 +0x29 fp=0x1 sp=0x2 pc=0x3\n\n"
	for _, test := range []struct{ dump, want string }{
		{"goroutine 18 gp=0x2 m=3 mp=0x4 [running, synctest bubble 1]:\nmain.FetchAll.func1(...)\n\tcell[4]:7\nmain.FetchAll({0x0, 0x0, 0x0}, 0x0)\n\tcell[4]:9 +0x29 fp=0x1 sp=0x2 pc=0x3\n",
			"still running after 3s of real time, at cell [4] line 7: a loop that never ends?"},
		{"goroutine 18 gp=0x2 m=3 mp=0x4 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.FetchAll in goroutine 9\n\tcell[4]:3 +0x29\n",
			"still running after 3s of real time, in a goroutine started at cell [4] line 3: a loop that never ends?"},
		{"goroutine 18 gp=0x2 m=nil [runnable]:\nmain.FetchAll()\n\tcell[4]:1 +0x1 fp=0x1 sp=0x2 pc=0x3\n",
			"still running after 3s of real time, at cell [4], in FetchAll: a loop that never ends?"},
		{"goroutine 18 gp=0x2 m=nil [sync.Mutex.Lock]:\nmain.FetchAll.func1()\n\tcell[4]:8 +0x29\n\ngoroutine 19 gp=0x2 m=nil [sleep, synctest bubble 1]:\nmain.FetchAll.func1()\n\tcell[4]:9 +0x29\n",
			"a lock is held while its owner waits for something else, and so nothing goes on: 1 goroutine waiting for a lock at cell [4] line 8."},
		{"goroutine 18 gp=0x2 m=nil [IO wait]:\nmain.FetchAll()\n\tcell[4]:8 +0x29\n",
			`not at its end after 3s of real time: a goroutine is in the state "IO wait" at cell [4] line 8`},
		{"goroutine 18 gp=0x2 m=nil [running]:\n", "still running after 3s of real time: a loop that never ends?"},
	} {
		if got := hangMessage("SIGQUIT: quit\nPC=0x1\n\n"+caller+test.dump, 3*time.Second); !strings.HasPrefix(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
