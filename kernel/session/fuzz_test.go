package session

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// pieces cuts p as cuts say: each byte is the length of a piece.
func pieces(p, cuts []byte) (out [][]byte) {
	for i := 0; len(p) > 0; i++ {
		n := len(p)
		if len(cuts) > 0 {
			n = min(n, 1+int(cuts[i%len(cuts)]))
		}
		out = append(out, p[:n])
		p = p[n:]
	}
	return out
}

// streamed is a Publisher that joins what is streamed, and complains of what no
// front end may get.
type streamed struct {
	nowhere
	t    *testing.T
	text map[string]*strings.Builder
}

func (s *streamed) Stream(name, text string) {
	if text == "" || !utf8.ValidString(text) {
		s.t.Errorf("%s %q", name, text)
	}
	s.text[name].WriteString(text)
}

// FuzzOutputs: whatever a program writes, in whatever pieces and whichever of
// them are flushed, is published as valid UTF-8 and complete: terminal escapes
// and carriage returns as they came, and every valid character.
func FuzzOutputs(f *testing.F) {
	f.Add([]byte("hello\n"), []byte("oh\n"), []byte{0})
	f.Add([]byte("caf\xc3\xa9 世界 🚲\r50%\r\x1b[31mred\x1b[0m"), []byte("\x1b[1;38;5;208m"), []byte{0, 2, 1})
	f.Add([]byte("\xff\xfe\x80ab\xf0\x9f\x9a"), []byte("\xe4\xb8"), []byte{1})
	f.Add([]byte("\x1b]8;;http://x\x07link\x1b]8;;\x07\x00\x1b[2J\x1b["), []byte("panics\npani"), []byte{3, 0, 7})
	f.Fuzz(func(t *testing.T, stdout, stderr, cuts []byte) {
		s := &streamed{t: t, text: map[string]*strings.Builder{"stdout": {}, "stderr": {}}}
		o := newOutputs(s, &displayIDs{}, nil)
		outs, errs := pieces(stdout, cuts), pieces(stderr, cuts)
		for i := range max(len(outs), len(errs)) {
			if i < len(outs) {
				o.Write("stdout", outs[i])
			}
			if i < len(errs) {
				o.Write("stderr", errs[i])
			}
			if len(cuts) > 0 && cuts[i%len(cuts)]&1 == 1 {
				o.mu.Lock()
				o.flush()
				o.mu.Unlock()
			}
		}
		o.settle(false)
		o.close()
		for name, wrote := range map[string][]byte{"stdout": stdout, "stderr": stderr} {
			if len(wrote) > headLimit || name == "stderr" && bytes.Contains(wrote, []byte("\n")) {
				continue // left out in part, or told in another order: FuzzCrashFilter
			}
			// How many replacements stand for a run of bad bytes depends on the cuts.
			valid := func(s string) string {
				return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\uFFFD", "")
			}
			if got, want := valid(s.text[name].String()), valid(string(wrote)); got != want {
				t.Errorf("%s shows %q of %q", name, got, want)
			}
		}
	})
}

// FuzzCrashFilter: what counts as a crash or a race does not depend on where a
// program's writes are cut, and nothing is lost: what is held and what is
// passed on have as many bytes as came.
func FuzzCrashFilter(f *testing.F) {
	race := "==================\nWARNING: DATA RACE\nWrite at 0x0\n==================\n"
	f.Add([]byte("panic: boom\n\ngoroutine 1 [running]:\n"), []byte{0})
	f.Add([]byte("pan\npanic\npanics: no\n"+race+"after\nfatal error: all goroutines are asleep"), []byte{3, 1})
	f.Add([]byte("==================\nnot a race\n==================\n=========="), []byte{7})
	f.Add([]byte(race+"Found 1 data race(s)\nexit\n"), []byte{0, 20})
	f.Fuzz(func(t *testing.T, wrote, cuts []byte) {
		filtered := func(parts [][]byte) (pass []byte, c *crashFilter) {
			c = &crashFilter{}
			for _, p := range parts {
				pass = append(pass, c.filter(bytes.Clone(p))...)
			}
			return pass, c
		}
		passed, whole := filtered([][]byte{wrote})
		pieced, cut := filtered(pieces(wrote, cuts))
		if whole.crash.String() != cut.crash.String() || whole.races.String() != cut.races.String() {
			t.Errorf("whole: crash %q, races %q; cut: crash %q, races %q", whole.crash.String(), whole.races.String(), cut.crash.String(), cut.races.String())
		}
		all, allCut := append(passed, whole.release()...), append(pieced, cut.release()...)
		if !bytes.Equal(all, allCut) {
			t.Errorf("whole: %q, cut: %q", all, allCut)
		}
		// Only the rule before a race and the line that counts them are dropped.
		dropped := bytes.Contains(wrote, []byte(raceCount)) || bytes.Contains(wrote, []byte(raceBegin))
		if len(wrote) < heldHead && !dropped && len(all) != len(wrote) {
			t.Errorf("%d bytes of %d: %q", len(all), len(wrote), all)
		}
	})
}
