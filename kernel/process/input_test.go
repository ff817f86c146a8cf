package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gopark/kernel/procfs"
)

// reading is a program whose reads ask for input.
func reading(t *testing.T, args ...string) Command {
	t.Helper()
	if !procfs.SeesReaders {
		t.Skip("SKIPPED: this system does not tell who reads")
	}
	c := program("child", args...)
	c.Display, c.Reads = true, true
	return c
}

// typist answers questions in turn.
func typist(lines ...string) func(context.Context, string, bool) (string, error) {
	return func(context.Context, string, bool) (string, error) {
		if len(lines) == 0 {
			return "", errors.New("nothing more to say")
		}
		line := lines[0]
		lines = lines[1:]
		return line, nil
	}
}

// waiting waits until the question is abandoned.
func waiting(ctx context.Context, _ string, _ bool) (string, error) {
	<-ctx.Done()
	return "", errors.New("abandoned")
}

func TestReadsAreAskedFor(t *testing.T) {
	s := newSupervisor(t)
	t.Run("twice", func(t *testing.T) {
		r := &recorder{onInput: typist("Ada", "")}
		run(t, s, t.Context(), reading(t, "greet", "2"), r)
		want := "your name? " + "hello Ada\n" + "your name? " + "hello \n"
		if r.all("stdout") != want || r.all("input") != "your name? your name? " {
			t.Errorf("%q", r.list())
		}
		// What was written before the read comes before the question.
		if diff := cmp.Diff("input your name?", r.list()[2]); diff != "" {
			t.Error(diff, r.list())
		}
	})
	t.Run("nobody answers the second", func(t *testing.T) {
		r := &recorder{onInput: typist("Ada")}
		run(t, s, t.Context(), reading(t, "greet", "3"), r)
		if !strings.HasSuffix(r.all("stdout"), "nobody <nil>\n") || !strings.Contains(r.all("stderr"), "there is no answer: nothing more to say") {
			t.Errorf("%q", r.list())
		}
	})
	t.Run("several goroutines", func(t *testing.T) {
		r := &recorder{onInput: typist("one", "two", "three")}
		run(t, s, t.Context(), reading(t, "readers", "3"), r)
		lines := strings.Fields(r.all("stdout"))
		if len(lines) != 3 || lines[0] == lines[1] || lines[1] == lines[2] {
			t.Errorf("%q", r.list())
		}
	})
	t.Run("a grandchild", func(t *testing.T) {
		r := &recorder{onInput: typist("this")}
		run(t, s, t.Context(), reading(t, "shell"), r)
		if r.all("stdout") != "what? got this\n" || r.all("input") != "what? " {
			t.Errorf("%q", r.list())
		}
	})
	t.Run("a secret", func(t *testing.T) {
		c := reading(t, "greet", "1")
		c.Password = true
		r := &recorder{onInput: func(_ context.Context, _ string, password bool) (string, error) {
			if !password {
				t.Error("asked for in the open")
			}
			return "x", nil
		}}
		run(t, s, t.Context(), c, r)
	})
	t.Run("it goes on meanwhile", func(t *testing.T) {
		asked, ticked := make(chan struct{}), make(chan struct{})
		once := sync.OnceFunc(func() { close(ticked) })
		r := &recorder{
			onInput: func(ctx context.Context, _ string, _ bool) (string, error) {
				close(asked)
				select {
				case <-ticked:
					return "", nil
				case <-ctx.Done():
					return "", errors.New("it stood still")
				}
			},
			onWrite: func(string, string) {
				select {
				case <-asked:
					once()
				default:
				}
			},
		}
		run(t, s, t.Context(), reading(t, "until-enter"), r)
		if !strings.HasSuffix(r.all("stdout"), "\nstopped\n") {
			t.Errorf("%q", r.list())
		}
	})
	t.Run("it ends meanwhile", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "go")
		r := &recorder{onInput: func(ctx context.Context, prompt string, _ bool) (string, error) {
			if err := os.WriteFile(file, []byte("go"), 0o600); err != nil {
				t.Error(err)
			}
			return waiting(ctx, prompt, false)
		}}
		if result := run(t, s, t.Context(), reading(t, "leave-asking", file), r); result.Code != 0 || r.all("stderr") != "" {
			t.Errorf("%+v %q", result, r.list())
		}
	})
	t.Run("interrupted meanwhile", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := &recorder{onInput: func(ctx context.Context, prompt string, _ bool) (string, error) {
			cancel()
			return waiting(ctx, prompt, false)
		}}
		if result := run(t, s, ctx, reading(t, "greet", "1"), r); !result.Interrupted || strings.Contains(r.all("stderr"), "abandoned") {
			t.Errorf("%+v %q", result, r.list())
		}
	})
	t.Run("who does not read is not asked", func(t *testing.T) {
		r := &recorder{onInput: typist()}
		run(t, s, t.Context(), reading(t, "sleep", "400"), r)
		if list := r.list(); len(list) > 0 {
			t.Errorf("%q", list)
		}
	})
	t.Run("who has asked is not asked again", func(t *testing.T) {
		c := display("pipe", "input", "read")
		c.Reads = procfs.SeesReaders
		r := &recorder{onInput: typist("Ada")}
		run(t, s, t.Context(), c, r)
		if r.all("input") != "name" {
			t.Errorf("%q", r.list())
		}
	})
}

func TestPrompt(t *testing.T) {
	long := strings.Repeat("x", promptLimit)
	for _, tt := range []struct {
		writes []string
		want   string
	}{
		{nil, ""},
		{[]string{"name? "}, "name? "},
		{[]string{"a\nna", "me? "}, "name? "},
		{[]string{"done\n"}, ""},
		{[]string{"10%\r20%\rgo on? "}, "go on? "},
		{[]string{"x" + long}, ""},
		{[]string{long, "x", "y\nz"}, "z"},
		{[]string{"caf\xc3", "\xa9 \xff"}, "café \uFFFD"},
	} {
		c := console{pipe: "pipe:[1]", stdin: outbox{open: true}}
		for _, w := range tt.writes {
			c.wrote([]byte(w))
		}
		if got := c.prompt(); got != tt.want {
			t.Errorf("%q: prompt %q, want %q", tt.writes, got, tt.want)
		}
	}
}

// TestLooks: a program that writes prompts all the time is looked at, and not
// all the time.
func TestLooks(t *testing.T) {
	c := console{pipe: "pipe:[1]", stdin: outbox{open: true}}
	c.looked = time.Now()
	c.wrote([]byte("."))
	first := c.next
	if d := first.Sub(c.looked); d < lookEvery {
		t.Errorf("looked at after %v", d)
	}
	for range 10 {
		c.wrote([]byte("."))
	}
	if !c.next.Equal(first) {
		t.Errorf("put off by %v", c.next.Sub(first))
	}
}

// BenchmarkReads is what it costs a program that it may read, but does not.
func BenchmarkReads(b *testing.B) {
	s := newSupervisor(b)
	for _, reads := range []bool{false, true} {
		b.Run(fmt.Sprintf("reads=%v", reads), func(b *testing.B) {
			c := program("child", "busy", "200")
			c.Display, c.Reads = true, reads
			for b.Loop() {
				if _, err := s.Run(b.Context(), c, nobody{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
