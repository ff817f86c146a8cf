package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"gopark/kernel/zmtp"
	"gopark/kernel/zmtp/zmtptest"
)

// A fake is a kernel whose cells are functions of the test.
type fake struct {
	cells    map[string]func(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply
	complete func(ctx context.Context, code string, cursor int) CompleteReply
	shutdown func(restart bool)
	single   bool // it has no subshells
}

func (k *fake) Info() Info {
	return Info{Implementation: "fake", Version: "1", Banner: "a fake", Subshells: !k.single,
		Language: Language{Name: "go", Version: "1.26", MIMEType: "text/x-go", FileExtension: ".go"}}
}

func (k *fake) Execute(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply {
	if cell := k.cells[req.Code]; cell != nil {
		return cell(ctx, req, out)
	}
	out.Stream("stdout", req.Code)
	return ExecuteReply{}
}

func (k *fake) Complete(ctx context.Context, code string, cursor int) CompleteReply {
	if k.complete != nil {
		return k.complete(ctx, code, cursor)
	}
	return CompleteReply{Matches: []string{"Println"}, Start: cursor - 1, End: cursor}
}

func (*fake) Inspect(_ context.Context, code string, cursor, detail int) InspectReply {
	return InspectReply{Found: true, Data: map[string]any{"text/plain": fmt.Sprintf("%q at %d, detail %d", code, cursor, detail)}}
}

func (*fake) IsComplete(_ context.Context, code string) IsCompleteReply {
	if strings.HasSuffix(code, "{") {
		return IsCompleteReply{Status: "incomplete", Indent: "\t"}
	}
	return IsCompleteReply{Status: "complete"}
}

func (k *fake) Shutdown(restart bool) {
	if k.shutdown != nil {
		k.shutdown(restart)
	}
}

// fail is a cell that fails properly.
func fail(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
	f := &Failure{"Panic", "boom", []string{"panic: boom", "cell [1] line 1"}}
	out.Error(f.Name, f.Value, f.Traceback)
	return ExecuteReply{Failure: f}
}

// untilStopped is a cell that runs until its context ends, and says why.
func untilStopped(running chan<- struct{}) func(context.Context, ExecuteRequest, Publisher) ExecuteReply {
	return func(ctx context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
		running <- struct{}{}
		<-ctx.Done()
		f := &Failure{"Stopped", context.Cause(ctx).Error(), nil}
		out.Error(f.Name, f.Value, f.Traceback)
		return ExecuteReply{Failure: f}
	}
}

// testConnection lets the system choose the ports.
var testConnection = Connection{Transport: "tcp", IP: "127.0.0.1", Key: "a key", Scheme: "hmac-sha256"}

// A logged is a log that a test can read while it is written.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A kernelProcess is a served fake.
type kernelProcess struct {
	*Server
	t      *testing.T
	log    *logged
	served chan error // what Serve returned
}

// serve starts a server for k, ended with the test.
func serve(t *testing.T, k Kernel) *kernelProcess {
	t.Helper()
	p := &kernelProcess{t: t, log: &logged{}, served: make(chan error, 1)}
	var err error
	if p.Server, err = Listen(testConnection, slog.New(slog.NewTextHandler(p.log, nil))); err != nil {
		t.Fatal(err)
	}
	end := errors.New("the test has ended")
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	go func() { p.served <- p.Serve(ctx, k); close(done) }()
	t.Cleanup(func() { cancel(end); <-done })
	return p
}

func (p *kernelProcess) addr(port int) net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
}

// A front is a front end with its four connections.
type front struct {
	t     *testing.T
	wire  *codec
	shell *zmtptest.Client
	ctl   *zmtptest.Client
	stdin *zmtptest.Client
	iopub *zmtptest.Client
}

// A message is what a front end received.
type message struct {
	topic    string
	kind     string
	id       string // msg_id
	date     string
	parent   string // parent_header, as it came
	parentID string
	metadata map[string]any
	content  map[string]any
	raw      string // content, as it came
}

// open connects a front end to p, and returns when its subscription arrived.
func (p *kernelProcess) open(identity string) *front {
	p.t.Helper()
	f := p.openShell(identity)
	f.subscribe(p)
	return f
}

func (p *kernelProcess) openShell(identity string) *front {
	p.t.Helper()
	dial := func(port int, kind string) *zmtptest.Client { return zmtptest.Dial(p.t, p.addr(port), kind, identity) }
	return &front{
		t: p.t, wire: newCodec(p.conn.Key),
		shell: dial(p.conn.Shell, "DEALER"),
		ctl:   dial(p.conn.Control, "DEALER"),
		stdin: dial(p.conn.Stdin, "DEALER"),
	}
}

func (f *front) subscribe(p *kernelProcess) {
	f.t.Helper()
	f.iopub = zmtptest.Dial(p.t, p.addr(p.conn.IOPub), "SUB", "")
	f.iopub.Command("SUBSCRIBE", "")
	if m := f.published(); m.kind != "iopub_welcome" || m.parent != "{}" || m.topic != "" {
		f.t.Fatalf("want iopub_welcome, got %+v", m)
	}
}

// send sends a request and returns its id.
func (f *front) send(c *zmtptest.Client, kind string, content any) (id string) {
	f.t.Helper()
	m, id, err := f.wire.message(kind, nil, nil, content)
	if err != nil {
		f.t.Fatal(err)
	}
	f.raw(c, m)
	return id
}

func (f *front) raw(c *zmtptest.Client, m zmtp.Message) {
	f.t.Helper()
	c.Raw(encode(m))
}

// encode returns m as it travels.
func encode(m zmtp.Message) []byte {
	var frames []string
	for _, b := range m {
		frames = append(frames, string(b))
	}
	return zmtptest.Encode(frames...)
}

// run sends an execute_request for code.
func (f *front) run(code string) (id string) {
	f.t.Helper()
	return f.send(f.shell, "execute_request", object{"code": code})
}

// header is that of a request to a subshell.
type header struct {
	ID       string `json:"msg_id"`
	Kind     string `json:"msg_type"`
	Subshell string `json:"subshell_id"`
}

// sendTo sends a request to a subshell and returns its id.
func (f *front) sendTo(c *zmtptest.Client, subshell, kind string, content object) (id string) {
	f.t.Helper()
	h := header{fmt.Sprintf("%s-%d", kind, f.wire.count.Add(1)), kind, subshell}
	var parts [4][]byte
	for i, v := range []any{h, object{}, object{}, content} {
		b, err := json.Marshal(v)
		if err != nil {
			f.t.Fatal(err)
		}
		parts[i] = b
	}
	f.raw(c, f.wire.seal(parts))
	return h.ID
}

// ask sends a request on control and returns the content of its reply.
func (f *front) ask(subshell, kind string, content object) map[string]any {
	f.t.Helper()
	id := f.sendTo(f.ctl, subshell, kind, content)
	m := f.receive(f.ctl)
	if want := strings.TrimSuffix(kind, "request") + "reply"; m.parentID != id || m.kind != want {
		f.t.Errorf("%s answers %s, want %s for %s", m.kind, m.parentID, want, id)
	}
	return m.content
}

// receive reads a message and checks its signature.
func (f *front) receive(c *zmtptest.Client) (m message) {
	f.t.Helper()
	frames := c.Recv()
	for frames[0] != delimiter {
		m.topic = frames[0]
		frames = frames[1:]
	}
	if len(frames) != 6 {
		f.t.Fatalf("%d frames: %q", len(frames), frames)
	}
	want := f.wire.sign([]byte(frames[2]), []byte(frames[3]), []byte(frames[4]), []byte(frames[5]))
	if frames[1] != string(want) {
		f.t.Errorf("wrong signature of %q", frames)
	}
	var header, parent struct{ Msg_id, Msg_type, Date, Version string }
	m.parent, m.raw = frames[3], frames[5]
	for i, v := range []any{&header, &parent, &m.metadata, &m.content} {
		if err := json.Unmarshal([]byte(frames[2+i]), v); err != nil {
			f.t.Fatalf("part %d of %q: %v", i, frames, err)
		}
	}
	m.id, m.kind, m.date, m.parentID = header.Msg_id, header.Msg_type, header.Date, parent.Msg_id
	if at, err := time.Parse("2006-01-02T15:04:05.000000Z", header.Date); err != nil || time.Since(at) > time.Minute {
		f.t.Errorf("date %q: %v", header.Date, err)
	}
	if header.Version != protocolVersion {
		f.t.Errorf("version %q", header.Version)
	}
	return m
}

// published reads from IOPub.
func (f *front) published() message {
	f.t.Helper()
	return f.receive(f.iopub)
}

// reply reads from shell, and checks whose reply it is.
func (f *front) reply(id string) message {
	f.t.Helper()
	m := f.receive(f.shell)
	if m.parentID != id {
		f.t.Errorf("%s answers %s, want %s", m.kind, m.parentID, id)
	}
	return m
}

// untilIdle reads from IOPub to the idle of a request, and returns it all.
func (f *front) untilIdle(id string) (all []message) {
	f.t.Helper()
	for {
		m := f.published()
		all = append(all, m)
		if m.parentID == id && m.content["execution_state"] == "idle" {
			return all
		}
	}
}
