package timeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	xtrace "golang.org/x/exp/trace"

	"gopark/helpers/internal/mark"
)

// record runs f and reads its timeline.
func record(t *testing.T, f func()) (*Timeline, []byte) {
	t.Helper()
	data, err := Record(f)
	if err != nil {
		t.Fatal(err)
	}
	tl, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return tl, data
}

func sender(ch chan int)          { ch <- 1 }
func receiver(ch chan int)        { <-ch }
func closer(ch chan int)          { time.Sleep(3 * time.Millisecond); close(ch) }
func lateSender(ch chan int)      { time.Sleep(3 * time.Millisecond); ch <- 1 }
func lateReceiver(ch chan int)    { time.Sleep(3 * time.Millisecond); <-ch }
func waiter(wg *sync.WaitGroup)   { wg.Wait() }
func finisher(wg *sync.WaitGroup) { time.Sleep(3 * time.Millisecond); wg.Done() }
func holder(mu *sync.Mutex, held chan bool) {
	mu.Lock()
	held <- true
	time.Sleep(3 * time.Millisecond)
	mu.Unlock()
}
func locker(mu *sync.Mutex)   { mu.Lock(); defer mu.Unlock() }
func canceller(cancel func()) { time.Sleep(3 * time.Millisecond); cancel() }
func selecter(ctx context.Context, ch chan int) {
	select {
	case <-ctx.Done():
	case <-ch:
	}
}
func condWaiter(c *sync.Cond, ready *bool, up chan bool) {
	c.L.Lock()
	up <- true
	for !*ready {
		c.Wait()
	}
	c.L.Unlock()
}
func signaller(c *sync.Cond, ready *bool) {
	time.Sleep(3 * time.Millisecond)
	c.L.Lock()
	*ready = true
	c.L.Unlock()
	c.Signal()
}

// TestWhoWokeWhom: ten small programs in which there is no doubt who wakes whom.
func TestWhoWokeWhom(t *testing.T) {
	type wake struct {
		from, to string
		was      State
	}
	for _, tt := range []struct {
		name string
		run  func()
		want wake
	}{
		{"a send wakes the receiver", func() {
			ch := make(chan int)
			go lateSender(ch)
			receiver(ch)
		}, wake{"lateSender", "the caller", Receiving}},
		{"a receive wakes the sender", func() {
			ch := make(chan int)
			go lateReceiver(ch)
			sender(ch)
		}, wake{"lateReceiver", "the caller", Sending}},
		{"close wakes the receiver", func() {
			ch := make(chan int)
			go closer(ch)
			receiver(ch)
		}, wake{"closer", "the caller", Receiving}},
		{"Done wakes Wait", func() {
			var wg sync.WaitGroup
			wg.Add(1)
			go finisher(&wg)
			waiter(&wg)
		}, wake{"finisher", "the caller", Locked}},
		{"Unlock wakes Lock", func() {
			var mu sync.Mutex
			held := make(chan bool)
			go holder(&mu, held)
			<-held
			locker(&mu)
		}, wake{"holder", "the caller", Locked}},
		{"cancel wakes select", func() {
			ctx, cancel := context.WithCancel(context.Background())
			go canceller(cancel)
			selecter(ctx, nil)
		}, wake{"canceller", "the caller", Selecting}},
		{"a send wakes select", func() {
			ch := make(chan int)
			go lateSender(ch)
			selecter(context.Background(), ch)
		}, wake{"lateSender", "the caller", Selecting}},
		{"Signal wakes Cond.Wait", func() {
			c, ready, up := sync.NewCond(new(sync.Mutex)), false, make(chan bool)
			done := make(chan bool)
			go func() { condWaiter(c, &ready, up); close(done) }()
			<-up
			go signaller(c, &ready)
			<-done
		}, wake{"signaller", "func in", Locked}},
		{"main wakes a worker", func() {
			ch, done := make(chan int), make(chan bool)
			go func() { receiver(ch); close(done) }()
			time.Sleep(3 * time.Millisecond)
			ch <- 1
			<-done
		}, wake{"the caller", "func in", Receiving}},
		{"a worker wakes its brother", func() {
			ch, done := make(chan int), make(chan bool)
			go func() { receiver(ch); close(done) }()
			go lateSender(ch)
			<-done
		}, wake{"lateSender", "func in", Receiving}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl, _ := record(t, tt.run)
			n := 0
			for _, e := range tl.Edges {
				from := strings.TrimPrefix(tl.Rows[e.From].Name, "timeline.")
				to := tl.Rows[e.To].Name
				if strings.HasPrefix(from, tt.want.from) && strings.HasPrefix(to, tt.want.to) && e.Was == tt.want.was {
					n++
				}
			}
			if n == 0 {
				t.Errorf("no %+v among the wake-ups:", tt.want)
				for _, e := range tl.Edges {
					t.Logf("%s woke %s, which was %s", tl.Rows[e.From].Name, tl.Rows[e.To].Name, e.Was)
				}
			}
			// Nobody wakes themselves, and nobody wakes before they are there.
			for _, e := range tl.Edges {
				if e.From == e.To || e.At < tl.Rows[e.To].Created || e.At > tl.Wall {
					t.Errorf("wake-up %+v", e)
				}
			}
		})
	}
}

