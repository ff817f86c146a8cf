package helpers

import (
	"bytes"
	"encoding/gob"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"gopark/helpers/chart"
)

const envCell = "HELPERS_TEST_CELL"

// cells are programs that a notebook could run.
var cells = map[string]func(){
	"time": func() {
		Predict(time.Second)
		Time("first", func() {})
		Time("<b>second</b>", func() {})
	},
	"compare": func() {
		Compare("sleeps", Variant("a", func() { time.Sleep(10 * time.Millisecond) }),
			Variant("b", func() { time.Sleep(120 * time.Millisecond) }), Rounds(6))
	},
	"sweep": func() { Sweep("quick", []int{1, 2}, VariantN("a", func(int) {}), Rounds(2)) },
	"show": func() {
		bar := charts.NewBar()
		bar.SetXAxis([]string{"x"}).AddSeries("s", []opts.BarData{{Value: 1}},
			charts.WithCustomChartOpts(opts.CustomChart{RenderItem: opts.FuncOpts("x => x")}))
		Show(bar)
		Markdown("**m**")
		HTML("<i>h</i>")
		Table([]string{"<n>"}, [][]any{{1}})
	},
	"panic": func() {
		Compare("t", Variant("fine", func() { time.Sleep(250 * time.Millisecond) }), Variant("bad", func() { panic("oops") }))
	},
}

// runCell runs a cell in a process of its own, with the pipes that a kernel
// makes, and returns what it displayed and printed.
func runCell(t *testing.T, name string, env ...string) (shown []protocol.DisplayData, printed string, err error) {
	t.Helper()
	dir := t.TempDir()
	open := func(name string) *os.File {
		path := filepath.Join(dir, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	to, from := open("to"), open("from")
	var kernel sync.WaitGroup
	kernel.Go(func() {
		decoder, encoder := gob.NewDecoder(to), gob.NewEncoder(from)
		for {
			var data protocol.DisplayData
			if decoder.Decode(&data) != nil {
				return
			}
			if v, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				_ = encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: v.Value})
				continue
			}
			shown = append(shown, data)
		}
	})
	command := exec.Command(os.Args[0], "-test.run=^TestInNotebook$")
	command.Env = append(append(os.Environ(), envCell+"="+name, "GORACE=atexit_sleep_ms=0",
		protocol.GONB_PIPE_ENV+"="+to.Name(), protocol.GONB_PIPE_BACK_ENV+"="+from.Name()), env...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err = command.Run()
	to.Close()
	from.Close()
	kernel.Wait()
	return shown, out.String(), err
}

// layers returns the MIME types of a display, in order.
func layers(d protocol.DisplayData) string {
	var names []string
	for name := range d.Data {
		names = append(names, string(name))
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

const allLayers = chart.MIME + " text/html text/plain"

func TestInNotebook(t *testing.T) {
	if name := os.Getenv(envCell); name != "" {
		cells[name]()
		os.Exit(0)
	}
	gob.Register(map[string]any{})
	gob.Register([]any{})
	run := func(t *testing.T, name string, env ...string) []protocol.DisplayData {
		t.Helper()
		shown, printed, err := runCell(t, name, env...)
		if err != nil || printed != "" {
			t.Fatalf("%v, printed %q", err, printed)
		}
		return shown
	}
	t.Run("time", func(t *testing.T) {
		shown := run(t, "time")
		if len(shown) != 2 || shown[0].DisplayID == "" || shown[0].DisplayID != shown[1].DisplayID {
			t.Fatalf("%d displays; want one that grows", len(shown))
		}
		last := shown[1].Data
		text, _ := last["text/plain"].(string)
		if layers(shown[1]) != allLayers || strings.Count(text, "\n") != 2 || !strings.Contains(text, "you guessed 1 s") {
			t.Errorf("layers %s, text %q", layers(shown[1]), text)
		}
		if html, _ := last["text/html"].(string); strings.Contains(html, "<b>second") {
			t.Errorf("a name became markup: %s", html)
		}
	})
	t.Run("gopark draws by itself", func(t *testing.T) {
		for _, d := range run(t, "time", "GOPARK_KERNEL=1") {
			if want := chart.MIME + " text/plain"; layers(d) != want {
				t.Errorf("layers %s, want %s", layers(d), want)
			}
		}
	})
	t.Run("compare", func(t *testing.T) {
		shown := run(t, "compare")
		if len(shown) < 3 {
			t.Fatalf("%d displays, want progress, chart and findings", len(shown))
		}
		progress, picture, findings := shown[0], shown[len(shown)-2], shown[len(shown)-1]
		if html, _ := progress.Data["text/html"].(string); !strings.Contains(html, "<progress") {
			t.Errorf("first display: %v", progress.Data)
		}
		if layers(picture) != allLayers || picture.DisplayID != progress.DisplayID {
			t.Errorf("the chart has layers %s, and replaces the progress bar: %v", layers(picture), picture.DisplayID == progress.DisplayID)
		}
		layer, _ := picture.Data[chart.MIME].(map[string]any)
		if option, _ := layer["option"].(map[string]any); layer["version"] != 1.0 || option["series"] == nil {
			t.Errorf("chart layer %v", layer)
		}
		if text, _ := findings.Data["text/plain"].(string); !strings.Contains(text, "a is ") || findings.DisplayID != "" {
			t.Errorf("findings %q", text)
		}
	})
	t.Run("sweep", func(t *testing.T) {
		// On a slow machine there is time to show how far it is.
		shown := run(t, "sweep")
		if len(shown) == 0 {
			t.Fatal("no display")
		}
		if last := shown[len(shown)-1]; layers(last) != allLayers || last.DisplayID != shown[0].DisplayID {
			t.Errorf("%d displays, the last with layers %s", len(shown), layers(last))
		}
	})
	t.Run("show", func(t *testing.T) {
		shown := run(t, "show")
		var got []string
		for _, d := range shown {
			got = append(got, layers(d))
		}
		want := []string{allLayers, "text/html text/plain", "text/markdown text/plain", "text/html text/plain", "text/html text/plain"}
		if strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if html, _ := shown[4].Data["text/html"].(string); strings.Contains(html, "<n>") {
			t.Errorf("a header became markup: %s", html)
		}
	})
	t.Run("panic", func(t *testing.T) {
		shown, printed, err := runCell(t, "panic")
		if err == nil || !strings.Contains(printed, `variant "bad" panicked in the warm-up:`) || !strings.Contains(printed, "panic: oops") {
			t.Errorf("%v, printed %s", err, printed)
		}
		text, _ := shown[len(shown)-1].Data["text/plain"].(string)
		if text != "t: stopped: bad did not return in the warm-up" {
			t.Errorf("the progress bar ended as %q", text)
		}
	})
}
