package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gopark/internal/browser"
)

// The tests of the image: `make image-test` builds it and sets GOPARK_IMAGE.

// TestImageCourse runs every notebook of the course on both kernels, each in a
// container that is locked up and without a network, and compares what they show.
func TestImageCourse(t *testing.T) {
	d := dockerForImage(t)
	files, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d notebooks: %v", len(files), err)
	}
	kernels := []string{"gopark", "gonb"}
	containers := map[string]container{}
	for _, kernel := range kernels {
		containers[kernel] = d.start(t, append(hardened, offline))
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			saved := codeCells(t, file)
			once := func() map[int]string {
				t.Helper()
				var work sync.WaitGroup
				var errs [2]error
				targets := [2]string{filepath.Join(t.TempDir(), "ours"), filepath.Join(t.TempDir(), "theirs")}
				for i, kernel := range kernels {
					work.Go(func() { errs[i] = containers[kernel].notebook(t.Context(), kernel, name, targets[i]) })
				}
				work.Wait()
				if err := errors.Join(errs[:]...); err != nil {
					t.Fatal(err)
				}
				return differences(t, executed(t, kernels[0], targets[0]), executed(t, kernels[1], targets[1]), saved)
			}
			found := once()
			if len(found) == 0 {
				return
			}
			// Who comes first is chance where a processor is shared. What is
			// wrong is wrong again.
			t.Logf("%d cells differ; once more", len(found))
			again := once()
			for cell, d := range found {
				if again[cell] != "" {
					t.Error(d)
				}
			}
		})
	}
	for _, c := range containers {
		if c.inspect(t, "{{.State.OOMKilled}}") != "false" {
			t.Error("the container ran out of memory")
		}
		c.waitHealthy(t)
	}
}

// notebook runs a notebook of the container's home and writes it to target.
func (c container) notebook(ctx context.Context, kernel, name, target string) error {
	script, err := os.Open(filepath.Join("testdata", "execute.py"))
	if err != nil {
		return err
	}
	defer script.Close()
	const result = "/tmp/executed.ipynb"
	_, err = c.try(ctx, script, "exec", "--interactive", c.id, "start-course", "python3", "-", kernel, name, result)
	if err != nil {
		return err
	}
	text, err := c.try(ctx, nil, "exec", c.id, "cat", result)
	if err != nil {
		return err
	}
	return os.WriteFile(target, []byte(text), 0o600)
}

// TestImageGrades grades the course's own solutions in the locked-up container,
// with the race detector: an image without a C compiler must not skip it.
func TestImageGrades(t *testing.T) {
	d := dockerForImage(t)
	c := d.start(t, append(hardened, offline), "sleep", "infinity")
	out := c.exec(t, nil, "gopark", "check", "--all", "--seeds", "20", "--parallel", "1", "FetchAll")
	t.Logf("%s", out)
}

// TestImageTimes measures what a learner waits for. What fails here is a cache
// that is cold; docker/README.md has the numbers of a quiet machine.
func TestImageTimes(t *testing.T) {
	d := dockerForImage(t)
	begin := time.Now()
	c := d.start(t, append(hardened, offline))
	// One process that waits inside: nothing else gets in where no network is, and
	// each "docker exec" takes the processor from what it waits for.
	d.run(t, nil, "exec", c.id, "gopark", "health", "--wait", "--timeout", "30s")
	t.Logf("docker run to a JupyterLab that answers: %.2f s", time.Since(begin).Seconds())
	for _, kernel := range []string{"gopark", "gonb"} {
		out := c.python(t, "times.py", kernel)
		t.Logf("%s: %s", kernel, out)
		var times map[string]float64
		if err := json.Unmarshal([]byte(out), &times); err != nil || len(times) == 0 {
			t.Fatalf("%v in %q", err, out)
		}
		for what, seconds := range times {
			if seconds > 5 {
				t.Errorf("%s: %s took %.1f s: something is not compiled in the image", kernel, what, seconds)
			}
		}
	}
	begin = time.Now()
	d.run(t, nil, "stop", c.id)
	took := time.Since(begin)
	t.Logf("docker stop: %.2f s", took.Seconds())
	if status := c.inspect(t, "{{.State.ExitCode}}"); status != "0" || took > 5*time.Second {
		t.Errorf("docker stop took %v, exit status %s", took, status)
	}
}

