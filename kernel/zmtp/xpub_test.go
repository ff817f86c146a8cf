package zmtp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopark/kernel/zmtp/zmtptest"
)

// welcome makes a subscriber known to the test: its first message says that
// the subscription has arrived.
var welcome = Publication{Subscribed: func(topic string) []Message {
	return []Message{{[]byte(topic), []byte("welcome")}}
}}

// subscriber connects and subscribes in the manner of ZMTP 3.1 or 3.0.
func subscriber(t *testing.T, x *XPub, topic string, byMessage bool) *zmtptest.Client {
	t.Helper()
	c := zmtptest.Dial(t, x.Addr(), "SUB", "")
	if byMessage {
		c.Send("\x01" + topic)
	} else {
		c.Command("SUBSCRIBE", topic)
	}
	if got := c.Recv(); got[0] != topic || got[1] != "welcome" {
		t.Fatalf("got %q", got)
	}
	return c
}

func TestSubscriptions(t *testing.T) {
	for _, byMessage := range []bool{false, true} {
		t.Run(fmt.Sprintf("byMessage=%t", byMessage), func(t *testing.T) {
			x := xpub(t, welcome, Options{})
			all := subscriber(t, x, "", byMessage)
			some := subscriber(t, x, "ab", byMessage)
			publish := func(topics ...string) {
				for _, topic := range topics {
					x.Publish(Message{[]byte(topic)})
				}
			}
			receive := func(c *zmtptest.Client, want ...string) {
				t.Helper()
				for _, w := range want {
					if got := c.Recv(); got[0] != w {
						t.Errorf("got %q, want %q", got, w)
					}
				}
			}
			publish("a", "ab", "b", "abc")
			receive(all, "a", "ab", "b", "abc")
			receive(some, "ab", "abc")

			// Subscribed twice, welcomed once, and gone only when cancelled twice.
			some.Send("\x01ab")
			some.Send("\x00ab")
			some.Command("SUBSCRIBE", "z")
			receive(some, "z")
			publish("abd")
			receive(some, "abd")
			some.Command("CANCEL", "ab")
			some.Command("SUBSCRIBE", "y")
			receive(some, "y")
			publish("abe", "z1")
			receive(some, "z1")
		})
	}
}

// TestStuckSubscriber floods two subscribers of which one never reads. The
// other gets everything, in order and without waiting, and the stuck one goes.
func TestStuckSubscriber(t *testing.T) {
	x := xpub(t, welcome, Options{QueueSoft: 1 << 20, QueueFor: 50 * time.Millisecond})
	healthy := subscriber(t, x, "", false)
	stuck := subscriber(t, x, "", false)

	const n = 200
	payload := bytes.Repeat([]byte("x"), 100<<10) // 20 MB in all: more than the network holds
	worst := time.Duration(0)
	for i := range n {
		start := time.Now()
		x.Publish(Message{[]byte(strconv.Itoa(i)), payload})
		if got := healthy.Recv(); got[0] != strconv.Itoa(i) {
			t.Fatalf("message %d: got %s", i, got[0])
		}
		worst = max(worst, time.Since(start))
	}
	t.Logf("slowest delivery beside a stuck subscriber: %v", worst)
	if worst > 2*time.Second {
		t.Errorf("the stuck subscriber held the healthy one up for %v", worst)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		x.mu.Lock()
		left := len(x.peers)
		x.mu.Unlock()
		if left == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections left, want only the healthy one", left)
		}
	}
	stuck.Closed()
	x.Publish(Message{[]byte("still here")})
	if got := healthy.Recv(); got[0] != "still here" {
		t.Errorf("got %q", got)
	}
}

// TestHardLimit has no patience with a queue that would fill the memory.
func TestHardLimit(t *testing.T) {
	x := xpub(t, welcome, Options{QueueSoft: 1 << 20, QueueFor: time.Hour, QueueHard: 8 << 20})
	stuck := subscriber(t, x, "", false)
	payload := make([]byte, 1<<20)
	for range 100 {
		x.Publish(Message{nil, payload})
	}
	stuck.Closed()
}

// TestCompact merges what a slow subscriber has not taken, and loses nothing.
func TestCompact(t *testing.T) {
	pub := welcome
	pub.Compact = func(queue []Message) []Message {
		var all []byte
		for _, m := range queue {
			all = append(all, m[1]...)
		}
		return []Message{{queue[0][0], all}}
	}
	x := xpub(t, pub, Options{QueueHard: 1 << 30})
	slow := subscriber(t, x, "", false)
	var want strings.Builder
	for i := range 400_000 {
		text := strconv.Itoa(i) + "\n"
		want.WriteString(text)
		x.Publish(Message{[]byte("t"), []byte(text)})
	}
	var got strings.Builder
	messages := 0
	for got.Len() < want.Len() {
		got.WriteString(slow.Recv()[1])
		messages++
	}
	if got.String() != want.String() {
		t.Error("text differs")
	}
	t.Logf("400,000 publications arrived in %d messages", messages)
}

func TestTooManySubscriptions(t *testing.T) {
	x := xpub(t, Publication{}, Options{})
	c := zmtptest.Dial(t, x.Addr(), "SUB", "")
	var flood bytes.Buffer
	for i := range 2 * maxTopics {
		topic := "\x01" + strconv.Itoa(i)
		flood.Write([]byte{0, byte(len(topic))})
		flood.WriteString(topic)
	}
	c.Write(flood.Bytes()) // may fail when the other side has closed already
	c.Closed()
}
