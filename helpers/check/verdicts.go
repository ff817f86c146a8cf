package check

import (
	"fmt"
	"slices"
	"time"

	"gopark/helpers/stats"
)

// Judgements that several exercises share. Each fails t with what was observed
// and what was expected.

// allAtOnce wants n calls in flight at the same time.
func allAtOnce(t *T, p *Probe, n int) {
	verb := "were"
	if p.Most() == 1 {
		verb = "was"
	}
	why := "is something waiting inside the loop?"
	if p.Most() > 1 {
		why = "are they started in portions?"
	}
	t.Want(p.Count() > 0, "no %s was made; %d were expected", p.noun, n)
	t.Want(p.Most() >= n, "at most %s %s in flight; %d were expected: %s", count(p.Most(), p.noun), verb, n, why)
	t.Want(p.Most() <= n, "%s were in flight at the same time; %d were expected", count(p.Most(), p.noun), n)
}

// onceEach wants one call for each key, and no other.
func onceEach(t *T, p *Probe, keys []int) {
	per := p.PerKey()
	never, again, other := 0, 0, 0
	for _, k := range keys {
		switch {
		case per[k] == 0:
			never++
		case per[k] > 1:
			again++
		}
		delete(per, k)
	}
	for range per {
		other++
	}
	t.Want(never == 0, "%d of %d were left out; one %s for each was expected", never, len(keys), p.noun)
	t.Want(again == 0, "for %d of %d there was more than one %s; one for each was expected", again, len(keys), p.noun)
	t.Want(other == 0, "%s that nobody had asked for", count(other, p.noun))
}

// tookExactly wants the ideal time, and says what an answer near the sum means.
func tookExactly(t *T, name string, took, ideal, sum time.Duration) {
	if took == ideal {
		return
	}
	why := "what does it wait for besides?"
	switch {
	case took < ideal:
		why = "does it return before the last one is done?"
	case took == sum:
		why = "that is exactly the sum of all: one after the other"
	}
	t.Fail("%s took %s; exactly %s were expected: %s", name, stats.Duration(took), stats.Duration(ideal), why)
}

// inOrder says how many elements stand where they should.
func inOrder[E comparable](got, want []E) (right int) {
	for i := range min(len(got), len(want)) {
		if got[i] == want[i] {
			right++
		}
	}
	return right
}

// some lists a few values.
func some[E any](values []E) string {
	var parts []string
	for i, v := range values {
		if i == 5 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprint(v))
	}
	return join(slices.Clip(parts))
}
