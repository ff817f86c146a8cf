package session

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The limits of DESIGN.md.
const (
	headLimit  = 1 << 20 // bytes of a stream shown from its beginning, unless %limit says otherwise
	tailPart   = 4       // and from its end a quarter of that
	flushEvery = 50 * time.Millisecond
	// mergeAfter segments that alternate between stdout and stderr, a flush
	// gives up their fine order and sends one message for each stream.
	mergeAfter = 64
)

// outputs stands between a program and the Publisher: it joins small writes,
// keeps runes whole, caps floods, and holds back what the runtime says of a
// crash, which is told as an explanation instead.
type outputs struct {
	pub    Publisher
	bundle func(data map[string]any) // completes a display's MIME bundle
	known  *displayIDs

	mu       sync.Mutex
	segments []segment
	streams  map[string]*stream
	last     time.Time   // of the last flush
	timer    *time.Timer // of the next, when one is due
	closed   bool
	asks     bool // the program may read: the last line may be a prompt
	crash    crashFilter
	tests    testWatch
	head     int      // bytes of a stream shown from its beginning
	copy     *os.File // %capture; nil when there is none
	copyErr  error
}

// A limit is how much of each stream of a cell is shown from its beginning. The
// zero limit is headLimit.
type limit struct {
	head int
	off  bool
}

func (l limit) String() string {
	switch {
	case l.off:
		return "off"
	case l.head == 0:
		return size(headLimit)
	}
	return size(int64(l.head))
}

// limitTo sets how much is shown.
func (o *outputs) limitTo(l limit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case l.off:
		o.head = math.MaxInt
	case l.head > 0:
		o.head = l.head
	default:
		o.head = headLimit
	}
}

// tail is how many bytes of a stream are shown from its end.
func (o *outputs) tail() int { return o.head / tailPart }

// captureTo copies all that is written from now on to f, which it owns.
func (o *outputs) captureTo(f *os.File) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.copy != nil {
		o.copy.Close()
	}
	o.copy = f
}

type segment struct {
	stream string
	text   []byte
}

// A stream is what is known of stdout or stderr.
type stream struct {
	partial []byte // the first bytes of a rune whose others are to come
	shown   int    // bytes published or in segments
	tail    []byte // what came after the head, its last tail() bytes at least
	dropped int64  // bytes of that which are gone
}

func newOutputs(pub Publisher, known *displayIDs, bundle func(map[string]any)) *outputs {
	return &outputs{pub: pub, known: known, bundle: bundle, head: headLimit,
		streams: map[string]*stream{"stdout": {}, "stderr": {}}}
}

// Write takes what a program wrote.
func (o *outputs) Write(name string, p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.copy != nil && o.copyErr == nil {
		_, o.copyErr = o.copy.Write(p)
	}
	if name == "stderr" {
		p = o.crash.filter(p)
	} else {
		o.tests.write(p)
	}
	o.add(name, p)
}

// Print writes a line of the kernel's own.
func (o *outputs) Print(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(name, []byte(text))
}

func (o *outputs) add(name string, p []byte) {
	st := o.streams[name]
	if len(p) == 0 || o.closed {
		return
	}
	if room := max(0, o.head-st.shown); room < len(p) {
		st.tail = append(st.tail, p[room:]...)
		if extra := len(st.tail) - o.tail(); extra > max(o.tail(), 4096) {
			st.dropped += int64(extra)
			st.tail = append(st.tail[:0], st.tail[extra:]...)
		}
		p = p[:room]
	}
	st.shown += len(p)
	if n := len(o.segments); n > 0 && o.segments[n-1].stream == name {
		o.segments[n-1].text = append(o.segments[n-1].text, p...)
	} else if len(p) > 0 {
		o.segments = append(o.segments, segment{name, bytes.Clone(p)})
	}
	wait := flushEvery - time.Since(o.last)
	if o.asks && name == "stdout" && len(p) > 0 && p[len(p)-1] != '\n' {
		wait = max(wait, promptFor)
	}
	if wait <= 0 {
		o.flush()
	} else if o.timer == nil {
		o.timer = time.AfterFunc(wait, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			if !o.closed {
				o.flush()
			}
		})
	}
}

