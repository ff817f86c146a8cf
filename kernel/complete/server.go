package complete

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"gopark/kernel/cell"
	"gopark/kernel/process"
)

// A server is one gopls process and the conversation with it. ask is for one
// goroutine at a time.
type server struct {
	process *process.Service
	conn    *jsonrpc2.Conn
	source  string           // the session's module
	dir     string           // a copy of its go.mod and go.sum, which go commands may change
	tmp     string           // holds dir and what else gopls writes
	copied  time.Time        // of the newest file copied
	late    *jsonrpc2.Waiter // the question that was given up, and is under way
	since   time.Time        // when it was
	stuck   time.Duration    // how long it may be
	shown   []*shown         // the files that gopls has been shown: the draft's own first
}

// A shown is a file that is on no disk.
type shown struct {
	uri     string
	text    string
	version int
}

// start starts a process; begin makes it ready.
func start(o Options) (*server, error) {
	// Below the supervisor's folder: it goes even when the kernel is killed.
	tmp, err := os.MkdirTemp(o.Supervisor.Dir(), "gopls-")
	if err != nil {
		return nil, err
	}
	s := &server{source: o.Dir, stuck: o.stuck, tmp: tmp, dir: filepath.Join(tmp, "module")}
	fail := func(err error) (*server, error) { return nil, errors.Join(err, os.RemoveAll(tmp)) }
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return fail(err)
	}
	if _, err := s.copyModule(); err != nil {
		return fail(err)
	}
	s.process, err = o.Supervisor.Serve(process.Command{Path: o.Path, Args: []string{"serve"}, Dir: s.dir, Low: true,
		Env: environ(o.Env, map[string]string{
			"PWD": s.dir, "TMPDIR": tmp, "GOTMPDIR": tmp,
			// It collects well below the limit at which it is ended.
			"GOMEMLIMIT": strconv.FormatInt(o.MemoryLimit/2, 10),
			// It is a child already, this says, and so it starts no sidecar for
			// telemetry, which would be in a session of its own and outlive us.
			"GO_TELEMETRY_CHILD": "2",
		})})
	if err != nil {
		return fail(err)
	}
	stream := jsonrpc2.NewBufferedStream(pipes{s.process}, jsonrpc2.VSCodeObjectCodec{})
	// The connection's context is not a question's: it ends with the streams.
	s.conn = jsonrpc2.NewConn(context.Background(), stream, jsonrpc2.HandlerWithError(answer),
		jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))
	return s, nil
}

// pipes are a process's standard output and input as one stream. A process that
// reads no more is killed: half a message is none, and somebody waits.
type pipes struct{ *process.Service }

func (p pipes) Read(b []byte) (int, error) { return p.Out.Read(b) }

func (p pipes) Write(b []byte) (int, error) {
	err := p.In.SetWriteDeadline(time.Now().Add(writeFor))
	if err != nil {
		return 0, err
	}
	n, err := p.In.Write(b)
	if err != nil {
		p.Kill()
	}
	return n, err
}

func (p pipes) Close() error { return errors.Join(p.In.Close(), p.Out.Close()) }

// close kills the process, waits for it, and ends the conversation.
func (s *server) close() {
	s.process.Kill()
	<-s.process.Done
	// Closing twice is no news: the end of the stream has closed it.
	_ = s.conn.Close()
	<-s.conn.DisconnectNotify()
	_ = s.process.In.Close()
	_ = s.process.Out.Close()
	_ = os.RemoveAll(s.tmp) // or the supervisor does it at the end
}

// environ is env with some variables set. Of two that have one name, a program
// may see either.
func environ(env []string, set map[string]string) []string {
	out := slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		_, ok := set[name]
		return ok
	})
	for _, name := range slices.Sorted(maps.Keys(set)) {
		out = append(out, name+"="+set[name])
	}
	return out
}

// settings are gopls's, for answering questions and nothing else: no
// diagnostics until a file is saved, which none ever is, and no analyses.
var settings = map[string]any{
	"usePlaceholders":                false,
	"completeFunctionCalls":          false,
	"experimentalPostfixCompletions": false,
	"completeUnimported":             false, // the draft brings its imports
	"deepCompletion":                 false, // only names with the prefix are wanted
	"matcher":                        "CaseInsensitive",
	"completionBudget":               "500ms",
	"diagnosticsTrigger":             "Save",
	"staticcheck":                    false,
	"vulncheck":                      "Off",
	"semanticTokens":                 false,
	"linksInHover":                   false,
	"codelenses":                     map[string]bool{"generate": false, "regenerate_cgo": false, "run_govulncheck": false, "tidy": false, "upgrade_dependency": false, "vendor": false},
}

// answer answers what gopls asks of its client.
func answer(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
	if req.Method != "workspace/configuration" || req.Params == nil {
		return nil, nil // registrations, progress, messages: all is well
	}
	var q struct{ Items []json.RawMessage }
	if err := json.Unmarshal(*req.Params, &q); err != nil {
		return nil, err
	}
	out := make([]any, len(q.Items))
	for i := range out {
		out[i] = settings
	}
	return out, nil
}

// common are the packages that cells use most, by name. Gopls reads them before
// the first question.
var common = map[string]string{
	"atomic": "sync/atomic", "bufio": "bufio", "bytes": "bytes", "context": "context", "errors": "errors",
	"fmt": "fmt", "helpers": "gopark/helpers", "http": "net/http", "io": "io", "log": "log", "math": "math",
	"os": "os", "rand": "math/rand", "runtime": "runtime", "slices": "slices", "sort": "sort",
	"strconv": "strconv", "strings": "strings", "sync": "sync", "time": "time",
}

