package display

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"
)

const envRelayChild = "DISPLAY_TEST_RELAY_CHILD"

// relayChild is a program that uses gonbui and this package in turn.
func relayChild(first string) {
	ours := func(i int) {
		if err := Bundle(map[string]any{"text/html": fmt.Sprintf("ours %d", i)}, ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	theirs := func(i int) { gonbui.DisplayHtml(fmt.Sprintf("theirs %d", i)) }
	if first == "ours" {
		ours(-1)
	} else {
		gonbui.Sync() // alone, it hangs when the pipe cannot be opened
	}
	for i := range 20 {
		theirs(i)
		ours(i)
		gonbui.Sync()
	}
}

// TestBesideGonbui runs a program that contains gonbui, against a kernel that has
// one decoder, as kernels do.
func TestBesideGonbui(t *testing.T) {
	if first := os.Getenv(envRelayChild); first != "" {
		relayChild(first)
		os.Exit(0)
	}
	for _, first := range []string{"ours", "theirs"} {
		t.Run(first+" first", func(t *testing.T) {
			k := newKernel(t, false)
			command := exec.Command(os.Args[0], "-test.run=^TestBesideGonbui$")
			command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", envRelayChild+"="+first, envGonbui+"=1", envPipe+"="+k.to, envPipeBack+"="+k.from)
			if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%v\n%s", err, out)
			}
			var ours, theirs []string
			for _, d := range k.displays() {
				text, _ := d.Data["text/html"].(string)
				if who, _, _ := strings.Cut(text, " "); who == "ours" {
					ours = append(ours, text)
				} else {
					theirs = append(theirs, text)
				}
			}
			want := 20
			if first == "ours" {
				want++
			}
			if len(ours) != want || len(theirs) != 20 {
				t.Errorf("%d of our %d displays arrived, %d of gonbui's 20", len(ours), want, len(theirs))
			}
			for i, text := range theirs {
				if text != fmt.Sprintf("theirs %d", i) {
					t.Errorf("display %d of gonbui is %q", i, text)
				}
			}
		})
	}
}
