package zmtp

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gopark/kernel/zmtp/zmtptest"
)

func TestEcho(t *testing.T) {
	r := router(t, echo, Options{})
	c := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	for _, want := range [][]string{
		{""}, {"a"}, {"", "", ""}, {strings.Repeat("x", 255)}, {strings.Repeat("y", 256), "z"},
		{strings.Repeat("long", 1<<20)},
	} {
		c.Send(want...)
		if diff := cmp.Diff(want, c.Recv()); diff != "" {
			t.Errorf("-sent +received:\n%.300s", diff)
		}
	}
}

func TestUnixSocketReplacesAbandonedOne(t *testing.T) {
	path := unixPath(t, "k-1")
	dead, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close()

	r, err := ListenRouter("unix", path, echo, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket is open to others: %v %v", info.Mode(), err)
	}
	if _, err := ListenRouter("unix", path, echo, Options{}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a live socket was replaced: %v", err)
	}
	c := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	c.Send("over a file")
	if got := c.Recv(); got[0] != "over a file" {
		t.Errorf("got %q", got)
	}
}

func TestNewestIdentityWinsAndOlderIsStillAnswered(t *testing.T) {
	from := make(chan *Peer, 2)
	r := router(t, func(p *Peer, m Message) bool { from <- p; return true }, Options{})
	older := zmtptest.Dial(t, r.Addr(), "DEALER", "same")
	older.Send("first")
	first := <-from
	newer := zmtptest.Dial(t, r.Addr(), "DEALER", "same")
	newer.Send("second")
	<-from

	if err := r.Send(t.Context(), "same", Message{[]byte("to the newest")}); err != nil {
		t.Fatal(err)
	}
	if got := newer.Recv(); got[0] != "to the newest" {
		t.Errorf("newer got %q", got)
	}
	first.Send(Message{[]byte("an answer")})
	if got := older.Recv(); got[0] != "an answer" {
		t.Errorf("older got %q", got)
	}

	newer.Close()
	for deadline := time.Now().Add(5 * time.Second); ; {
		r.mu.Lock()
		p := r.byID["same"]
		r.mu.Unlock()
		if p == first {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the older connection does not take over")
		}
	}
	if err := r.Send(t.Context(), "same", Message{[]byte("taken over")}); err != nil {
		t.Fatal(err)
	}
	if got := older.Recv(); got[0] != "taken over" {
		t.Errorf("older got %q", got)
	}
}

func TestSendWaitsForIdentity(t *testing.T) {
	r := router(t, echo, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := r.Send(ctx, "nobody", Message{nil}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	sent := make(chan error, 1)
	go func() { sent <- r.Send(t.Context(), "late", Message{[]byte("hello")}) }()
	c := zmtptest.Dial(t, r.Addr(), "DEALER", "late")
	if got := c.Recv(); got[0] != "hello" {
		t.Errorf("got %q", got)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestPingIsAnsweredAndNotDelivered(t *testing.T) {
	r := router(t, echo, Options{})
	c := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	c.Command("PING", "\x00\x0acontext")
	if flags, body := c.Frame(); flags != 4 || string(body) != "\x04PONGcontext" {
		t.Errorf("got %d %q", flags, body)
	}
	c.Command("SOMETHING", "new") // ignored
	c.Send("message")
	if got := c.Recv(); len(got) != 1 || got[0] != "message" {
		t.Errorf("got %q", got)
	}
}

// TestShutdownSendsWhatIsQueued sends a message larger than the network's
// buffers and shuts down before the client reads.
func TestShutdownSendsWhatIsQueued(t *testing.T) {
	big := strings.Repeat("x", 32<<20)
	replied := make(chan struct{})
	r := router(t, func(p *Peer, m Message) bool {
		defer close(replied)
		return p.Send(Message{[]byte(big)}) == nil
	}, Options{})
	c := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	c.Send("go")
	<-replied
	done := make(chan error, 1)
	go func() { done <- r.Shutdown(t.Context()) }()
	if got := c.Recv(); got[0] != big {
		t.Errorf("got %d of %d bytes", len(got[0]), len(big))
	}
	if err := <-done; err != nil {
		t.Error(err)
	}

	// And a peer that does not read cannot hold it up.
	r = router(t, func(p *Peer, m Message) bool { return p.Send(Message{[]byte(big)}) == nil }, Options{})
	zmtptest.Dial(t, r.Addr(), "DEALER", "").Send("go")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestSettle proves that what has arrived is handed over, even when the
// handler is slow, before Settle returns.
func TestSettle(t *testing.T) {
	const n = 1000
	seen := 0
	vouch := make(chan struct{})
	r := router(t, func(p *Peer, m Message) bool {
		if seen++; seen == 1 {
			close(vouch)
		}
		return true
	}, Options{})
	c := zmtptest.Dial(t, r.Addr(), "DEALER", "")
	c.Send("hello")
	<-vouch
	for range n {
		c.Send("message")
	}
	r.Settle(5 * time.Second)
	r.Close() // so that seen may be read
	if seen != n+1 {
		t.Errorf("%d of %d handed over", seen, n+1)
	}
}