// TestImageUsers runs cells as several users, each of whom finds a home, the
// course and both kinds of packages.
func TestImageUsers(t *testing.T) {
	d := dockerForImage(t)
	for _, user := range []string{"0:0", "1000:0", "1000:1000", "4242:4242", "65534:65534"} {
		for _, options := range [][]string{nil, {"--read-only", "--tmpfs=/tmp:exec,mode=1777"}} {
			t.Run(fmt.Sprint(user, len(options)), func(t *testing.T) {
				t.Parallel()
				c := d.start(t, append([]string{"--user=" + user, offline, "--cap-drop=ALL", "--security-opt=no-new-privileges"}, options...))
				out := c.exec(t, strings.NewReader("%race\nfmt.Println(os.Getuid(), 6*7)"), "gopark", "exec")
				if want := strings.Split(user, ":")[0] + " 42\n"; out != want {
					t.Errorf("a cell printed %q, want %q", out, want)
				}
				c.exec(t, nil, "test", "-w", "00-start-here.ipynb")
				c.exec(t, nil, "jupyter", "kernelspec", "list")
				c.waitHealthy(t)
			})
		}
	}
}

// TestImageKeepsHome mounts a learner's folder over the home: the course comes
// into it, and what the learner has written stays.
func TestImageKeepsHome(t *testing.T) {
	d := dockerForImage(t)
	home := t.TempDir()
	if err := os.Chmod(home, 0o777); err != nil {
		t.Fatal(err)
	}
	const answer = "my answer"
	mine := filepath.Join(home, "01-synchronous-code-and-blocking.ipynb")
	if err := os.WriteFile(mine, []byte(answer), 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := d.start(t, append(hardened, offline, "--volume="+home+":/home/learner"), "true")
		if status := strings.TrimSpace(d.run(t, nil, "wait", c.id)); status != "0" {
			t.Fatalf("exit status %s", status)
		}
		if got, err := os.ReadFile(mine); err != nil || string(got) != answer {
			t.Errorf("a learner's file became %.40q (%v)", got, err)
		}
		for _, name := range []string{"00-start-here.ipynb", "README.md"} {
			want, err1 := os.ReadFile(filepath.Join(root, "notebooks", name))
			got, err2 := os.ReadFile(filepath.Join(home, name))
			if err := errors.Join(err1, err2); err != nil || string(got) != string(want) {
				t.Errorf("%s is not the course's (%v)", name, err)
			}
		}
		// The second time, what was thrown away comes back.
		if err := os.Remove(filepath.Join(home, "README.md")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestImageKeepsCaches lets the go command trim its cache in a container that
// may be written to. The files in an image are always older than the five days
// after which it deletes.
func TestImageKeepsCaches(t *testing.T) {
	d := dockerForImage(t)
	c := d.start(t, []string{offline}, "sleep", "infinity")
	count := func() string {
		return strings.TrimSpace(c.exec(t, nil, "sh", "-c", "find /opt/gocache -name '*-?' ! -newermt '-6 days' | wc -l"))
	}
	before := count()
	if before == "0" {
		t.Skip("SKIPPED: the image's files are dated younger than six days, so the go command would not delete them yet")
	}
	c.exec(t, nil, "sh", "-c", "cd /tmp && mkdir x && cd x && go mod init x && echo 'package main; func main() {}' >main.go && go build . && test -e /opt/gocache/trim.txt")
	if after := count(); before != after {
		t.Errorf("%s entries before the go command deleted old ones, %s after", before, after)
	}
}

// TestImageToken asks for pages without a token.
func TestImageToken(t *testing.T) {
	d := dockerForImage(t)
	_, base := d.inside(t)
	for _, where := range []string{"/api/contents", "/api/kernels", "/api/terminals"} {
		response, err := http.Get(base + where)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s without a token: %s", where, response.Status)
		}
	}
	// Left alone, the server makes one up.
	own := d.start(t, []string{offline, "--env=JUPYTER_TOKEN="})
	own.waitHealthy(t)
	if logs := own.logs(); !regexp.MustCompile(`http://127\.0\.0\.1:8888/\S*\?token=[0-9a-f]{48}\b`).MatchString(logs) {
		t.Errorf("no link with a token of its own in what the container says:\n%s", logs)
	}
}

// inside starts a locked-up container on a network from which nothing leads
// away, and returns the Lab's address, which only this machine reaches.
func (d docker) inside(t *testing.T) (c container, base string) {
	t.Helper()
	network := strings.TrimSpace(d.run(t, nil, "network", "create", "--internal", fmt.Sprintf("gopark-test-%d-%d", os.Getpid(), time.Now().UnixNano())))
	t.Cleanup(func() {
		if _, err := d.try(context.Background(), nil, "network", "rm", network); err != nil {
			t.Error(err)
		}
	})
	c = d.start(t, append(hardened, "--network="+network), "jupyter-lab", "--LabApp.expose_app_in_browser=True")
	base = "http://" + c.inspect(t, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}") + ":8888"
	c.waitLab(t, base)
	return c, base
}

// TestImageInBrowser opens the container's JupyterLab in a browser of this
// machine: the README is the first page, our kernel comes first, and the charts
// of a notebook are drawn. GOPARK_SCREENSHOTS names a folder to keep pictures in.
func TestImageInBrowser(t *testing.T) {
	d := dockerForImage(t)
	needBrowser(t)
	shots := screenshots(t)
	_, base := d.inside(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	page, err := browser.OpenLab(ctx, base+"/?token="+token)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	landing, err := browser.Eval[string](ctx, page, `(async () => {
		const until = async condition => { while (!condition()) await new Promise(resolve => setTimeout(resolve, 25)); };
		const { shell, serviceManager } = window.jupyterapp;
		await until(() => shell.currentWidget?.context?.path);
		await until(() => document.querySelector('.jp-TableOfContents-content')?.offsetParent);
		await until(() => document.querySelector('.jp-RenderedMarkdown h1')?.offsetParent);
		await serviceManager.kernelspecs.ready;
		const { specs } = serviceManager.kernelspecs;
		return [shell.currentWidget.context.path, specs.default, ...Object.keys(specs.kernelspecs).sort()].join(' ');
	})()`)
	if want := "README.md gopark gonb gopark"; err != nil || landing != want {
		t.Errorf("the first page, the first kernel, all kernels: %q, want %q (%v)", landing, want, err)
	}
	if err := page.Screenshot(ctx, filepath.Join(shots, "image-landing.png"), false); err != nil {
		t.Error(err)
	}
	const name = "02-goroutines.ipynb"
	if err := page.Notebook(ctx, name); err != nil {
		t.Fatal(err)
	}
	if _, err := page.RunAll(ctx); err != nil {
		t.Fatal(err)
	}
	checkRun(t, filepath.Join(root, "notebooks", name), settled(ctx, t, page))
	charts, err := page.Charts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if charts.Wanted == 0 || charts.Drawn != charts.Wanted || len(charts.Refused) > 0 {
		t.Errorf("%d of %d charts drawn, refused: %q", charts.Drawn, charts.Wanted, charts.Refused)
	}
	t.Logf("%d charts", charts.Drawn)
	if err := page.Screenshot(ctx, filepath.Join(shots, "image-goroutines.png"), true); err != nil {
		t.Error(err)
	}
	if errs := page.Errors(); len(errs) > 0 {
		t.Errorf("the page says: %q", errs)
	}
	for _, request := range page.Requests() {
		if !strings.HasPrefix(request, base+"/") && !strings.HasPrefix(request, "ws"+strings.TrimPrefix(base, "http")+"/") {
			t.Errorf("the page asked somebody else: %s", request)
		}
	}
}