// begin is the conversation up to where questions are answered fast.
func (s *server) begin(ctx context.Context) error {
	initialize := map[string]any{
		"processId":             os.Getpid(),
		"rootUri":               fileURI(s.dir),
		"workspaceFolders":      []map[string]string{{"uri": fileURI(s.dir), "name": "session"}},
		"initializationOptions": settings,
		"capabilities": map[string]any{
			"general": map[string]any{"positionEncodings": []string{"utf-16"}},
			"textDocument": map[string]any{
				"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": false, "documentationFormat": []string{"markdown"}}},
				"hover":      map[string]any{"contentFormat": []string{"markdown"}},
			},
			"workspace": map[string]any{"configuration": true},
		},
	}
	var ignored json.RawMessage
	if err := s.conn.Call(ctx, "initialize", initialize, &ignored); err != nil {
		return err
	}
	if err := s.conn.Notify(ctx, "initialized", struct{}{}); err != nil {
		return err
	}
	// The first questions, which nobody has asked, take the time that it takes to
	// read the packages, and to notice that the file is new.
	for _, text := range []string{"%%\nfmt.", "%%\nos."} {
		d := new(cell.Memory).Draft(text, len(text), cell.NoPackages{})
		program, shift := d.With(common)
		if err := s.ask(ctx, "textDocument/completion", program, d.Cursor+shift, &ignored); err != nil {
			return err
		}
	}
	return nil
}

// ask shows the program and puts a question about one place in its last file. A
// question that nobody waited for to the end is let finish before the next one
// is put: cancelled, it would take with it what gopls has loaded so far, and
// somebody who types on would never get an answer.
func (s *server) ask(ctx context.Context, method string, program []cell.SourceFile, offset int, result any) error {
	if s.late != nil {
		if err := s.late.Wait(ctx, nil); ctx.Err() != nil {
			if time.Since(s.since) > s.stuck {
				s.process.Kill() // the keeper starts another
			}
			return context.Cause(ctx)
		} else if errors.Is(err, jsonrpc2.ErrClosed) {
			return err
		}
		s.late = nil
	}
	if err := s.show(ctx, program); err != nil {
		return err
	}
	q := positionParams{textDocument{URI: s.shown[0].uri}, positionOf(program[len(program)-1].Text, offset)}
	answer, err := s.conn.DispatchCall(ctx, method, q)
	if err != nil {
		return err
	}
	err = answer.Wait(ctx, result)
	if ctx.Err() != nil && err != nil {
		s.late, s.since = &answer, time.Now()
		return context.Cause(ctx)
	}
	return err
}

// show makes gopls see the program. A file keeps its name for as long as its
// text is there, however the program's files move: gopls loads a file anew when
// its name or its imports change, and that takes a tenth of a second.
func (s *server) show(ctx context.Context, program []cell.SourceFile) error {
	switch changed, err := s.copyModule(); {
	case err != nil:
		return err
	case changed:
		change := map[string]any{"changes": []map[string]any{{"uri": fileURI(filepath.Join(s.dir, "go.mod")), "type": 2}}}
		if err := s.conn.Notify(ctx, "workspace/didChangeWatchedFiles", change); err != nil {
			return err
		}
	}
	texts := make([]string, 0, len(program))
	for _, f := range program {
		texts = append(texts, string(f.Text))
	}
	own, memory := texts[len(texts)-1], texts[:len(texts)-1]
	free := map[int]bool{} // shown files that hold no text of the program yet
	for i := 1; i < len(s.shown); i++ {
		free[i] = true
	}
	var moved []string
	for _, text := range memory {
		i := slices.IndexFunc(s.shown, func(f *shown) bool { return f.text == text })
		if i > 0 && free[i] {
			delete(free, i)
		} else {
			moved = append(moved, text)
		}
	}
	left := slices.Sorted(maps.Keys(free))
	for _, text := range moved {
		i := len(s.shown)
		if len(left) > 0 {
			i, left = left[0], left[1:]
		}
		if err := s.put(ctx, max(i, 1), text); err != nil {
			return err
		}
	}
	for _, i := range left {
		if err := s.put(ctx, i, "package main\n"); err != nil {
			return err
		}
	}
	return s.put(ctx, 0, own)
}

// copyModule makes gopls's module that of the session, if it is not, and reports
// whether anything was copied.
func (s *server) copyModule() (changed bool, err error) {
	var newest time.Time
	for _, name := range []string{"go.mod", "go.sum"} {
		if info, err := os.Stat(filepath.Join(s.source, name)); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	if newest.Equal(s.copied) {
		return false, nil
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(s.source, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, name), data, 0o600)
		}
		if err != nil {
			return false, fmt.Errorf("show gopls the session's module: %w", err)
		}
	}
	s.copied = newest
	return true, nil
}

// put makes text what gopls sees as file i.
func (s *server) put(ctx context.Context, i int, text string) error {
	for i >= len(s.shown) {
		name := "gopark_cell.go"
		if n := len(s.shown); n > 0 {
			name = fmt.Sprintf("gopark_memory%d.go", n)
		}
		f := &shown{uri: fileURI(filepath.Join(s.dir, name)), version: 1, text: "package main\n"}
		open := map[string]any{"textDocument": map[string]any{"uri": f.uri, "languageId": "go", "version": f.version, "text": f.text}}
		if i == len(s.shown) {
			f.text = text
			open["textDocument"].(map[string]any)["text"] = text
		}
		if err := s.conn.Notify(ctx, "textDocument/didOpen", open); err != nil {
			return err
		}
		s.shown = append(s.shown, f)
	}
	f := s.shown[i]
	if f.text == text {
		return nil
	}
	f.version++
	f.text = text
	return s.conn.Notify(ctx, "textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": f.uri, "version": f.version},
		"contentChanges": []map[string]string{{"text": text}},
	})
}