// TestTotals adds the times up again, from the raw events of the same trace, in a
// way that shares nothing with the reader.
func TestTotals(t *testing.T) {
	tl, data := record(t, func() {
		ch := make(chan int)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Microsecond)
				for end := time.Now().Add(100 * time.Microsecond); time.Now().Before(end); {
				}
				ch <- i
			})
		}
		go func() { wg.Wait(); close(ch) }()
		for range ch {
		}
	})
	r, err := xtrace.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	mine := map[xtrace.GoID]bool{}
	since := map[xtrace.GoID]xtrace.Time{}
	state := map[xtrace.GoID]xtrace.GoState{}
	sums := map[xtrace.GoState]time.Duration{}
	var root xtrace.GoID
	var begin, end xtrace.Time
	for {
		e, err := r.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind() == xtrace.EventLog && e.Log().Category == mark.Category {
			if e.Log().Message == mark.Begin {
				root, begin = e.Goroutine(), e.Time()
				mine[root], since[root], state[root] = true, begin, xtrace.GoRunning
			} else {
				end = e.Time()
				for g, s := range state {
					if mine[g] {
						sums[s] += end.Sub(since[g])
					}
				}
				break
			}
		}
		if e.Kind() != xtrace.EventStateTransition || begin == 0 {
			continue
		}
		st := e.StateTransition()
		if st.Resource.Kind != xtrace.ResourceGoroutine {
			continue
		}
		g := st.Resource.Goroutine()
		from, to := st.Goroutine()
		if from == xtrace.GoNotExist && mine[e.Goroutine()] {
			mine[g] = true
		}
		if !mine[g] {
			continue
		}
		if s, ok := state[g]; ok {
			sums[s] += e.Time().Sub(since[g])
		}
		since[g], state[g] = e.Time(), to
		if to == xtrace.GoNotExist {
			delete(state, g)
		}
	}
	var waits time.Duration
	for s, d := range tl.Totals {
		if State(s).Waiting() && State(s) != Syscall {
			waits += d
		}
	}
	for _, c := range []struct {
		what      string
		got, want time.Duration
	}{
		{"wall", tl.Wall, end.Sub(begin)},
		{"running", tl.Totals[Running], sums[xtrace.GoRunning]},
		{"runnable", tl.Totals[Runnable], sums[xtrace.GoRunnable]},
		{"waiting", waits, sums[xtrace.GoWaiting]},
		{"in system calls", tl.Totals[Syscall], sums[xtrace.GoSyscall]},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, and the raw events say %v", c.what, c.got, c.want)
		}
	}
	// Each row is without gaps from its creation to its end.
	for i := range tl.Rows {
		row := &tl.Rows[i]
		at := row.Created
		for _, s := range row.Spans {
			if s.From != at || s.To < s.From {
				t.Errorf("row %d: a span from %v to %v after %v", i, s.From, s.To, at)
			}
			at = s.To
		}
		if at != row.Ended {
			t.Errorf("row %d ends at %v, its spans at %v", i, row.Ended, at)
		}
	}
	if tl.Procs != runtime.GOMAXPROCS(0) {
		t.Errorf("GOMAXPROCS %d", tl.Procs)
	}
}

