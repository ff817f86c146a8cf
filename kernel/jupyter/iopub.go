package jupyter

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gopark/kernel/zmtp"
)

const (
	// holdFor is how long after the first request messages are kept for a
	// first subscriber: clients may send on shell before their subscription
	// has arrived, and would wait for ever for an idle that nobody got.
	holdFor = time.Second

	maxHeld       = 1000    // messages
	maxMergedText = 1 << 20 // bytes of one merged stream message
)

// An iopub publishes. Its lock makes the order in which it publishes.
type iopub struct {
	socket *zmtp.XPub
	wire   *codec
	log    *slog.Logger

	mu      sync.Mutex
	running []json.RawMessage // the headers of the requests that execute, oldest first

	// held is what was published before anyone could get it. It has a lock of
	// its own, the innermost one, because subscriptions arrive under the lock
	// of the socket.
	heldMu sync.Mutex
	held   []zmtp.Message
	open   bool        // nothing is held any more
	limit  *time.Timer // opens
}

func listenIOPub(c *Connection, wire *codec, opts zmtp.Options) (*iopub, error) {
	p := &iopub{wire: wire, log: opts.Log}
	network, address := c.address(c.IOPub)
	var err error
	p.socket, err = zmtp.ListenXPub(network, address, zmtp.Publication{Subscribed: p.subscribed, Compact: p.compact}, opts)
	return p, err
}

// subscribed returns what a new subscriber gets first: iopub_welcome, whose
// parent is empty (JEP 65), and then what was held for the first one.
func (p *iopub) subscribed(topic string) []zmtp.Message {
	var messages []zmtp.Message
	if strings.ToValidUTF8(topic, "") == topic {
		m, _, err := p.wire.message("iopub_welcome", nil, nil, map[string]string{"subscription": topic})
		if err == nil {
			messages = append(messages, append(zmtp.Message{[]byte(topic)}, m...))
		}
	}
	for _, m := range p.release() {
		if strings.HasPrefix(string(m[0]), topic) {
			messages = append(messages, m)
		}
	}
	return messages
}

// release ends the time in which messages are held, and returns them.
func (p *iopub) release() []zmtp.Message {
	p.heldMu.Lock()
	defer p.heldMu.Unlock()
	held := p.held
	p.held, p.open = nil, true
	if p.limit != nil {
		p.limit.Stop()
	}
	return held
}

// expect starts the time in which messages are held for a first subscriber.
func (p *iopub) expect() {
	p.heldMu.Lock()
	defer p.heldMu.Unlock()
	if !p.open && p.limit == nil {
		p.limit = time.AfterFunc(holdFor, func() { p.release() })
	}
}

// hold keeps m if it is still time to. When more is published than is kept,
// there is nobody to see it.
func (p *iopub) hold(m zmtp.Message) bool {
	p.heldMu.Lock()
	defer p.heldMu.Unlock()
	if !p.open && len(p.held) < maxHeld {
		p.held = append(p.held, m)
	}
	return !p.open
}

// publish sends a message to all subscribers.
func (p *iopub) publish(topic, kind string, parent json.RawMessage, content any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.publishLocked(topic, kind, parent, content)
}

func (p *iopub) publishLocked(topic, kind string, parent json.RawMessage, content any) {
	m, _, err := p.wire.message(kind, parent, nil, content)
	if err != nil {
		p.log.Error("cannot publish", "err", err)
		return
	}
	if m = append(zmtp.Message{[]byte(topic)}, m...); !p.hold(m) {
		p.socket.Publish(m)
	}
}

func (p *iopub) status(state string, parent json.RawMessage) {
	p.publishLocked("status", "status", parent, map[string]string{"execution_state": state})
}

// starting is the first message of a kernel.
func (p *iopub) starting() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status("starting", nil)
}

// busy opens a request's bracket.
func (p *iopub) busy(r *request, executes bool) {
	p.expect()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status("busy", r.header)
	if executes {
		p.running = append(p.running, r.header)
	}
}

// idle closes a request's bracket. Front ends show the state that was
// published last, so while another request executes its busy is said again.
func (p *iopub) idle(r *request, executes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status("idle", r.header)
	if executes {
		p.running = slices.DeleteFunc(p.running, func(h json.RawMessage) bool { return &h[0] == &r.header[0] })
	}
	if len(p.running) > 0 {
		p.status("busy", p.running[0])
	}
}

// The places of a published message's frames.
const (
	atTopic = iota
	atDelimiter
	atSignature
	atHeader
	atParent
	atMetadata
	atContent
	publishedFrames
)

// compact merges neighbouring stream messages of one cell and one name, for a
// subscriber that is behind. The merged message has the first one's header.
func (p *iopub) compact(queue []zmtp.Message) []zmtp.Message {
	var short []zmtp.Message
	for len(queue) > 0 {
		n, text := 1, []string(nil)
		if first, ok := streamText(queue[0]); ok {
			text = append(text, first)
			for size := len(first); n < len(queue) && size < maxMergedText && sameStream(queue[0], queue[n]); n++ {
				next, ok := streamText(queue[n])
				if !ok {
					break
				}
				text = append(text, next)
				size += len(next)
			}
		}
		m := queue[0]
		if n > 1 {
			m = p.merged(m, strings.Join(text, ""))
		}
		short = append(short, m)
		queue = queue[n:]
	}
	return short
}

// streamTopic is what the topics of stream messages begin with.
const streamTopic = "stream."

func streamText(m zmtp.Message) (string, bool) {
	if len(m) != publishedFrames || !strings.HasPrefix(string(m[atTopic]), streamTopic) {
		return "", false
	}
	var content struct{ Text string }
	err := json.Unmarshal(m[atContent], &content)
	return content.Text, err == nil
}

func sameStream(a, b zmtp.Message) bool {
	return len(b) == publishedFrames && string(a[atTopic]) == string(b[atTopic]) && string(a[atParent]) == string(b[atParent])
}

// merged returns m with another text.
func (p *iopub) merged(m zmtp.Message, text string) zmtp.Message {
	content, err := marshal(streamContent{strings.TrimPrefix(string(m[atTopic]), streamTopic), text})
	if err != nil { // two strings can always be written
		panic(err)
	}
	sealed := p.wire.seal([4][]byte{m[atHeader], m[atParent], m[atMetadata], content})
	return append(zmtp.Message{m[atTopic]}, sealed...)
}

type streamContent struct {
	Name string `json:"name"`
	Text string `json:"text"`
}
