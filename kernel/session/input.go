package session

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"gopark/kernel/cell"
)

// promptFor is how long a line that is not at its end is held back, when it may
// turn out a prompt: a front end shows the prompt of a question itself.
const promptFor = flushEvery

// mayAsk reports whether a package may ask for input by itself: gonbui, and what
// others have built on it. The standard library and helpers cannot.
func mayAsk(path string) bool {
	host, _, _ := strings.Cut(path, "/")
	return strings.Contains(host, ".") && !strings.HasPrefix(path, "golang.org/x/")
}

// readers are words without which no program of the standard library's comes to
// its standard input. That one of them stands there does not mean that it does.
var readers = [][]byte{
	[]byte("Stdin"), []byte("Scan"), []byte("NewFile"), []byte("/dev/"), []byte("/proc/"), []byte("syscall"),
}

// mayRead reports whether a program may read its standard input. The input of
// one that cannot is at its end, and nobody has to look what it waits for.
func mayRead(p *cell.Program) bool {
	return slices.ContainsFunc(p.Imports, mayAsk) || slices.ContainsFunc(p.Files, func(f cell.SourceFile) bool {
		return slices.ContainsFunc(readers, func(word []byte) bool { return bytes.Contains(f.Text, word) })
	})
}

// expectInput says whether the program may read.
func (o *outputs) expectInput(reads bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asks = reads
}

// Input asks the person at the front end. A prompt that was also written, and is
// not published yet, is left to the front end, which shows it with the answer;
// it is published when there is none.
func (o *outputs) Input(ctx context.Context, prompt string, password bool) (string, error) {
	o.mu.Lock()
	taken := o.withdraw(prompt)
	o.flush()
	o.mu.Unlock()
	answer, err := o.pub.Input(ctx, prompt, password)
	if err != nil && taken {
		o.Print("stdout", prompt)
		o.mu.Lock()
		o.flush()
		o.mu.Unlock()
	}
	return answer, err
}

// withdraw takes the last line of standard output back if it is text and nobody
// has seen any of it. The caller holds mu.
func (o *outputs) withdraw(text string) bool {
	st := o.streams["stdout"]
	if text == "" || len(o.segments) == 0 || len(st.tail) > 0 || len(st.partial) > 0 {
		return false
	}
	last := &o.segments[len(o.segments)-1]
	before, ok := bytes.CutSuffix(last.text, []byte(text))
	if last.stream != "stdout" || !ok || len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) && before[len(before)-1] != '\r' {
		return false
	}
	last.text = before
	st.shown -= len(text)
	return true
}

func withInputs(x *execution, _, _ string) error {
	x.reads = true
	return nil
}

func withPassword(x *execution, _, _ string) error {
	x.password = true
	return nil
}
