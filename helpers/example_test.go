package helpers_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"gopark/helpers"
)

// TestTimedExamples runs the examples whose output is different each time.
func TestTimedExamples(t *testing.T) {
	for name, run := range map[string]func(){"Time": ExampleTime, "Compare": ExampleCompare, "Sweep": ExampleSweep} {
		t.Run(name, func(*testing.T) { run() })
	}
}

func ExampleTime() {
	remote := helpers.Remote(helpers.Latency(5 * time.Millisecond))
	defer remote.Close()

	helpers.Predict(250 * time.Millisecond)
	helpers.Time("100 requests, one goroutine each", func() {
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() { remote.Get(i) })
		}
		wg.Wait()
	})
	// Prints a line like:
	// 100 requests, one goroutine each: 9.4 ms (35 % waiting); you guessed 250 ms: 27 times too long
}

func ExampleCompare() {
	remote := helpers.Remote(helpers.Latency(5 * time.Millisecond))
	defer remote.Close()

	result := helpers.Compare("10 requests",
		helpers.Variant("loop", func() {
			for i := range 10 {
				remote.Get(i)
			}
		}),
		helpers.Variant("goroutines", func() {
			var wg sync.WaitGroup
			for i := range 10 {
				wg.Go(func() { remote.Get(i) })
			}
			wg.Wait()
		}),
		helpers.Ideal(5*time.Millisecond),
		helpers.Rounds(6),
	)
	fmt.Println(result.Verdicts[0])
	// Prints a table, and a sentence like:
	// goroutines is 9.8 times as fast as loop [9.1, 10.6]
}

func ExampleSweep() {
	const latency = time.Millisecond
	remote := helpers.Remote(helpers.Latency(latency))
	defer remote.Close()

	helpers.Sweep("requests, one after the other", []int{1, 5, 10},
		helpers.VariantN("loop", func(n int) {
			for i := range n {
				remote.Get(i)
			}
		}),
		helpers.IdealN(func(n int) time.Duration { return time.Duration(n) * latency }),
		helpers.XName("requests"),
	)
}

func ExampleRemote() {
	remote := helpers.Remote(helpers.FailEvery(3))
	defer remote.Close()

	for i := 1; i <= 3; i++ {
		answer, err := remote.Get(i)
		fmt.Println(answer, err)
	}
	fmt.Println(remote.Requests(), "requests,", remote.MaxInFlight(), "at once,", remote.Connections(), "connection")
	// Output:
	// answer 1 <nil>
	// answer 2 <nil>
	//  request 3: 503 Service Unavailable
	// 3 requests, 1 at once, 1 connection
}

func ExampleShow() {
	bar := charts.NewBar()
	bar.SetGlobalOptions(charts.WithTitleOpts(opts.Title{Title: "Cups of coffee"}))
	bar.SetXAxis([]string{"Mon", "Tue"}).
		AddSeries("me", []opts.BarData{{Value: 3}, {Value: 4}}).
		AddSeries("you", []opts.BarData{{Value: 1}, {Value: 2.5}})
	helpers.Show(bar)
	// Output:
	// Cups of coffee
	// Series  Kind  Values
	// ------  ----  --------------
	// me      bar   Mon 3, Tue 4
	// you     bar   Mon 1, Tue 2.5
}

func ExampleTable() {
	helpers.Table([]string{"language", "threads"}, [][]any{
		{"Go", 4},
		{"C", 16},
	})
	// Output:
	// language  threads
	// --------  -------
	// Go              4
	// C              16
}

func ExampleHTML() {
	helpers.HTML("<p>one <b>bold</b> word</p>")
	// Output: one bold word
}

func ExampleMarkdown() {
	helpers.Markdown("**bold**")
	// Output: **bold**
}
