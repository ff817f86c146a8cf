package helpers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// openRemote starts a server that the test closes.
func openRemote(t *testing.T, options ...RemoteOption) *RemoteServer {
	t.Helper()
	r := Remote(options...)
	t.Cleanup(r.Close)
	return r
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("after 5 s, still not: %s", what)
		default:
			runtime.Gosched()
		}
	}
}

func TestRemoteAnswers(t *testing.T) {
	r := openRemote(t)
	for i := range 3 {
		if got, err := r.Get(i); err != nil || got != fmt.Sprintf("answer %d", i) {
			t.Errorf("request %d: %q, %v", i, got, err)
		}
	}
	if r.Requests() != 3 || r.Connections() != 1 || r.MaxInFlight() != 1 || r.InFlight() != 0 {
		t.Errorf("%d requests, %d connections, at most %d and now %d in flight; want 3, 1, 1, 0",
			r.Requests(), r.Connections(), r.MaxInFlight(), r.InFlight())
	}
	r.Reset()
	if r.Requests() != 0 || r.Connections() != 0 || r.MaxInFlight() != 0 {
		t.Error("Reset left counts")
	}
	if _, err := r.Get(9); err != nil || r.Connections() != 0 {
		t.Errorf("after Reset: %v, %d new connections, want the old one used again", err, r.Connections())
	}
}

func TestRemoteOverlap(t *testing.T) {
	const n, latency = 50, 50 * time.Millisecond
	r := openRemote(t, Latency(latency))
	start := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := r.Get(i); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d := time.Since(start); d < latency || d > n*latency/2 {
		t.Errorf("%d requests at once took %v", n, d)
	}
	if r.MaxInFlight() < n/2 || r.InFlight() != 0 || r.Connections() > n {
		t.Errorf("at most %d in flight, now %d, %d connections", r.MaxInFlight(), r.InFlight(), r.Connections())
	}
}

func TestRemoteCapacity(t *testing.T) {
	const latency = 10 * time.Millisecond
	r := openRemote(t, Latency(latency), Capacity(2))
	start := time.Now()
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { _, _ = r.Get(i) })
	}
	wg.Wait()
	if d := time.Since(start); d < 5*latency {
		t.Errorf("10 requests, 2 at once, of %v each took %v: less than is possible", latency, d)
	}
}

func TestRemoteDelays(t *testing.T) {
	tests := []struct {
		name    string
		options []RemoteOption
		lo, hi  time.Duration
		tail    time.Duration
		share   float64
	}{
		{"none", nil, 0, 0, 0, 0},
		{"fixed", []RemoteOption{Latency(5)}, 5, 5, 0, 0},
		{"between", []RemoteOption{LatencyBetween(10, 20)}, 10, 20, 0, 0},
		{"upside down", []RemoteOption{LatencyBetween(20, 10)}, 20, 20, 0, 0},
		{"tail", []RemoteOption{Latency(5), Tail(0.1, 100)}, 5, 5, 100, 0.1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &remoteServer{}
			for _, o := range test.options {
				o(s)
			}
			slow := 0
			seen := map[time.Duration]bool{}
			for range 2000 {
				d := s.delay()
				seen[d] = true
				switch {
				case test.share > 0 && d == test.tail:
					slow++
				case d < test.lo || d > test.hi:
					t.Fatalf("delay %d is outside of [%d, %d]", d, test.lo, test.hi)
				}
			}
			if want := test.share * 2000; float64(slow) < 0.7*want || float64(slow) > 1.3*want {
				t.Errorf("%d slow answers, want about %.0f", slow, want)
			}
			if test.hi > test.lo && !(seen[test.lo] && seen[test.hi]) {
				t.Error("an end of the range never came")
			}
		})
	}
}

func TestRemoteFailures(t *testing.T) {
	r := openRemote(t, FailEvery(3))
	var failed []int
	for i := 1; i <= 9; i++ {
		if _, err := r.Get(i); err != nil {
			failed = append(failed, i)
			if want := fmt.Sprintf("request %d: 503 Service Unavailable", i); err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
		}
	}
	if fmt.Sprint(failed) != "[3 6 9]" || r.Connections() != 1 {
		t.Errorf("failed: %v on %d connections, want every third, on one", failed, r.Connections())
	}
	all := openRemote(t, FailRate(1))
	if _, err := all.Get(1); err == nil {
		t.Error("a server that always fails answered")
	}
}

