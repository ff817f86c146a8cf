package zmtp

import (
	"errors"
	"fmt"
	"strings"
)

// A Publication configures an XPub. Its functions are called with the
// socket's lock held: they must be quick and must not call the socket.
type Publication struct {
	// Subscribed is called when a peer subscribes to a topic to which it was
	// not subscribed. What it returns goes to that peer alone, before
	// anything that is published afterwards. It is not called for a peer that
	// subscribes on and on and does not read.
	Subscribed func(topic string) []Message

	// Compact shortens the queue of a peer that is behind, by merging
	// neighbours. It must keep the order, and may not change the frames that
	// it is given, because other peers share them.
	Compact func([]Message) []Message
}

// An XPub is a bound XPUB socket.
type XPub struct{ socket }

// ListenXPub binds an XPUB socket to an address of network "tcp" or "unix".
func ListenXPub(network, address string, pub Publication, opts Options) (*XPub, error) {
	x := &XPub{}
	x.kind = kindXPub
	x.compact = pub.Compact
	x.subscribe = func(p *Peer, topic string, on bool) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		if !on {
			p.cancel(topic)
			return nil
		}
		first, err := p.subscribe(topic)
		if err != nil || !first || pub.Subscribed == nil || !p.out.room() {
			return err
		}
		for _, m := range pub.Subscribed(topic) {
			if err := p.Send(m); err != nil {
				return err
			}
		}
		return nil
	}
	x.deliver = func(p *Peer, m Message) error {
		// ZMTP 3.0 subscribes by messages: 1 or 0, then the topic. Others are
		// an XSUB's own and mean nothing here.
		if len(m) == 1 && len(m[0]) > 0 && m[0][0] <= 1 {
			return x.subscribe(p, string(m[0][1:]), m[0][0] == 1)
		}
		x.opts.Log.Warn("ignored a message to a publisher", "from", p.conn.RemoteAddr())
		return nil
	}
	x.introduced = func(p *Peer, _ string) { p.topics = make(map[string]int) }
	x.dropped = func(*Peer) {}
	if opts.MaxFrame == 0 {
		opts.MaxFrame = 4 * maxTopic // all that a subscriber has to say
	}
	if err := x.listen(network, address, opts); err != nil {
		return nil, err
	}
	x.wg.Go(x.accept)
	return x, nil
}

// subscribe counts a subscription and reports whether it is the first of its
// topic. It needs the socket's mu held.
func (p *Peer) subscribe(topic string) (first bool, err error) {
	if len(topic) > maxTopic {
		return false, fmt.Errorf("topic of %d bytes", len(topic))
	}
	if p.topics[topic] == 0 && len(p.topics) == maxTopics {
		return false, errors.New("too many subscriptions")
	}
	p.topics[topic]++
	p.standing.Store(vouched)
	return p.topics[topic] == 1, nil
}

// cancel takes one subscription back. It needs the socket's mu held.
func (p *Peer) cancel(topic string) {
	if p.topics[topic]--; p.topics[topic] <= 0 {
		delete(p.topics, topic)
	}
}

// Publish queues m for every peer with a subscription that is a prefix of
// m's first frame. It never blocks. All peers see publications in one order.
func (x *XPub) Publish(m Message) {
	x.mu.Lock()
	defer x.mu.Unlock()
	topic := ""
	if len(m) > 0 {
		topic = string(m[0])
	}
	for p := range x.peers {
		for prefix := range p.topics {
			if strings.HasPrefix(topic, prefix) {
				p.Send(m) // a failure closes the peer, and is logged there
				break
			}
		}
	}
}
