package check

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A run is a child that has ended.
type run struct {
	report     report
	stderr     string
	printed    string
	status     string // "exit status 2"
	hung       bool   // it was killed because its time was up
	limit      time.Duration
	startError string
}

// The most that is kept of what a child writes.
const (
	keepStderr  = 4 << 20 // a dump of thousands of goroutines
	keepPrinted = 4 << 10
)

// start runs program as a child with an order, and waits for its end. The child
// stays in this program's process group, so that whoever stops this program
// stops its children too; no child outlives the limit.
func (j *judgement) start(program string, o errand, env ...string) run {
	o.Call, o.Exercise = j.call, j.e.name
	limit := j.limit
	if o.Seeds > 1 {
		limit = max(limit, time.Minute)
	}
	r := run{limit: limit}
	text, err := json.Marshal(o)
	if err != nil {
		r.startError = err.Error()
		return r
	}
	reportR, reportW, err := os.Pipe()
	if err != nil {
		r.startError = err.Error()
		return r
	}
	defer reportR.Close()
	printedR, printedW, err := os.Pipe()
	if err != nil {
		reportW.Close()
		r.startError = err.Error()
		return r
	}
	defer printedR.Close()
	stderr, printed := &head{limit: keepStderr}, &head{limit: keepPrinted}
	cmd := exec.Command(program)
	cmd.Env = append(childEnviron(), env...)
	// A race is told in words, and is no reason to end: the verdicts follow it.
	cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=0 halt_on_error=0 exitcode=0", "GOTRACEBACK=crash", envOrder+"="+string(text))
	cmd.Stderr = stderr
	cmd.ExtraFiles = []*os.File{reportW, printedW}
	// A grandchild may keep the pipes open after the child's end.
	cmd.WaitDelay = time.Second
	dieWithParent(cmd)
	err = cmd.Start()
	reportW.Close()
	printedW.Close()
	if err != nil {
		r.startError = "the check's own process cannot be started: " + err.Error()
		return r
	}
	var reading sync.WaitGroup
	reading.Go(func() { r.report = readReport(reportR) })
	reading.Go(func() { _, _ = io.Copy(printed, printedR) })
	// The dump of SIGQUIT says where the learner's code is.
	quit := time.AfterFunc(limit, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) })
	kill := time.AfterFunc(limit+2*time.Second, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	r.hung = !quit.Stop()
	kill.Stop()
	_ = reportR.SetReadDeadline(time.Now().Add(time.Second))
	_ = printedR.SetReadDeadline(time.Now().Add(time.Second))
	reading.Wait()
	r.stderr, r.printed, r.status = stderr.String(), printed.String(), cmd.ProcessState.String()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) && cmd.ProcessState == nil {
		r.startError = err.Error()
	}
	return r
}

// outcome is what a run for a single test found.
func (r run) outcome() outcome {
	o := outcome{printed: r.printed}
	if len(r.report.Outcomes) == 1 {
		o = r.report.Outcomes[0]
		o.printed, o.ended = r.printed, true
		// A deadlock and a panic were seen inside, and leave a process in which
		// nothing more should run.
		return o
	}
	if r.startError != "" {
		o.skipped = r.startError
		return o
	}
	o.Failed, o.Message = true, r.message()
	return o
}

// message says why a run has no verdict.
func (r run) message() string {
	if r.hung {
		return hangMessage(r.stderr, r.limit)
	}
	return crashMessage(r.stderr, r.status, r.report.Reached)
}

func readReport(from io.Reader) (all report) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var r report
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			break
		}
		all.Reached = all.Reached || r.Reached
		all.Finished = all.Finished || r.Finished
		all.Outcomes = append(all.Outcomes, r.Outcomes...)
	}
	_, _ = io.Copy(io.Discard, from)
	return all
}

// childEnviron is this program's environment without the display pipe, which
// belongs to this process alone, and without what would change a verdict.
func childEnviron() (out []string) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch name {
		case "GONB_PIPE", "GONB_PIPE_BACK", "GOMAXPROCS", "GORACE", "GOTRACEBACK", envOrder:
			continue
		}
		out = append(out, kv)
	}
	return out
}

// A head keeps the beginning of what is written to it.
type head struct {
	mu    sync.Mutex
	b     bytes.Buffer
	limit int
	over  bool
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	keep := p
	if room := h.limit - h.b.Len(); room < len(p) {
		keep, h.over = p[:room], true
	}
	h.b.Write(keep)
	return len(p), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := strings.ToValidUTF8(h.b.String(), "�")
	if h.over {
		s += "…"
	}
	return s
}
