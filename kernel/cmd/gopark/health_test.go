package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A server is asked where its file says that it is: by port, below its path, or
// at a socket, with and without TLS.
func TestHealthy(t *testing.T) {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/user/ada/api" {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	for _, tt := range []struct {
		name     string
		tls      bool
		hostname string
		base     string
		sock     bool
		want     string // part of the address, or of the error
		fails    bool
	}{
		{name: "port", hostname: "127.0.0.1", base: "/user/ada/", want: "http://127.0.0.1:"},
		{name: "everywhere", hostname: "0.0.0.0", base: "/user/ada/", want: "http://127.0.0.1:"},
		{name: "everywhere, IPv6", hostname: "::", base: "/user/ada/", want: "http://127.0.0.1:"},
		{name: "TLS", tls: true, hostname: "localhost", base: "/user/ada/", want: "https://localhost:"},
		{name: "socket", sock: true, base: "/user/ada/", want: "http://localhost/user/ada/"},
		{name: "another's path", hostname: "127.0.0.1", base: "/", want: `/api answers "404 Not Found"`, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("JUPYTER_RUNTIME_DIR", dir)
			server := httptest.NewUnstartedServer(api)
			info := map[string]any{"hostname": tt.hostname, "base_url": tt.base, "secure": tt.tls, "sock": "", "port": 0}
			if tt.sock {
				// A name that is short enough for a socket's.
				folder, err := os.MkdirTemp("", "h-")
				if err != nil {
					t.Fatal(err)
				}
				defer os.RemoveAll(folder)
				path := filepath.Join(folder, "s")
				server.Listener.Close()
				if server.Listener, err = net.Listen("unix", path); err != nil {
					t.Fatal(err)
				}
				info["sock"] = path
			} else {
				_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
				info["port"], _ = strconv.Atoi(port)
			}
			if tt.tls {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			data, err := json.Marshal(info)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "jpserver-7.json"), data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := healthy(t.Context())
			switch {
			case tt.fails:
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%q, error %v, want an error with %q", got, err, tt.want)
				}
			case err != nil || !strings.HasPrefix(got, tt.want):
				t.Errorf("%q, error %v, want %q", got, err, tt.want)
			}
		})
	}
}

// A server that hangs is not healthy.
func TestHealthyHangs(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := t.TempDir()
	t.Setenv("JUPYTER_RUNTIME_DIR", dir)
	data, _ := json.Marshal(map[string]any{"port": listener.Addr().(*net.TCPAddr).Port, "base_url": "/"})
	if err := os.WriteFile(filepath.Join(dir, "jpserver-7.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := healthy(ctx); err == nil || !strings.Contains(err.Error(), "context deadline exceeded") {
		t.Errorf("error %v", err)
	}
}

// Waiting ends when a server is there, or with what was seen last.
func TestAwaitHealthy(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("JUPYTER_RUNTIME_DIR", dir)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := awaitHealthy(ctx); err == nil || !strings.Contains(err.Error(), "no Jupyter server runs") {
		t.Errorf("error %v", err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	answer := make(chan string, 1)
	go func() {
		where, err := awaitHealthy(t.Context())
		if err != nil {
			t.Error(err)
		}
		answer <- where
	}()
	data, err := json.Marshal(map[string]any{"port": server.Listener.Addr().(*net.TCPAddr).Port, "base_url": "/"})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "jpserver-7.json"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if where := <-answer; where != server.URL+"/" {
		t.Errorf("%q answers, want %q", where, server.URL)
	}
}
