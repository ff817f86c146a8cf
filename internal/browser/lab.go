//go:build unix

package browser

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A Lab is a JupyterLab server of one's own, on a free port of 127.0.0.1.
type Lab struct {
	cmd   *exec.Cmd
	base  string
	token string
	home  string // settings and log, removed by Close
	log   *os.File
	ended chan struct{} // closed when the process is gone
	close func() error
}

// closeTime is how long the server has to end its kernels and itself.
const closeTime = 10 * time.Second

// StartLab starts the JupyterLab of a Python environment and waits until it
// answers. dir is the folder that it shows. extra are more arguments, such as
// --LabApp.extra_labextensions_path=DIR. Settings and workspaces of the person
// at the machine are not used; kernelspecs are those of venv and JUPYTER_PATH.
func StartLab(ctx context.Context, dir, venv string, extra ...string) (*Lab, error) {
	return start(ctx, dir, venv, "jupyter-lab", append(extra, "--LabApp.expose_app_in_browser=True"))
}

// StartNotebook starts Jupyter Notebook 7, which is made of JupyterLab's parts
// and shows one notebook at a time, in the same way.
func StartNotebook(ctx context.Context, dir, venv string, extra ...string) (*Lab, error) {
	return start(ctx, dir, venv, "jupyter-notebook", append(extra, "--JupyterNotebookApp.expose_app_in_browser=True"))
}

func start(ctx context.Context, dir, venv, program string, extra []string) (*Lab, error) {
	fail := func(err error) (*Lab, error) { return nil, fmt.Errorf("start %s: %w", program, err) }
	home, err := os.MkdirTemp("", "gopark-lab-")
	if err != nil {
		return fail(err)
	}
	l := &Lab{home: home, token: rand.Text(), ended: make(chan struct{})}
	if l.log, err = os.Create(filepath.Join(home, "log")); err != nil {
		return fail(errors.Join(err, os.RemoveAll(home)))
	}
	port, err := freePort()
	if err != nil {
		return fail(errors.Join(err, l.forget()))
	}
	l.base = fmt.Sprintf("http://127.0.0.1:%d", port)
	l.cmd = exec.Command(filepath.Join(venv, "bin", program), append([]string{
		"--no-browser", "--allow-root", "--ip=127.0.0.1",
		fmt.Sprintf("--port=%d", port), "--ServerApp.port_retries=0",
		"--ServerApp.root_dir=" + dir,
	}, extra...)...)
	l.cmd.Env = append(os.Environ(),
		"JUPYTER_TOKEN="+l.token, // not an argument, which everybody can read
		"JUPYTER_CONFIG_DIR="+filepath.Join(home, "config"),
		"JUPYTER_DATA_DIR="+filepath.Join(home, "data"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(home, "runtime"),
		"JUPYTERLAB_SETTINGS_DIR="+filepath.Join(home, "settings"),
		"JUPYTERLAB_WORKSPACES_DIR="+filepath.Join(home, "workspaces"),
	)
	l.cmd.Stdout, l.cmd.Stderr = l.log, l.log
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := l.cmd.Start(); err != nil {
		return fail(errors.Join(err, l.forget()))
	}
	go func() {
		_ = l.cmd.Wait() // how it ended is in the log
		close(l.ended)
	}()
	l.close = sync.OnceValue(l.shutdown)
	if err := l.wait(ctx); err != nil {
		err = fmt.Errorf("%w\n%s", err, l.Log())
		return fail(errors.Join(err, l.Close()))
	}
	return l, nil
}

// URL returns the address of one of the server's paths, such as "/lab", with the
// token.
func (l *Lab) URL(path string) string {
	return l.base + path + "?reset&token=" + url.QueryEscape(l.token)
}

// Open shows the Lab in a browser of its own and waits until it is built up.
func (l *Lab) Open(ctx context.Context) (*Page, error) { return OpenLab(ctx, l.URL("/lab")) }

// OpenNotebook shows a notebook in Notebook 7 and waits until its kernel is
// ready; path is relative to the server's folder.
func (l *Lab) OpenNotebook(ctx context.Context, path string) (*Page, error) {
	p, err := OpenLab(ctx, l.URL("/notebooks/"+url.PathEscape(path)))
	if err != nil {
		return nil, err
	}
	if _, err := call[bool](ctx, p, "opened", path); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// OpenLab shows a Lab that somebody else has started, with
// LabApp.expose_app_in_browser, in a browser and waits until it is built up. The
// address has the token in it.
func OpenLab(ctx context.Context, address string) (*Page, error) {
	p, err := Open(ctx, address)
	if err != nil {
		return nil, err
	}
	if _, err := Eval[bool](ctx, p, `(async () => {
		while (!window.jupyterapp) await new Promise(resolve => setTimeout(resolve, 25));
		await window.jupyterapp.restored;
		return true;
	})()`); err != nil {
		p.Close()
		return nil, fmt.Errorf("wait for JupyterLab to be built up: %w", err)
	}
	return p, nil
}

// Log returns the end of what the server has said.
func (l *Lab) Log() string {
	data, err := os.ReadFile(l.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-8<<10):])
}

// Close ends the server, which ends its kernels; what has not gone by itself
// after ten seconds is killed.
func (l *Lab) Close() error { return l.close() }

func (l *Lab) shutdown() error {
	// The server alone: it knows best how to end a kernel.
	_ = l.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(closeTime)
	defer timer.Stop()
	select {
	case <-l.ended:
	case <-timer.C:
	}
	// What is left of its group, terminals for example.
	_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
	<-l.ended
	return l.forget()
}

func (l *Lab) forget() error {
	return errors.Join(l.log.Close(), os.RemoveAll(l.home))
}

func (l *Lab) wait(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+"/api/status", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "token "+l.token)
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-l.ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// freePort returns a port that was free a moment ago. Somebody may take it
// first: then the server does not start, and says so.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
