package jupyter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"*", "", true}, {"*", "any\nthing/at all", true}, {"?", "é", true}, {"?", "", false},
		{"1?2*", "1+2+3", true}, {"1?2*", "12", false}, {"*x", "axbx", true}, {"*x", "axb", false},
		{"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-c-b", false}, {"abc", "ab", false}, {"ab", "abc", false},
		{"[abc]", "b", true}, {"[a-c]", "b", true}, {"[^a-c]", "b", false}, {"[^a-c]", "d", true},
		{"[]]", "]", true}, {"[a-]", "-", true}, {"[a", "a", false}, {"[", "[", false}, {"[[]", "[", true},
		{"*func*", "x := func() {}", true}, {"FUNC", "func", false},
	} {
		if got := glob(tt.pattern, tt.text); got != tt.want {
			t.Errorf("glob(%q, %q) = %t", tt.pattern, tt.text, got)
		}
	}
	start := time.Now()
	glob(strings.Repeat("*a", 50)+"b", strings.Repeat("a", 10_000))
	if d := time.Since(start); d > time.Second {
		t.Errorf("a hostile pattern took %v", d)
	}
}

func TestHistory(t *testing.T) {
	h := &history{}
	three := "3"
	for i, code := range []string{"a", "1+2", "b/c", "1+2"} {
		e := entry{line: i + 1, input: code}
		if code == "1+2" {
			e.output = &three
		}
		h.add(e)
	}
	for _, tt := range []struct{ request, want string }{
		{`{"hist_access_type":"tail","n":2}`, `[[1,3,"b/c"],[1,4,"1+2"]]`},
		{`{"hist_access_type":"tail","n":9}`, `[[1,1,"a"],[1,2,"1+2"],[1,3,"b/c"],[1,4,"1+2"]]`},
		{`{"hist_access_type":"tail","n":0}`, `[]`},
		{`{"hist_access_type":"tail","n":-1}`, `[]`},
		{`{"hist_access_type":"tail","n":1,"output":true}`, `[[1,4,["1+2","3"]]]`},
		{`{"hist_access_type":"range","session":1,"start":1,"stop":2,"output":true}`, `[[1,1,["a",null]]]`},
		{`{"hist_access_type":"range","session":0,"start":3}`, `[[1,3,"b/c"],[1,4,"1+2"]]`},
		{`{"hist_access_type":"range","session":7,"start":1}`, `[]`},
		{`{"hist_access_type":"search","pattern":"1?2*"}`, `[[1,2,"1+2"],[1,4,"1+2"]]`},
		{`{"hist_access_type":"search","pattern":"1?2*","unique":true}`, `[[1,4,"1+2"]]`},
		{`{"hist_access_type":"search","pattern":"*","unique":true,"n":2}`, `[[1,3,"b/c"],[1,4,"1+2"]]`},
		{`{"hist_access_type":"search","n":1}`, `[[1,4,"1+2"]]`},
		{`{"hist_access_type":"other"}`, `[]`},
	} {
		var q historyRequest
		if err := json.Unmarshal([]byte(tt.request), &q); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(h.find(q))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.request, got, tt.want)
		}
	}
}

func TestHistoryForgets(t *testing.T) {
	h := &history{}
	for i := range 20 {
		h.add(entry{line: i, input: fmt.Sprint(i, strings.Repeat("x", 1<<20))})
	}
	if h.bytes > maxHistory || len(h.entries) != 7 || h.entries[6].line != 19 {
		t.Errorf("%d bytes in %d entries", h.bytes, len(h.entries))
	}
}
