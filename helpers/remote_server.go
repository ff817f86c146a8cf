package helpers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A remoteServer is the part of HTTP/1.1 that a lesson needs, on package net: one
// goroutine that accepts, one for each connection. net/http would do as well, but
// every program that imports the helpers would have to link it, and its two
// further goroutines for each connection would crowd the timeline.
type remoteServer struct {
	lo, hi, tail time.Duration
	tailShare    float64
	slots        chan struct{} // nil: no limit
	failEvery    int
	failRate     float64

	listener net.Listener
	closing  chan struct{}
	running  sync.WaitGroup // the goroutines

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
	counts remoteCounts
}

type remoteCounts struct{ requests, inFlight, maxInFlight, connections int }

func startServer(options []RemoteOption) (*remoteServer, error) {
	s := &remoteServer{closing: make(chan struct{}), open: map[net.Conn]bool{}}
	for _, o := range options {
		o(s)
	}
	var err error
	// Probing for a dead peer is pointless within a machine, and turning it on
	// takes four system calls for each connection.
	listen := net.ListenConfig{KeepAlive: -1}
	if s.listener, err = listen.Listen(context.Background(), "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("opening a local port: %w", err)
	}
	s.running.Go(s.accept)
	return s, nil
}

func (s *remoteServer) address() string { return s.listener.Addr().String() }

func (s *remoteServer) accept() {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // Out of descriptors: the client hears of it from its own dial.
			select {
			case <-time.After(5 * time.Millisecond):
				continue
			case <-s.closing:
				return
			}
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			c.Close()
			return
		}
		s.open[c] = true
		s.counts.connections++
		s.running.Go(func() { s.serve(c) })
		s.mu.Unlock()
	}
}

// serve answers the requests of one connection, one after the other.
func (s *remoteServer) serve(c net.Conn) {
	defer func() {
		s.mu.Lock()
		delete(s.open, c)
		s.mu.Unlock()
		c.Close()
	}()
	r := bufio.NewReaderSize(c, maxLine)
	for {
		request, err := readRequest(r)
		if err != nil {
			if errors.Is(err, errBadRequest) {
				_ = respond(c, "400 Bad Request", err.Error()+"\n", true)
			}
			return
		}
		fail, err := s.work(c, r)
		if err != nil {
			return
		}
		status, body := "200 OK", "answer "+strings.TrimPrefix(request.target, "/")
		if fail {
			status, body = "503 Service Unavailable", "no answer to this one"
		}
		if err := respond(c, status, body, request.last); err != nil || request.last {
			return
		}
	}
}

// work waits as long as the answer takes. It returns an error if the client hangs
// up meanwhile, or the server closes.
func (s *remoteServer) work(c net.Conn, r *bufio.Reader) (fail bool, err error) {
	s.mu.Lock()
	s.counts.requests++
	s.counts.inFlight++
	s.counts.maxInFlight = max(s.counts.maxInFlight, s.counts.inFlight)
	fail = s.failEvery > 0 && s.counts.requests%s.failEvery == 0
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.counts.inFlight--
		s.mu.Unlock()
	}()
	fail = fail || s.failRate > 0 && rand.Float64() < s.failRate

	if s.slots != nil {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		case <-s.closing:
			return false, net.ErrClosed
		}
	}
	return fail, s.wait(c, r, s.delay())
}

// wait takes d. It waits by reading: a client that hangs up is noticed at once,
// without a goroutine to watch for it.
func (s *remoteServer) wait(c net.Conn, r *bufio.Reader, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	end := time.Now().Add(d)
	if err := c.SetReadDeadline(end); err != nil {
		return err
	}
	_, err := r.Peek(1)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = nil
	case err == nil: // The client sent its next request ahead.
		select {
		case <-time.After(time.Until(end)):
		case <-s.closing:
			return net.ErrClosed
		}
	}
	if err != nil {
		return err
	}
	return c.SetReadDeadline(time.Time{})
}

func (s *remoteServer) count() remoteCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

func (s *remoteServer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = remoteCounts{inFlight: s.counts.inFlight, maxInFlight: s.counts.inFlight}
}

// shut tells all goroutines to end; running says when they have.
func (s *remoteServer) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.closing)
	s.listener.Close()
	for c := range s.open {
		c.Close()
	}
}

// A remoteRequest is what the server needs to know of a request.
type remoteRequest struct {
	target string
	last   bool // the connection ends with the answer
}

var errBadRequest = errors.New("bad request")

// maxLine bounds a line of the head, and is the memory of an idle connection;
// maxHead bounds the head, maxBody what follows it.
const (
	maxLine = 2 << 10
	maxHead = 64 << 10
	maxBody = 1 << 20
)

func readRequest(r *bufio.Reader) (remoteRequest, error) {
	line, header, err := readHead(r)
	if err != nil {
		return remoteRequest{}, err
	}
	fields := strings.Fields(line)
	if len(fields) != 3 || !strings.HasPrefix(fields[2], "HTTP/1.") || !strings.HasPrefix(fields[1], "/") {
		return remoteRequest{}, fmt.Errorf("%w: %.100q is not the first line of an HTTP/1.1 request", errBadRequest, line)
	}
	if header["transfer-encoding"] != "" {
		return remoteRequest{}, fmt.Errorf("%w: a body in chunks is not supported here", errBadRequest)
	}
	if _, err := readBody(r, header); err != nil {
		return remoteRequest{}, err
	}
	last := fields[2] == "HTTP/1.0" || strings.EqualFold(header["connection"], "close")
	return remoteRequest{target: fields[1], last: last}, nil
}

// readHead reads the first line and the headers, whose names it returns in lower
// case.
func readHead(r *bufio.Reader) (first string, header map[string]string, err error) {
	header = map[string]string{}
	for size := 0; ; {
		line, err := r.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = fmt.Errorf("%w: a line is too long", errBadRequest)
			}
			return "", nil, err
		}
		if size += len(line); size > maxHead {
			return "", nil, fmt.Errorf("%w: the headers are too long", errBadRequest)
		}
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case first == "":
			if text == "" {
				continue // RFC 9112, 2.2: a server ignores empty lines before the request.
			}
			first = text
		case text == "":
			return first, header, nil
		default:
			name, value, ok := strings.Cut(text, ":")
			if !ok {
				return "", nil, fmt.Errorf("%w: %.100q is no header", errBadRequest, text)
			}
			header[strings.ToLower(name)] = strings.TrimSpace(value)
		}
	}
}

func readBody(r *bufio.Reader, header map[string]string) (string, error) {
	text := header["content-length"]
	if text == "" {
		return "", nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxBody {
		return "", fmt.Errorf("%w: content-length %.100q", errBadRequest, text)
	}
	body := make([]byte, n)
	_, err = io.ReadFull(r, body)
	return string(body), err
}

// respond writes an answer at once, so that it travels in one packet.
func respond(w io.Writer, status, body string, last bool) error {
	connection := ""
	if last {
		connection = "Connection: close\r\n"
	}
	_, err := io.WriteString(w, "HTTP/1.1 "+status+"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "+
		strconv.Itoa(len(body))+"\r\n"+connection+"\r\n"+body)
	return err
}
