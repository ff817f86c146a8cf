package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gopark/kernel/zmtp"
)

// protocolVersion is the version of the messaging protocol that we announce.
const protocolVersion = "5.5"

// delimiter stands between the identities of a message and its parts.
const delimiter = "<IDS|MSG>"

// maxHeader bounds a request's header, in bytes, because every message about
// that request repeats it.
const maxHeader = 64 << 10

// maxSeen is how many signatures are remembered to recognise a replay: as many
// as jupyter_client's Session remembers.
const maxSeen = 1 << 16

// A request is a message from a front end whose signature is right.
type request struct {
	from     *zmtp.Peer
	idents   zmtp.Message    // what routers between us and the front end added
	header   json.RawMessage // as received: replies repeat it byte for byte
	id       string          // header.msg_id
	kind     string          // header.msg_type
	parent   string          // parent_header.msg_id; often empty
	subshell string          // header.subshell_id; empty: the main shell
	content  json.RawMessage // a JSON object
}

// decode reads the content into v, in which missing fields keep their values.
func (r *request) decode(v any) error {
	if err := json.Unmarshal(r.content, v); err != nil {
		return fmt.Errorf("content of %s: %w", r.kind, err)
	}
	return nil
}

// A codec makes messages of one session and reads those of others, signed with
// one key. It is safe for concurrent use.
type codec struct {
	key     []byte
	session string
	count   atomic.Int64

	mu     sync.Mutex
	seen   map[[16]byte]struct{}
	ring   [][16]byte // seen, oldest at next
	next   int
	memory int // how many are remembered
}

func newCodec(key string) *codec {
	return &codec{key: []byte(key), session: rand.Text(), seen: make(map[[16]byte]struct{}), memory: maxSeen}
}

// sign returns the signature of the four parts of a message, in hex; empty
// when there is no key.
func (c *codec) sign(parts ...[]byte) []byte {
	if len(c.key) == 0 {
		return nil
	}
	h := hmac.New(sha256.New, c.key)
	for _, p := range parts {
		h.Write(p)
	}
	return hex.AppendEncode(nil, h.Sum(nil))
}

// parse checks a message and takes it apart.
func (c *codec) parse(m zmtp.Message) (*request, error) {
	r := &request{}
	for ; len(m) > 0 && string(m[0]) != delimiter; m = m[1:] {
		r.idents = append(r.idents, m[0])
	}
	if len(m) == 0 {
		return nil, errors.New("no delimiter")
	}
	if m = m[1:]; len(m) < 5 {
		return nil, fmt.Errorf("%d frames after the delimiter, want at least 5", len(m))
	}
	if !hmac.Equal(m[0], c.sign(m[1], m[2], m[3], m[4])) {
		return nil, errors.New("wrong signature")
	}
	if len(m[1]) > maxHeader {
		return nil, fmt.Errorf("header of %d bytes", len(m[1]))
	}
	var header struct {
		ID   string `json:"msg_id"`
		Kind string `json:"msg_type"`
		Sub  string `json:"subshell_id"` // or null
	}
	if err := json.Unmarshal(m[1], &header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if header.ID == "" || header.Kind == "" {
		return nil, errors.New("header without msg_id or msg_type")
	}
	if !isObject(m[1]) || !isObject(m[4]) {
		return nil, errors.New("header or content is not a JSON object")
	}
	if c.replayed(m[0]) {
		return nil, errors.New("a message that was received before")
	}
	r.header, r.content = json.RawMessage(m[1]), json.RawMessage(m[4])
	r.id, r.kind, r.subshell = header.ID, header.Kind, header.Sub
	var parent struct {
		ID string `json:"msg_id"`
	}
	if json.Unmarshal(m[2], &parent) == nil {
		r.parent = parent.ID
	}
	return r, nil
}

// isObject reports whether b is one valid JSON object.
func isObject(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && b[0] == '{' && json.Valid(b)
}

// replayed reports whether a right signature was seen before, and remembers it.
func (c *codec) replayed(signature []byte) bool {
	if len(c.key) == 0 {
		return false
	}
	var key [16]byte
	hex.Decode(key[:], signature[:2*len(key)]) // it is ours, so it is hex
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.seen[key]; ok {
		return true
	}
	c.seen[key] = struct{}{}
	if len(c.ring) < c.memory {
		c.ring = append(c.ring, key)
		return false
	}
	delete(c.seen, c.ring[c.next])
	c.ring[c.next] = key
	c.next = (c.next + 1) % c.memory
	return false
}

// message makes a signed message: the delimiter and what follows it. A nil
// parent or metadata is an empty object. It returns the message's id too.
func (c *codec) message(kind string, parent json.RawMessage, metadata map[string]any, content any) (m zmtp.Message, id string, err error) {
	id = fmt.Sprintf("%s_%d", c.session, c.count.Add(1))
	header := struct {
		ID       string `json:"msg_id"`
		Session  string `json:"session"`
		Username string `json:"username"`
		Date     string `json:"date"`
		Kind     string `json:"msg_type"`
		Version  string `json:"version"`
	}{id, c.session, "kernel", date(time.Now()), kind, protocolVersion}
	if parent == nil {
		parent = json.RawMessage("{}")
	}
	if metadata == nil {
		metadata = map[string]any{}
	}
	parts := [4][]byte{1: parent}
	for i, v := range map[int]any{0: header, 2: metadata, 3: content} {
		if parts[i], err = marshal(v); err != nil {
			return nil, "", fmt.Errorf("%s: %w", kind, err)
		}
	}
	return c.seal(parts), id, nil
}

// seal signs the four parts of a message and puts the delimiter before them.
func (c *codec) seal(parts [4][]byte) zmtp.Message {
	return zmtp.Message{[]byte(delimiter), c.sign(parts[:]...), parts[0], parts[1], parts[2], parts[3]}
}

// date writes a time as the protocol wants it: ISO 8601 with fractions of a
// second, because front ends compute durations from the dates of headers.
func date(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}