// TestRemoteCancel: the caller returns at once, and the server hears of it.
func TestRemoteCancel(t *testing.T) {
	r := openRemote(t, Latency(time.Hour))
	cause := errors.New("changed my mind")
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error)
	go func() {
		_, err := r.GetContext(ctx, 1)
		done <- err
	}()
	eventually(t, "the request arrived", func() bool { return r.InFlight() == 1 })
	cancel(cause)
	if err := <-done; !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
	eventually(t, "the server stopped working on it", func() bool { return r.InFlight() == 0 })
	if _, err := r.GetContext(ctx, 2); !errors.Is(err, cause) {
		t.Errorf("with a context that ended: %v", err)
	}
	if r.Requests() != 1 {
		t.Errorf("%d requests, want 1", r.Requests())
	}
}

func TestRemoteClose(t *testing.T) {
	r := Remote(Latency(time.Hour), Capacity(1))
	var wg sync.WaitGroup
	for i := range 3 { // One is worked on, two wait for their turn.
		wg.Go(func() {
			if _, err := r.Get(i); err == nil {
				t.Error("an answer from a server that was closed")
			}
		})
	}
	eventually(t, "all arrived", func() bool { return r.InFlight() == 3 })
	r.Close()
	r.Close()
	wg.Wait()
	if _, err := r.Get(1); !errors.Is(err, errRemoteClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(strings.TrimSuffix(r.URL(1), "/1"), "http://")); err == nil {
		t.Error("the port is still open")
	}
}

// TestRemoteForgotten: a server that nobody refers to ends by itself; TestMain
// looks for its goroutines.
func TestRemoteForgotten(t *testing.T) {
	r := Remote()
	if _, err := r.Get(1); err != nil {
		t.Fatal(err)
	}
	s := r.server
	runtime.KeepAlive(r)
	r = nil
	eventually(t, "the server ended", func() bool {
		runtime.GC()
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.closed
	})
	s.running.Wait()
}

// TestRemoteSpeaksHTTP: learners point net/http at it.
func TestRemoteSpeaksHTTP(t *testing.T) {
	r := openRemote(t, FailEvery(3))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	defer client.CloseIdleConnections()
	for i := 1; i <= 3; i++ {
		response, err := client.Get(r.URL(i))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if i < 3 && (response.StatusCode != 200 || string(body) != fmt.Sprintf("answer %d", i)) || i == 3 && response.StatusCode != 503 {
			t.Errorf("request %d: %s, %q", i, response.Status, body)
		}
	}
	if r.Connections() != 1 {
		t.Errorf("%d connections, want one kept alive", r.Connections())
	}
	response, err := client.Post(r.URL(4), "text/plain", strings.NewReader("some text"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("a request with a body: %s", response.Status)
	}
}

func TestRemoteRawRequests(t *testing.T) {
	r := openRemote(t)
	address := r.server.address()
	tests := []struct{ name, send, want string }{
		{"old", "GET /1 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK"},
		{"close", "GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"},
		{"empty line before", "\r\nGET /1 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK"},
		{"bare line feeds", "GET /1 HTTP/1.0\n\n", "HTTP/1.1 200 OK"},
		{"two at once", "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK"},
		{"garbage", "what?\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		{"no header", "GET / HTTP/1.1\r\nnonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		{"chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		{"huge body", "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		{"long line", "GET /" + strings.Repeat("x", maxLine) + " HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, test.send); err != nil {
				t.Fatal(err)
			}
			// All of these end the connection, so that reading to the end shows it.
			answer, err := io.ReadAll(c)
			if err != nil && len(answer) == 0 {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(string(answer), "\r\n"); first != test.want {
				t.Errorf("got %q, want %q", first, test.want)
			}
		})
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add("POST / HTTP/1.0\ncontent-length: 3\n\nabc")
	f.Add("\r\n\r\n:")
	f.Fuzz(func(t *testing.T, text string) {
		request, err := readRequest(bufio.NewReaderSize(strings.NewReader(text), maxLine))
		if err == nil && !strings.HasPrefix(request.target, "/") {
			t.Errorf("%q: target %q", text, request.target)
		}
	})
}

func BenchmarkRemoteGet(b *testing.B) {
	r := Remote()
	defer r.Close()
	for b.Loop() {
		if _, err := r.Get(1); err != nil {
			b.Fatal(err)
		}
	}
}
