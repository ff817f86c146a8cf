package helpers

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"
)

// A RemoteOption shapes the network and the server that Remote plays.
type RemoteOption func(*remoteServer)

// Latency makes every answer take d.
func Latency(d time.Duration) RemoteOption { return LatencyBetween(d, d) }

// LatencyBetween makes every answer take a random time from lo to hi, all equally
// likely.
func LatencyBetween(lo, hi time.Duration) RemoteOption {
	return func(s *remoteServer) { s.lo, s.hi = max(lo, 0), max(lo, hi, 0) }
}

// Tail makes a share of the answers, from 0 to 1, take d instead: the slow few
// that every real service has.
func Tail(share float64, d time.Duration) RemoteOption {
	return func(s *remoteServer) { s.tailShare, s.tail = share, max(d, 0) }
}

// Capacity lets the server work on n requests at once; the others wait for their
// turn, first come, first served. Without it there is no limit.
func Capacity(n int) RemoteOption {
	return func(s *remoteServer) {
		if n < 1 {
			panic(fmt.Sprintf("helpers.Capacity: %d: a server needs room for one request at least", n))
		}
		s.slots = make(chan struct{}, n)
	}
}

// FailEvery makes every n-th request fail, counted as they arrive.
func FailEvery(n int) RemoteOption { return func(s *remoteServer) { s.failEvery = n } }

// FailRate makes each request fail with probability p.
func FailRate(p float64) RemoteOption { return func(s *remoteServer) { s.failRate = p } }

// A RemoteServer plays a service somewhere on the network: an HTTP server of this
// process on 127.0.0.1, with a client that keeps connections open for reuse. Its
// methods are safe for concurrent use.
//
// It speaks real HTTP, so net/http, curl and a browser reach it by its URL too.
// Its processor time is the program's, as Time counts it.
type RemoteServer struct {
	server *remoteServer
	client *remoteClient
}

// Remote starts a server that answers at once and never fails, unless options say
// otherwise. It works offline. It ends with the program, when nobody refers to it
// any more, or when it is closed.
//
// Remote panics if the system gives it no port.
func Remote(options ...RemoteOption) *RemoteServer {
	s, err := startServer(options)
	if err != nil {
		panic("helpers.Remote: " + err.Error())
	}
	r := &RemoteServer{server: s, client: &remoteClient{address: s.address()}}
	runtime.AddCleanup(r, func(s *remoteServer) { s.shut() }, s)
	return r
}

// Get asks for the answer to request i, and waits for it, over a connection from
// the pool or a new one if all are busy. The answer to request 7 is "answer 7". A
// request that the server makes fail gives an error that says 503.
func (r *RemoteServer) Get(i int) (string, error) { return r.GetContext(context.Background(), i) }

// GetContext is Get with a context. When ctx ends first, it returns at once with
// the cause, the connection is closed, and the server stops working on the
// request.
func (r *RemoteServer) GetContext(ctx context.Context, i int) (string, error) {
	answer, err := r.client.get(ctx, i)
	runtime.KeepAlive(r)
	if err != nil {
		return "", fmt.Errorf("request %d: %w", i, err)
	}
	return answer, nil
}

// URL returns the address of request i, for net/http. http.DefaultClient keeps
// only two connections to one host; this one keeps as many as there are:
//
//	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
//	response, err := client.Get(remote.URL(7))
func (r *RemoteServer) URL(i int) string { return fmt.Sprintf("http://%s/%d", r.server.address(), i) }

// Requests returns how many requests have arrived.
func (r *RemoteServer) Requests() int { return r.server.count().requests }

// InFlight returns how many requests have arrived and have no answer yet. By the
// time that an answer is received, its request is not counted any more.
func (r *RemoteServer) InFlight() int { return r.server.count().inFlight }

// MaxInFlight returns the highest InFlight that there was.
func (r *RemoteServer) MaxInFlight() int { return r.server.count().maxInFlight }

// Connections returns how many connections have been opened to the server.
func (r *RemoteServer) Connections() int { return r.server.count().connections }

// Reset begins to count anew. Requests that are on their way stay in flight, and
// connections stay open: they are not counted as opened again.
func (r *RemoteServer) Reset() { r.server.reset() }

// Close ends the server and all connections, and returns when its goroutines have
// ended. Requests on their way fail. Closing twice does nothing.
func (r *RemoteServer) Close() {
	r.client.close()
	r.server.shut()
	r.server.running.Wait()
}

// delay draws the time that one answer takes.
func (s *remoteServer) delay() time.Duration {
	if s.tailShare > 0 && rand.Float64() < s.tailShare {
		return s.tail
	}
	if s.hi > s.lo {
		return s.lo + rand.N(s.hi-s.lo+1)
	}
	return s.lo
}