// TestStates: each kind of waiting is called by its name, at its line.
func TestStates(t *testing.T) {
	tl, _ := record(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		ch, never := make(chan int), make(chan int)
		var nilChannel chan int
		var mu sync.Mutex
		mu.Lock()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go func() { never <- 1 }()
		go func() { <-nilChannel }()
		go func() { selecter(ctx, nil) }()
		go func() { locker(&mu) }()
		go func() { l.Accept() }()
		go func() { time.Sleep(4 * time.Millisecond); ch <- 1 }()
		go func() { <-ch }()
		<-ctx.Done()
		mu.Unlock()
		l.Close()
		time.Sleep(2 * time.Millisecond)
	})
	for _, s := range []State{Running, Sending, Receiving, Selecting, Locked, Sleeping, Network} {
		if tl.Totals[s] == 0 {
			t.Errorf("nothing was %s", s)
		}
	}
	if tl.Left != 2 {
		t.Errorf("%d are left, want 2: %v", tl.Left, tl.Lints())
	}
	lints := strings.Join(tl.Lints(), "\n")
	for _, want := range []string{"1 goroutine was still there when it was over: waiting to send, at timeline_test.go:", "waiting to receive, at"} {
		if !strings.Contains(lints, want) {
			t.Errorf("no %q in\n%s", want, lints)
		}
	}
	found := false
	for i := range tl.Rows {
		for _, s := range tl.Rows[i].Spans {
			found = found || s.Why == "nil channel: for ever" && s.State == Receiving
		}
	}
	if !found {
		t.Error("the nil channel is not named")
	}
}

func TestLints(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func()
		want string
		not  string
	}{
		{"one after the other", func() {
			for range 4 {
				done := make(chan bool)
				go func() { time.Sleep(time.Millisecond); close(done) }()
				<-done
				time.Sleep(time.Millisecond)
			}
		}, "ran one after the other", ""},
		{"one lock", func() {
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() { mu.Lock(); time.Sleep(2 * time.Millisecond); mu.Unlock() })
			}
			wg.Wait()
		}, "waited for the lock at timeline_test.go:", "one after the other"},
		{"unbuffered", func() {
			ch := make(chan int)
			go func() {
				for i := range 8 {
					ch <- i
				}
				close(ch)
			}()
			for range ch {
				time.Sleep(time.Millisecond)
			}
		}, "waited for a receiver", "lock"},
		{"polling", func() {
			done := make(chan bool)
			go func() {
				for range 15 {
					time.Sleep(200 * time.Microsecond)
				}
				close(done)
			}()
			<-done
		}, "slept 15 times", ""},
		{"nothing to say", func() {
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() { time.Sleep(2 * time.Millisecond) })
			}
			wg.Wait()
		}, "", "goroutine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl, _ := record(t, tt.run)
			got := strings.Join(tl.Lints(), "\n")
			if !strings.Contains(got, tt.want) || tt.not != "" && strings.Contains(got, tt.not) {
				t.Errorf("lints %q, want %q and not %q", got, tt.want, tt.not)
			}
		})
	}
}

