package zmtp

import (
	"crypto/rand"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"gopark/kernel/zmtp/zmtptest"
)

// bad is what a socket must answer by closing the connection, and the reason
// that it must log. Where input starts with "ready" a handshake goes first.
var bad = []struct{ name, input, why string }{
	{"http", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "not ZMTP"},
	{"version 2", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01" + strings.Repeat("\x00", 60), "version 1, older"},
	{"curve", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01CURVE" + strings.Repeat("\x00", 47), "mechanism"},
	{"message for READY", string(zmtptest.Greeting()) + "\x00\x05hello", "a message before READY"},
	{"wrong command", string(zmtptest.Greeting()) + "\x04\x06\x05HELLO", "before READY"},
	{"empty command", string(zmtptest.Greeting()) + "\x04\x00", "malformed command"},
	{"cut property", string(zmtptest.Greeting()) + "\x04\x0a\x05READY\x0bSoc", "cut property"},
	{"huge property", string(zmtptest.Greeting()) + "\x04\x0c\x05READY\x01a\xff\xff\xff\xff", "cut property"},
	{"huge READY", string(zmtptest.Greeting()) + "\x06\x10\x00\x00\x00\x00\x00\x00\x00", "frame of 1152921504606846976 bytes"},
	{"no socket type", string(zmtptest.Greeting()) + "\x04\x06\x05READY", "cannot talk to ROUTER"},
	{"a PUB", string(zmtptest.Greeting()) + "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB", "cannot talk to ROUTER"},
	{"reserved flags", "ready\xf8\x00", "reserved flags"},
	{"2^60 frame", "ready\x02\x10\x00\x00\x00\x00\x00\x00\x00", "frame of 1152921504606846976 bytes"},
	{"64 MB + 1 frame", "ready\x02\x00\x00\x00\x00\x04\x00\x00\x01", "frame of 67108865 bytes"},
	{"2^64-1 frame", "ready\x02\xff\xff\xff\xff\xff\xff\xff\xff", "frame of 18446744073709551615 bytes"},
	{"too many frames", "ready" + strings.Repeat("\x01\x00", 1025), "more than 1024 frames"},
	{"bad command", "ready\x04\x02\x09x", "malformed command"},
	{"short PING", "ready\x04\x06\x04PING\x00", "malformed PING"},
	{"long PING", "ready\x04\x18\x04PING\x00\x00" + strings.Repeat("x", 17), "malformed PING"},
	{"long command", "ready\x05\x06\x05HELLO", "command of several frames"},
	{"subscription", "ready\x04\x0a\x09SUBSCRIBE", "a subscription at a ROUTER"},
	{"error", "ready\x04\x06\x05ERROR", "reports an error"},
}

func TestHostileConnectionsAreClosed(t *testing.T) {
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			var log strings.Builder
			r := router(t, echo, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			healthy := zmtptest.Dial(t, r.Addr(), "DEALER", "healthy")
			var c *zmtptest.Client
			input, ready := strings.CutPrefix(tt.input, "ready")
			if ready {
				c = zmtptest.Dial(t, r.Addr(), "DEALER", "")
			} else {
				c = zmtptest.Connect(t, r.Addr())
			}
			c.Raw([]byte(input))
			c.Closed()
			healthy.Send(tt.name)
			if got := healthy.Recv(); got[0] != tt.name {
				t.Errorf("healthy peer got %q", got)
			}
			r.Shutdown(t.Context()) // so that log is complete
			if !strings.Contains(log.String(), tt.why) {
				t.Errorf("log does not say %q:\n%s", tt.why, log.String())
			}
		})
	}
}

func TestRandomBytes(t *testing.T) {
	r := router(t, echo, Options{})
	for range 100 {
		var b [300]byte
		rand.Read(b[:])
		zmtptest.Connect(t, r.Addr()).Write(b[:])
		zmtptest.Dial(t, r.Addr(), "DEALER", "").Write(b[:])
	}
	healthy := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	healthy.Send("alive")
	healthy.Recv()
}

func TestHandshakeDeadline(t *testing.T) {
	r := router(t, echo, Options{Handshake: 50 * time.Millisecond})
	silent := zmtptest.Connect(t, r.Addr())
	half := zmtptest.Connect(t, r.Addr())
	half.Raw(zmtptest.Greeting()[:30])
	silent.Closed()
	half.Closed()
}