// flush publishes what is held. The caller holds mu.
func (o *outputs) flush() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if len(o.segments) > mergeAfter {
		merged := map[string][]byte{}
		for _, s := range o.segments {
			merged[s.stream] = append(merged[s.stream], s.text...)
		}
		o.segments = o.segments[:0]
		for _, name := range []string{"stdout", "stderr"} {
			if len(merged[name]) > 0 {
				o.segments = append(o.segments, segment{name, merged[name]})
			}
		}
	}
	for _, s := range o.segments {
		st := o.streams[s.stream]
		text := append(st.partial, s.text...)
		text, st.partial = wholeRunes(text)
		if len(text) > 0 {
			o.pub.Stream(s.stream, string(bytes.ToValidUTF8(text, []byte("\uFFFD"))))
		}
	}
	o.segments = nil
	o.last = time.Now()
}

// wholeRunes splits text before a rune whose last bytes are missing.
func wholeRunes(text []byte) (whole, partial []byte) {
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if b := text[len(text)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-i:]) {
				return text[:len(text)-i], bytes.Clone(text[len(text)-i:])
			}
			break
		}
	}
	return text, nil
}

// Display shows a bundle after everything that was written before it.
func (o *outputs) Display(data, metadata map[string]any, id string) {
	if o.bundle != nil {
		o.bundle(data)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.flush()
	if metadata == nil {
		metadata = map[string]any{}
	}
	if id != "" && !o.known.first(id) {
		o.pub.Update(data, metadata, id)
		return
	}
	o.pub.Display(data, metadata, id)
}

// displayIDs are those of all displays that were shown. The zero value is
// ready to use, by several goroutines at once.
type displayIDs struct {
	mu    sync.Mutex
	shown map[string]bool
}

// first reports whether id is shown for the first time.
func (d *displayIDs) first(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown[id] {
		return false
	}
	if d.shown == nil {
		d.shown = map[string]bool{}
	}
	d.shown[id] = true
	return true
}

// settle publishes all that is held, and the tails of capped streams. What the
// crash filter holds is told as text unless explained is set.
func (o *outputs) settle(explained bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if explained {
		o.add("stderr", o.crash.rest())
	} else {
		o.add("stderr", o.crash.release())
	}
	o.flush()
	for _, name := range []string{"stdout", "stderr"} {
		st := o.streams[name]
		if len(st.tail) > 0 {
			tail := st.tail
			if extra := len(tail) - o.tail(); extra > 0 {
				st.dropped += int64(extra)
				tail = tail[extra:]
			}
			if st.dropped > 0 {
				text := fmt.Sprintf("\n… %s of %s left out here …\n", size(st.dropped), name)
				o.pub.Stream(name, text+string(bytes.ToValidUTF8(tail, []byte("\uFFFD"))))
			} else {
				o.pub.Stream(name, string(bytes.ToValidUTF8(append(st.partial, tail...), []byte("\uFFFD"))))
			}
		} else if len(st.partial) > 0 {
			o.pub.Stream(name, "\uFFFD")
		}
		*st = stream{}
	}
	if o.copy != nil {
		err := o.copy.Close()
		if o.copyErr != nil {
			err = o.copyErr
		}
		if err != nil {
			o.pub.Stream("stderr", fmt.Sprintf("%%capture: the file is not complete: %v\n", err))
		}
		o.copy = nil
	}
}

// close ends publishing: a timer that fires late finds it closed.
func (o *outputs) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	if o.timer != nil {
		o.timer.Stop()
	}
}

func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// A testWatch notes the tests that a test program says have failed.
type testWatch struct {
	line   []byte
	failed []string
}

func (w *testWatch) write(p []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			if len(w.line) < 256 {
				w.line = append(w.line, p...)
			}
			return
		}
		if len(w.line) < 256 {
			w.line = append(w.line, p[:min(i, 256)]...)
		}
		if rest, ok := strings.CutPrefix(string(w.line), "--- FAIL: "); ok && len(w.failed) < 20 {
			name, _, _ := strings.Cut(rest, " ")
			w.failed = append(w.failed, name)
		}
		w.line = w.line[:0]
		p = p[i+1:]
	}
}