// TestFolding: many rows become few lanes, which hold each row once.
func TestFolding(t *testing.T) {
	tl, _ := record(t, func() {
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() { time.Sleep(time.Millisecond) })
		}
		for range 30 {
			wg.Go(func() { time.Sleep(2 * time.Millisecond) })
		}
		wg.Wait()
	})
	for _, most := range []int{10, 40, 300, 10000} {
		seen := map[int]bool{}
		lanes := tl.lanes(most)
		for _, l := range lanes {
			for _, i := range l.rows {
				if seen[i] {
					t.Errorf("row %d is in two lanes", i)
				}
				seen[i] = true
			}
		}
		if len(seen) != len(tl.Rows) || len(lanes) > max(most, 1) {
			t.Errorf("at most %d: %d lanes with %d of %d rows", most, len(lanes), len(seen), len(tl.Rows))
		}
	}
	lanes := tl.lanes(40)
	band := slices.IndexFunc(lanes, lane.band)
	if len(lanes) != 40 || band != 9 || !strings.Contains(lanes[band].label, "492 more × func in timeline.TestFolding") {
		t.Errorf("%d lanes, the band is number %d: %q", len(lanes), band, lanes[band].label)
	}
	// A band is as high as there are rows alive.
	for _, s := range tl.band(lanes[band].rows, 50) {
		if s.Low < 0 || s.High > 1.0001 || s.High < s.Low || s.From >= s.To {
			t.Errorf("slice %+v", s)
		}
	}
	c := tl.Chart("x")
	if c.Open == nil {
		t.Error("a folded chart cannot be opened")
	}
	if text, err := json.Marshal(c.Bundle()); err != nil || len(text) > 1e6 {
		t.Errorf("the bundle has %d bytes: %v", len(text), err)
	}
}

func TestResolved(t *testing.T) {
	us := time.Microsecond
	spans := []Span{{0, 100 * us, Running, "", Place{}}, {100 * us, 101 * us, Runnable, "", Place{}}, {101 * us, 103 * us, Running, "", Place{}}, {103 * us, 300 * us, Sleeping, "", Place{}}}
	got := resolved(spans, 10*us)
	if len(got) != 3 || got[1].State != Running || got[1].From != 100*us || got[1].To != 103*us || !strings.Contains(got[1].Why, "1 more") {
		t.Errorf("%+v", got)
	}
	if got := resolved(spans, 0); len(got) != len(spans) {
		t.Errorf("%+v", got)
	}
}

// TestBroken: a trace that breaks off is drawn as far as it goes, and what is none
// is refused.
func TestBroken(t *testing.T) {
	_, data := record(t, func() { time.Sleep(time.Millisecond) })
	for _, n := range []int{0, 1, 16, 100, len(data) / 2, len(data) - 1} {
		if tl, err := Read(data[:n]); err == nil && tl.Ended && n < len(data)-200 {
			t.Errorf("%d of %d bytes are taken for the whole", n, len(data))
		}
	}
	if _, err := Read([]byte("no trace at all")); err == nil {
		t.Error("what is no trace is read")
	}
	if _, err := Record(func() {
		if _, err := Record(func() {}); err == nil {
			t.Error("two traces at a time")
		}
	}); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	data, err := Record(func() {
		ch := make(chan int)
		go func() { ch <- 1 }()
		<-ch
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		tl, err := Read(data)
		if err == nil {
			_ = tl.Chart("x")
			_ = tl.Lints()
		}
	})
}

