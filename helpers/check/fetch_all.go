package check

import (
	"slices"
	"time"

	"gopark/helpers/stats"
)

var fetchAll = &exercise{
	name: "FetchAll", notebook: "02", title: "fetch them all",
	hints: [2]string{
		"Start a goroutine for each id in the loop, and wait only after the loop. `wg.Go` starts one and counts it.",
		"Make `answers` as long as `ids` before the loop. The goroutine for `ids[k]` writes `answers[k]`, and nobody else does. After the loop: `wg.Wait()`, then return.",
	},
}

// FetchAll checks exercise 1 of notebook 02: all requests at once, all answers,
// in the order of the ids.
func FetchAll(solution func(ids []int, fetch func(id int) string) []string) {
	judge(fetchAll,
		test{"all answers", "When FetchAll returns, every answer is there.", func(t *T) {
			ids := t.IDs(t.Between(5, 24))
			d := t.Latencies(len(ids), 5*time.Millisecond, 50*time.Millisecond)
			// One answer takes longer than anybody would sleep for.
			d[t.IntN(len(d))] = t.Duration(10*time.Minute, 20*time.Minute)
			p := t.Probe("request", ByKey(ids, d))
			var answers []string
			var done int
			t.Run(func() {
				answers = slices.Clone(solution(slices.Clone(ids), fetchFrom(p)))
				done = p.Done()
			})
			t.Want(p.Count() > 0, "fetch was never called; %d requests were expected", len(ids))
			onceEach(t, p, ids)
			t.Want(done == len(ids), "FetchAll returned when %d of %d answers were there: does it wait for the rest, and not just for some time?", done, len(ids))
			t.Want(len(answers) == len(ids), "FetchAll returned %d answers for %d ids; there should be one for each", len(answers), len(ids))
		}},
		test{"at the same time", "All requests are under way at once.", func(t *T) {
			ids := t.IDs(t.Between(5, 24))
			p := t.Probe("request", ByKey(ids, t.Latencies(len(ids), 5*time.Millisecond, 50*time.Millisecond)))
			t.Run(func() { solution(slices.Clone(ids), fetchFrom(p)) })
			allAtOnce(t, p, len(ids))
		}},
		test{"no longer than the slowest", "FetchAll takes as long as the slowest request: exactly so, because the check's clock counts only waiting.", func(t *T) {
			ids := t.IDs(t.Between(5, 24))
			d := t.Latencies(len(ids), 5*time.Millisecond, 50*time.Millisecond)
			p := t.Probe("request", ByKey(ids, d))
			took := t.Run(func() { solution(slices.Clone(ids), fetchFrom(p)) })
			tookExactly(t, "FetchAll", took, Slowest(d), Sum(d))
		}},
		test{"in order", "answers[k] is the answer for ids[k], whichever came first.", func(t *T) {
			ids := t.IDs(t.Between(5, 24))
			p := t.Probe("request", ByKey(ids, t.Latencies(len(ids), 5*time.Millisecond, 50*time.Millisecond)))
			var answers []string
			t.Run(func() { answers = slices.Clone(solution(slices.Clone(ids), fetchFrom(p))) })
			t.Want(len(answers) == len(ids), "FetchAll returned %d answers for %d ids; there should be one for each", len(answers), len(ids))
			right, there := 0, 0
			for k, id := range ids {
				right += btoi(answers[k] == p.Answer(id))
				there += btoi(slices.Contains(answers, p.Answer(id)))
			}
			t.Want(there == len(ids), "%d of %d answers are in what FetchAll returned; all were expected", there, len(ids))
			t.Want(right == len(ids), "%d of %d answers are in the place of their id; all were expected there. Are they in the order in which they arrived?", right, len(ids))
		}},
		test{"nothing to do", "FetchAll without ids returns no answers, at once.", func(t *T) {
			p := t.Probe("request", Fixed(time.Millisecond))
			var answers []string
			took := t.Run(func() { answers = solution(nil, fetchFrom(p)) })
			t.Want(len(answers) == 0 && p.Count() == 0 && took == 0, "without any ids, FetchAll returned %d answers after %s and %s; none, and no time, were expected", len(answers), stats.Duration(took), count(p.Count(), "request"))
		}},
	)
}

// fetchFrom is a fetch that asks the probe.
func fetchFrom(p *Probe) func(id int) string {
	return func(id int) string {
		p.Call(id)
		return p.Answer(id)
	}
}