// TestAnnouncedSizeCostsNothing announces 64 MB a thousand times.
func TestAnnouncedSizeCostsNothing(t *testing.T) {
	r := router(t, echo, Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 200 {
		zmtptest.Dial(t, r.Addr(), "DEALER", "").Raw([]byte("\x02\x00\x00\x00\x00\x04\x00\x00\x00some"))
	}
	healthy := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	healthy.Send("alive")
	healthy.Recv()
	runtime.ReadMemStats(&after)
	if grown := after.HeapAlloc - before.HeapAlloc; after.HeapAlloc > before.HeapAlloc && grown > 32<<20 {
		t.Errorf("200 announcements took %d MB", grown>>20)
	}
}

// TestStrangersShareAnAllowance has a handler that accepts only "good".
func TestStrangersShareAnAllowance(t *testing.T) {
	handler := func(p *Peer, m Message) bool {
		p.Send(Message{[]byte("ok")})
		return string(m[0]) == "good"
	}
	r := router(t, handler, Options{MaxFrame: 1 << 20, MaxMessage: 1 << 20})
	hog := zmtptest.Dial(t, r.Addr(), "DEALER", "") // holds most of the allowance with half a message
	hog.Raw([]byte("\x02\x00\x00\x00\x00\x00\x0f\xff\xff"), make([]byte, 0xfffff-1))
	for r.strangers.Load() < 900<<10 {
		runtime.Gosched()
	}
	big := strings.Repeat("x", 512<<10)
	second := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	go func() { second.Write([]byte("\x02\x00\x00\x00\x00\x00\x08\x00\x00" + big)) }()
	second.Closed()

	genuine := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	genuine.Send("good") // a small message always finds room
	genuine.Recv()
	genuine.Send(big) // and who was vouched for is not a stranger
	genuine.Recv()

	hog.Close()
	for r.strangers.Load() != 0 { // all is given back
		runtime.Gosched()
	}
}

// TestCap fills a socket with half-open connections, then with strangers:
// neither keeps a new one out, nor pushes out one that was vouched for.
func TestCap(t *testing.T) {
	const limit = 20
	r := router(t, echo, Options{MaxConns: limit})
	known := zmtptest.Dial(t, r.Addr(), "DEALER", "known")
	alive := func() {
		t.Helper()
		known.Send("ping")
		known.Recv()
	}
	alive()
	for range 3 * limit {
		zmtptest.Connect(t, r.Addr())
	}
	newcomer := zmtptest.Dial(t, r.Addr(), "DEALER", "newcomer")
	newcomer.Send("hello")
	newcomer.Recv()
	alive()
	for range 3 * limit {
		zmtptest.Dial(t, r.Addr(), "DEALER", "")
	}
	newcomer.Send("hello")
	newcomer.Recv()
	alive()

	// When all were vouched for, the newest must wait.
	for {
		r.mu.Lock()
		full := true
		for p := range r.peers {
			full = full && p.standing.Load() == vouched
		}
		full = full && len(r.peers) == limit
		r.mu.Unlock()
		if full {
			break
		}
		c := zmtptest.Dial(t, r.Addr(), "DEALER", "")
		c.Send("me too")
		c.Recv()
	}
	zmtptest.Connect(t, r.Addr()).Closed()
	alive()
}

// TestCloseWithSilentPeers must not wait for anybody.
func TestCloseWithSilentPeers(t *testing.T) {
	r := router(t, echo, Options{})
	zmtptest.Connect(t, r.Addr())
	zmtptest.Dial(t, r.Addr(), "DEALER", "")
	start := time.Now()
	r.Close()
	if d := time.Since(start); d > time.Second {
		t.Errorf("closing took %v", d)
	}
	if _, err := net.Dial("tcp", r.Addr().String()); err == nil {
		t.Error("still listening")
	}
}

// TestAskingWithoutReading pings and subscribes on and on. What waits for the
// peer stays small, although nobody has vouched for it.
func TestAskingWithoutReading(t *testing.T) {
	queued := func(s *socket) (bytes int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for p := range s.peers {
			p.out.mu.Lock()
			bytes = max(bytes, p.out.bytes)
			p.out.mu.Unlock()
		}
		return bytes
	}
	flood := func(s *socket, kind, command string) {
		t.Helper()
		c := zmtptest.Dial(t, s.Addr(), kind, "")
		packet := []byte(strings.Repeat(command, 10_000))
		c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		for {
			if _, err := c.Write(packet); err != nil {
				break
			}
			if n := queued(s); n > 2*maxAnswers {
				t.Fatalf("%d bytes wait for a %s that does not read", n, kind)
			}
		}
	}
	flood(&router(t, echo, Options{}).socket, "DEALER", "\x04\x17\x04PING\x00\x00"+strings.Repeat("x", 16))
	topic := strings.Repeat("t", 100)
	flood(&xpub(t, welcome, Options{}).socket, "SUB", "\x00\x65\x01"+topic+"\x00\x65\x00"+topic)
}