func TestChrome(t *testing.T) {
	tl, _ := record(t, func() {
		ch := make(chan int)
		go func() { time.Sleep(time.Millisecond); ch <- 1 }()
		<-ch
	})
	var b bytes.Buffer
	if err := tl.WriteChrome(&b); err != nil {
		t.Fatal(err)
	}
	var file struct {
		TraceEvents []struct {
			Name, Ph string
			Dur      float64
			ID       int
		}
	}
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	asleep := 0.0
	for _, e := range file.TraceEvents {
		kinds[e.Ph]++
		if e.Name == "sleeping" {
			asleep += e.Dur
		}
	}
	if kinds["M"] != 2*len(tl.Rows) || kinds["X"] == 0 || kinds["s"] != len(tl.Edges) || kinds["f"] != len(tl.Edges) || kinds["C"] == 0 {
		t.Errorf("events %v for %d rows and %d wake-ups", kinds, len(tl.Rows), len(tl.Edges))
	}
	if math.Abs(asleep-float64(tl.Totals[Sleeping])/1000) > 0.01 {
		t.Errorf("asleep for %v µs, want %v", asleep, tl.Totals[Sleeping])
	}
}

func ExampleTimeline_Summary() {
	t := &Timeline{Wall: 43700 * time.Microsecond, MostRunning: 2, Ended: true}
	t.Totals[Running] = 24 * time.Millisecond
	t.Totals[Receiving] = 176 * time.Millisecond
	fmt.Fprintln(os.Stdout, t.Summary())
	// Output: wall 43.7 ms, work 24 ms, waiting 88 %, most running 2, none left
}

// TestSteps: an axis that counts has whole numbers, few of them, and room for all.
func TestSteps(t *testing.T) {
	for _, tt := range []struct{ most, end, interval int }{
		{1, 1, 1}, {2, 2, 1}, {3, 3, 1}, {4, 4, 2}, {5, 6, 2}, {9, 10, 5}, {13, 15, 5}, {40, 40, 20}, {100, 100, 50}, {10_001, 15_000, 5000},
	} {
		if end, interval := steps(tt.most); end != tt.end || interval != tt.interval {
			t.Errorf("an axis to %d ends at %d in steps of %d, want %d and %d", tt.most, end, interval, tt.end, tt.interval)
		}
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct{ label, want string }{
		{"main", "main"},
		{"func in goWithoutShelf [10]:4", "func in goWithoutShelf [10]:4"},
		{"func in helpers.(*remoteClient).get [10]:4", "func in helpers.(*remoteCl… [10]:4"},
		{"nearly_without_end_and_without_a_place", "nearly_without_end_and_without_a_…"},
		{"süß_und_sehr_lang_und_noch_länger [3]:14", "süß_und_sehr_lang_und_noch… [3]:14"},
	} {
		if got := clip(tt.label, mostLetters); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.label, got, tt.want)
		}
	}
}

// TestLegendLines: what does not fit into one line has room for a second.
func TestLegendLines(t *testing.T) {
	var all []string
	for s := range NumStates {
		all = append(all, s.String())
	}
	for n, want := range map[int]int{0: 1, 3: 1, 6: 1, len(all): 2} {
		if got := legendLines(all[:n]); got != want {
			t.Errorf("%d states fill %d lines, want %d", n, got, want)
		}
	}
	if got := legendLines(append(all[:6:6], all[:6]...)); got != 1 {
		t.Errorf("names that are there twice fill %d lines, want 1", got)
	}
}

// TestOneByOneTail: a goroutine that has called wg.Done is not gone yet when the
// next one starts; one that works on while the next one starts is not done.
func TestOneByOneTail(t *testing.T) {
	ms := time.Millisecond
	run := func(tail time.Duration) []string {
		tl := &Timeline{Rows: []Row{{Parent: -1}}}
		for i := range 3 {
			from := time.Duration(i) * 10 * ms
			tl.Rows = append(tl.Rows, Row{Started: Place{"f", "cell[1]", 7}, Created: from, Ended: from + 10*ms + tail})
		}
		return tl.oneByOne()
	}
	for tail, want := range map[time.Duration]int{-ms: 1, 0: 1, 100 * time.Microsecond: 1, 2 * ms: 0} {
		if got := run(tail); len(got) != want {
			t.Errorf("each ends %v after the next one has started: %q, want %d lints", tail, got, want)
		}
	}
}
