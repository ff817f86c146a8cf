//go:build unix

package labextension_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"gopark/helpers/timeline"
	"gopark/kernel/labextension"
)

// crew is a run of n workers that take jobs from a channel and share a lock.
func crew(n, jobs int) func() {
	return func() {
		work, done := make(chan int), make(chan int, 4)
		var total sync.Mutex
		var crew sync.WaitGroup
		for range n {
			crew.Go(func() {
				for job := range work {
					time.Sleep(time.Duration(1+job%5) * 300 * time.Microsecond)
					total.Lock()
					spin(60 * time.Microsecond)
					total.Unlock()
					done <- job
				}
			})
		}
		go func() {
			for job := range jobs {
				work <- job
			}
			close(work)
			crew.Wait()
			close(done)
		}()
		for range done {
			spin(40 * time.Microsecond)
		}
	}
}

// spin is work.
func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// sleepers is a run of n goroutines that sleep for a while.
func sleepers(n int) func() {
	return func() {
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { time.Sleep(time.Duration(1+i%20) * time.Millisecond) })
		}
		all.Wait()
	}
}

// TestTimelines draws timelines of real runs, of 8, 100, 5,000 and 10,000
// goroutines, in a real JupyterLab.
func TestTimelines(t *testing.T) {
	needLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	dir := t.TempDir()
	runs := []struct {
		name string
		f    func()
	}{{"8", crew(6, 18)}, {"100", crew(98, 300)}, {"5000", sleepers(4999)}, {"10000", sleepers(9999)}}
	for _, r := range runs {
		data, err := timeline.Record(r.f)
		if err != nil {
			t.Fatal(err)
		}
		tl, err := timeline.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		layer := tl.Chart("What the goroutines did").Bundle()[labextension.MIMEType]
		text, err := json.Marshal(layer)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s goroutines: %s; trace %d kB, chart %d kB", r.name, tl.Summary(), len(data)/1000, len(text)/1000)
		if len(text) > 1e6 {
			t.Errorf("%s goroutines: the chart has %d bytes, want less than 1 MB", r.name, len(text))
		}
		write(t, dir, r.name+".ipynb", cell("run", layer))
	}
	l := openLab(ctx, t, dir)
	for _, r := range runs {
		if err := l.Notebook(ctx, r.name+".ipynb"); err != nil {
			t.Fatal(err)
		}
		got, err := l.Charts(ctx)
		if err != nil || got.Drawn != 1 {
			t.Fatalf("%s goroutines: charts: %+v, %v", r.name, got, err)
		}
		l.shot(t, ctx, "timeline-"+r.name+"-light", false)
		if err := l.Theme(ctx, true); err != nil {
			t.Fatal(err)
		}
		l.shot(t, ctx, "timeline-"+r.name+"-dark", false)
		if err := l.Theme(ctx, false); err != nil {
			t.Fatal(err)
		}
		// Drawing anew, as after a change of size, is the whole work.
		took := eval[float64](t, ctx, l.Page, `(async () => {
			const box = document.querySelector('.gopark-chart > div');
			const button = document.querySelector('.gopark-chart-open');
			const start = performance.now();
			if (button) { button.click(); button.click(); }
			else { box.style.width = '90%'; await new Promise(r => setTimeout(r, 60)); }
			box.getBoundingClientRect();
			return performance.now() - start;
		})()`)
		t.Logf("%s goroutines: drawn again, open and folded, in %.0f ms", r.name, took)
		if took > 4000 {
			t.Errorf("%s goroutines: opening and folding took %.0f ms, want two pictures in less than 2 s each", r.name, took)
		}
		if button := eval[bool](t, ctx, l.Page, `!!document.querySelector('.gopark-chart-open')`); button != (r.name != "8") {
			t.Errorf("%s goroutines: a button to open: %v", r.name, button)
		} else if button {
			labels := func() int {
				return eval[int](t, ctx, l.Page, `document.querySelectorAll('.gopark-chart svg text').length`)
			}
			folded := labels()
			eval[bool](t, ctx, l.Page, `(document.querySelector('.gopark-chart-open').click(), true)`)
			if open := labels(); open <= folded {
				t.Errorf("%s goroutines: %d labels when open, %d when folded", r.name, open, folded)
			}
			l.shot(t, ctx, "timeline-"+r.name+"-open", false)
		}
		if err := l.CloseNotebook(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if said := l.Errors(); len(said) > 0 {
		t.Errorf("the page says %q", said)
	}
}
