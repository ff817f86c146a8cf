package check

import (
	"fmt"
	"slices"
	"time"

	"gopark/helpers/stats"
)

var tellAll = &exercise{
	name: "TellAll", notebook: "02", title: "nobody left out",
	hints: [2]string{
		"Somebody has to count the goroutines, and each of them before the waiting begins. `sync.WaitGroup` does that.",
		"In the loop, `wg.Go(func() { tell(name) })` counts and starts. After the loop, `wg.Wait()`.",
	},
}

// TellAll checks exercise 2 of notebook 02: everybody is told, all at the same
// time, and TellAll returns when the last one has been told.
func TellAll(solution func(names []string, tell func(name string))) {
	// The probe counts by numbers: member i has the name number i.
	members := func(t *T, n int) (ids []int, names []string, number func(name string) int) {
		ids = t.IDs(n)
		for _, id := range ids {
			names = append(names, fmt.Sprintf("member %d (%04x)", id, t.nonce>>16))
		}
		return ids, names, func(name string) int {
			if i := slices.Index(names, name); i >= 0 {
				return ids[i]
			}
			return -1
		}
	}
	const noun = "call of tell"
	judge(tellAll,
		test{"everybody", "When TellAll returns, everybody has been told, once.", func(t *T) {
			ids, names, number := members(t, t.Between(5, 24))
			d := t.Latencies(len(ids), time.Millisecond, 40*time.Millisecond)
			// One call takes longer than anybody would sleep for.
			d[t.IntN(len(d))] = t.Duration(10*time.Minute, 20*time.Minute)
			p := t.Probe(noun, ByKey(ids, d))
			done := 0
			t.Run(func() {
				solution(slices.Clone(names), func(name string) { p.Call(number(name)) })
				done = p.Done()
			})
			t.Want(p.Count() > 0, "nobody was told; %d were to be told", len(ids))
			onceEach(t, p, ids)
			t.Want(done == len(ids), "TellAll returned when %d of %d had been told: does it wait for the rest, and not just for some time?", done, len(ids))
		}},
		test{"at the same time", "All are told at once.", func(t *T) {
			ids, names, number := members(t, t.Between(5, 24))
			p := t.Probe(noun, ByKey(ids, t.Latencies(len(ids), time.Millisecond, 40*time.Millisecond)))
			t.Run(func() { solution(slices.Clone(names), func(name string) { p.Call(number(name)) }) })
			allAtOnce(t, p, len(ids))
		}},
		test{"no longer than the slowest", "TellAll takes as long as the slowest call.", func(t *T) {
			ids, names, number := members(t, t.Between(5, 24))
			d := t.Latencies(len(ids), time.Millisecond, 40*time.Millisecond)
			p := t.Probe(noun, ByKey(ids, d))
			took := t.Run(func() { solution(slices.Clone(names), func(name string) { p.Call(number(name)) }) })
			tookExactly(t, "TellAll", took, Slowest(d), Sum(d))
		}},
		test{"every time", "Nobody is left out in a hundred runs, fast calls and slow ones.", func(t *T) {
			for i := range 100 {
				ids, names, number := members(t, t.Between(1, 8))
				d := make([]time.Duration, len(ids))
				if i%2 == 0 {
					d = t.Latencies(len(ids), 0, 3*time.Millisecond)
				}
				p := t.Probe(noun, ByKey(ids, d))
				done := 0
				t.Run(func() {
					solution(slices.Clone(names), func(name string) { p.Call(number(name)) })
					done = p.Done()
				})
				t.Want(done == len(ids), "in run %d, TellAll returned when %d of %d had been told: who is counted before the waiting begins?", i+1, done, len(ids))
				t.probes = t.probes[:0]
			}
		}},
		test{"nobody to tell", "TellAll without names returns at once.", func(t *T) {
			calls := t.Probe(noun, Fixed(time.Millisecond))
			took := t.Run(func() { solution(nil, func(string) { calls.Call(0) }) })
			t.Want(calls.Count() == 0 && took == 0, "without any names, tell was called %d times, in %s; no call and no time were expected", calls.Count(), stats.Duration(took))
		}},
	)
}
