package explain

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopark/kernel/cell"
)

// tags are all that a page may hold; anything else came from the text that it
// explains.
var tags = regexp.MustCompile(`^</?(div|span|b|code|pre|details|summary|img|br)( (style|alt|src)="[^"<>]*")*>$`)

// safe reports what a page holds that it must not.
func safe(t *testing.T, p *Page) {
	t.Helper()
	page := p.HTML()
	for _, tag := range regexp.MustCompile(`<[^>]*>?`).FindAllString(page, -1) {
		if !tags.MatchString(tag) {
			t.Errorf("the page holds %q", tag)
		}
	}
	for _, m := range regexp.MustCompile(`base64,([^"]*)"`).FindAllStringSubmatch(page, -1) {
		svg, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(string(svg)))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
			if el, ok := token.(xml.StartElement); ok && !strings.Contains(" svg defs marker path line rect text ", " "+el.Name.Local+" ") {
				t.Errorf("the picture holds <%s>", el.Name.Local)
			}
		}
	}
}

const hostile = `"><script>alert(1)</script><img src=x onerror="alert(2)">&lt;` + "\x1b[31m\x00`'"

// TestHostile puts markup wherever a program can put text: into a panic, a file
// name, a label, a function, a state, the source, a variable's name.
func TestHostile(t *testing.T) {
	source := func(int) string {
		return "%%\nboxes := map[string]*box{}\nvar a, b sync.Mutex\ngo func() { boxes[`" + strings.ReplaceAll(hostile, "`", "") + "`].n++ }()\na.Lock()\n"
	}
	dump := "goroutine 1 [chan receive (leaked) labels:{\"cell\": \"" + hostile + "\"}]:\nmain." + hostile + "(...)\n\tcell[4]:4 +0x1\nmain.main()\n\t" + hostile + "cell[4]:5\n\n" +
		"goroutine 7 [" + hostile + "]:\nmain.f()\n\tcell[4]:4\ncreated by main.main in goroutine 1\n\tcell[4]:3\n"
	for _, f := range []*Failure{
		Crash("panic: "+hostile+"\n\n"+dump, source),
		Crash("fatal error: all goroutines are asleep - deadlock!\n\n"+dump, source),
		Crash("fatal error: concurrent map writes "+hostile+"\n\n"+dump, source),
		Interrupted(dump, time.Second, source),
		Races("WARNING: DATA RACE\nWrite at 0x1 by goroutine 7:\n  main."+hostile+"()\n      cell[4]:4 +0x1\n\nPrevious read at 0x1 by goroutine 8:\n  "+hostile+"()\n      "+hostile+":4 +0x1\n", source),
	} {
		if f == nil {
			t.Fatal("not recognised")
		}
		if f.Page != nil {
			safe(t, f.Page)
		}
		if strings.Contains(f.Value, "\n") {
			t.Errorf("%q", f.Value)
		}
	}
	if f, proved := Stuck(dump, time.Second, source); f == nil || !proved {
		t.Error("nothing is said of a leak")
	} else {
		safe(t, f.Page)
	}
	if p := Leaks(strings.ReplaceAll(dump, "goroutine 1 [", "goroutine 6 ["), source); p == nil {
		t.Error("no leak")
	} else {
		safe(t, p)
	}
	safe(t, Vet([]cell.Diagnostic{{Cell: 4, Line: 2, Message: hostile, Source: hostile, Help: hostile}}, source))
	safe(t, &Page{title: hostile, parts: []part{picture{svg: drawCircle([]station{{title: hostile, below: hostile, goroutine: true}, {title: hostile}}, []string{hostile, hostile}), alt: hostile}}})
}

// TestRecordedPages: the pages of what the runtime really said are safe, too,
// and short, whatever the length of the raw text.
func TestRecordedPages(t *testing.T) {
	ins, _ := filepath.Glob("testdata/*.in")
	for _, in := range ins {
		text, err := os.ReadFile(in)
		if err != nil {
			t.Fatal(err)
		}
		long := string(text) + strings.Repeat("\ngoroutine 99 [select (no cases)]:\nmain.main.func1()\n\tcell[4]:7\n", 20_000)
		for _, f := range []*Failure{Crash(long, nil), Races(long, nil), Interrupted(long, time.Second, nil)} {
			if f == nil || f.Page == nil {
				continue
			}
			safe(t, f.Page)
			if n := len(f.Page.HTML()); n > 100_000 {
				t.Errorf("%s: a page of %d bytes", in, n)
			}
			if n := len(f.Page.Text()); n > 20_000 {
				t.Errorf("%s: a text of %d bytes", in, n)
			}
		}
	}
}

// TestNoSource: what is explained without the cells' text has places all the same.
func TestNoSource(t *testing.T) {
	text, err := os.ReadFile("testdata/deadlock.in")
	if err != nil {
		t.Fatal(err)
	}
	f := Crash(string(text), nil)
	if f == nil || !strings.Contains(f.Value, "to send to a channel (cell [4] line 7)") {
		t.Error(f)
	}
}
