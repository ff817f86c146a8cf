package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func healthCommand() *cobra.Command {
	limit := seconds(2 * time.Second)
	var wait bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Say whether a Jupyter server of this user answers",
		Long: `Health looks up the Jupyter servers that you have started, whatever their port
and path, in Jupyter's own runtime folder (JUPYTER_RUNTIME_DIR), and asks them
whether they are there. It is the health check of the image.

The exit status is 1 if there is none, or if none answers.`,
		Example: `  gopark health
  docker exec CONTAINER gopark health --wait --timeout 30s`,
		Args: needArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			if limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Duration(limit))
				defer cancel()
			}
			ask := healthy
			if wait {
				ask = awaitHealthy
			}
			where, err := ask(ctx)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), where, "answers")
			return err
		},
	}
	cmd.Flags().VarP(&limit, "timeout", "t", "how long a server may take to answer")
	cmd.Flags().BoolVarP(&wait, "wait", "w", false, "ask again until one answers: a server that starts, too")
	return cmd
}

// A jupyterServer is what a server writes about itself, in jpserver-PID.json, as
// jupyter_server.serverapp.ServerApp.server_info has it.
type jupyterServer struct {
	Hostname string `json:"hostname"`
	Port     int    `json:"port"`
	Sock     string `json:"sock"` // a Unix socket instead of a port
	Secure   bool   `json:"secure"`
	BaseURL  string `json:"base_url"`
}

// healthy returns the address of a server that answers. The files of servers
// that were killed stay behind, so that one answer is enough.
func healthy(ctx context.Context) (string, error) {
	dir, err := runtimeDir()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, "jpserver-*.json"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("no Jupyter server runs: none has left its address in %s", dir)
	}
	var all error
	for _, file := range files {
		var s jupyterServer
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", file, err))
			continue
		}
		if err := s.ask(ctx); err != nil {
			all = errors.Join(all, err)
			continue
		}
		return s.address(), nil
	}
	return "", all
}

// awaitHealthy asks until a server answers. When ctx ends, the error is the last
// answer's.
func awaitHealthy(ctx context.Context) (string, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		where, err := healthy(ctx)
		if err == nil {
			return where, nil
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if cause := context.Cause(ctx); errors.Is(cause, errStopped) {
				return "", cause
			}
			return "", last
		}
	}
}

// runtimeDir is jupyter_core.paths.jupyter_runtime_dir.
func runtimeDir() (string, error) {
	if dir := os.Getenv("JUPYTER_RUNTIME_DIR"); dir != "" {
		return dir, nil
	}
	p, err := ofUser()
	return filepath.Join(p.data, "runtime"), err
}

func (s *jupyterServer) address() string {
	host := s.Hostname
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // it listens everywhere
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(s.Port)), Path: s.BaseURL}
	if s.Sock != "" {
		u.Host = "localhost"
	}
	if s.Secure {
		u.Scheme = "https"
	}
	return u.String()
}

// ask calls the one address that a server answers without a token.
func (s *jupyterServer) ask(ctx context.Context) error {
	transport := &http.Transport{
		DisableKeepAlives: true,
		// The certificate may be for any name, and nothing secret is said.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	if s.Sock != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", s.Sock)
		}
	}
	where, err := url.JoinPath(s.address(), "api")
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: transport}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %q", where, response.Status)
	}
	return nil
}
