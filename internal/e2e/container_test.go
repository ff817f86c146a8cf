package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hardened is how a class runs the image: nothing can be written but /tmp, no
// capability, no way to become root, an id that the image has never heard of, one
// processor and 1 GB.
var hardened = []string{
	"--read-only", "--tmpfs", "/tmp:exec,mode=1777", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
	"--memory", "1g", "--memory-swap", "1g", "--cpus", "1", "--pids-limit", "300", "--user", "4242:4242",
}

const (
	offline = "--network=none"
	token   = "a-token-for-this-test"
)

// A docker is the command, and the image under test.
type docker struct{ command, image string }

// dockerForImage skips the test unless an image is to be tested.
func dockerForImage(t *testing.T) docker {
	t.Helper()
	image := os.Getenv("GOPARK_IMAGE")
	if image == "" {
		t.Skip("SKIPPED: no image to test. Run `make image-test`")
	}
	d := docker{command: "docker", image: image}
	if name := os.Getenv("DOCKER"); name != "" {
		d.command = name
	}
	return d
}

// run runs a docker command and returns what it printed.
func (d docker) run(t *testing.T, stdin io.Reader, args ...string) string {
	t.Helper()
	out, err := d.try(t.Context(), stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d docker) try(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, d.command, args...)
	cmd.Stdin, cmd.WaitDelay = stdin, 5*time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("docker %s: %w\n%s%s", strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String(), nil
}

// A container is one that runs; the test's end removes it with its volumes.
type container struct {
	docker
	id string
}

// start starts a container. options are those of docker run; command replaces
// the image's own.
func (d docker) start(t *testing.T, options []string, command ...string) container {
	t.Helper()
	args := append([]string{"run", "--detach", "--env=JUPYTER_TOKEN=" + token}, options...)
	c := container{d, strings.TrimSpace(d.run(t, nil, append(append(args, d.image), command...)...))}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container says:\n%s", c.logs())
		}
		// t's own context has ended.
		if _, err := d.try(context.Background(), nil, "rm", "--force", "--volumes", c.id); err != nil {
			t.Error(err)
		}
	})
	return c
}

// exec runs a command in the container, with the home that start-course chose.
func (c container) exec(t *testing.T, stdin io.Reader, command ...string) string {
	t.Helper()
	return c.run(t, stdin, append([]string{"exec", "--interactive", c.id, "start-course"}, command...)...)
}

// python runs a script of testdata in the container.
func (c container) python(t *testing.T, script string, args ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	return c.exec(t, bytes.NewReader(text), append([]string{"python3", "-"}, args...)...)
}

// inspect asks docker for a property of the container, as a template.
func (c container) inspect(t *testing.T, template string) string {
	t.Helper()
	return strings.TrimSpace(c.run(t, nil, "inspect", "--format", template, c.id))
}

// logs is the end of what the container has said.
func (c container) logs() string {
	out, err := exec.Command(c.command, "logs", "--tail=50", c.id).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}

// running fails the test when the container has ended.
func (c container) running(t *testing.T) {
	t.Helper()
	if c.inspect(t, "{{.State.Running}}") != "true" {
		t.Fatal("the container has ended")
	}
}

// waitHealthy waits until the container's own health check is content.
func (c container) waitHealthy(t *testing.T) {
	t.Helper()
	poll(t, 60*time.Second, "the container is not healthy", func() bool {
		c.running(t)
		return c.inspect(t, "{{.State.Health.Status}}") == "healthy"
	})
}

// waitLab waits until JupyterLab answers at an address of this machine.
func (c container) waitLab(t *testing.T, base string) {
	t.Helper()
	client := http.Client{Timeout: 2 * time.Second}
	poll(t, 60*time.Second, "JupyterLab does not answer", func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "token "+token)
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// poll asks until the answer is yes.
func poll(t *testing.T, limit time.Duration, complaint string, ask func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for !ask() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("after %v: %s", limit, complaint)
		}
	}
}
