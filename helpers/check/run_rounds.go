package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

var runRounds = &exercise{
	name: "RunRounds", notebook: "05", title: "a fair order",
	hints: [2]string{
		"The rounds are the outer loop. Inside a round, every variant has one turn.",
		"`rand.Perm(len(variants))` returns the numbers 0, 1, … in a random order. Ask for a new one in each round.",
	},
}

// The lengths of the schedules that are judged. In coinRounds throws, a fair
// coin shows heads less than coinLeast or more than coinRounds-coinLeast times
// once in fifty million; in diceRounds throws, a die shows a number less than
// diceLeast or more than diceMost times more rarely still.
const (
	coinRounds = 200
	coinLeast  = 60
	diceRounds = 300
	diceLeast  = 15
	diceMost   = 95
)

// RunRounds checks exercise 2 of notebook 05: a runner that gives every variant
// one turn in each round, alone, in a random order.
func RunRounds(solution func(rounds int, variants []func())) {
	judge(runRounds,
		test{"as many turns for each", "Every variant runs once for each round.", func(t *T) {
			rounds, variants := t.Between(30, 50), t.Between(3, 6)
			p := t.schedule(solution, rounds, variants)
			per := p.PerKey()
			for v := range variants {
				t.Want(per[v] == rounds, "in %d rounds, variants[%d] ran %d times; %d were expected", rounds, v, per[v], rounds)
			}
		}},
		test{"alone", "Only one variant runs at any time.", func(t *T) {
			p := t.schedule(solution, t.Between(5, 15), t.Between(2, 6))
			t.Want(p.Most() == 1, "%d variants ran at the same time; 1 was expected: measured together, they measure each other", p.Most())
		}},
		test{"round by round", "A round is over when each variant has had its turn. Then the next one begins.", func(t *T) {
			variants := t.Between(2, 5)
			for r, round := range t.rounds(solution, t.Between(12, 30), variants) {
				inOrder := slices.Sorted(slices.Values(round))
				for v := range variants {
					t.Want(inOrder[v] == v, "round %d was %s; each of %d variants should be in it once: which loop is the outer one?", r+1, inWords(round), variants)
				}
			}
		}},
		test{"like a coin", "With two variants, nothing in 200 rounds tells who is first in the next one.", func(t *T) {
			rounds := t.rounds(solution, coinRounds, 2)
			first := 0
			for _, r := range rounds {
				if r[0] == 0 {
					first++
				}
			}
			t.Want(first >= coinLeast && first <= coinRounds-coinLeast, "variants[0] was first in %d of %d rounds; about half was expected: is the order drawn anew for each round?", first, coinRounds)
			for _, back := range []struct {
				rounds int
				words  string
			}{{1, "the round before"}, {2, "the round before the last"}} {
				same := 0
				for i := back.rounds; i < len(rounds); i++ {
					if rounds[i][0] == rounds[i-back.rounds][0] {
						same++
					}
				}
				of := len(rounds) - back.rounds
				t.Want(same >= coinLeast && same <= of-coinLeast, "%d of %d rounds had the same order as %s; about half was expected. This is a rhythm, and a disturbance may have the same: let chance decide", same, of, back.words)
			}
		}},
		test{"like a die", "With three variants, each of the six orders comes about as often.", func(t *T) {
			seen := map[string]int{}
			for _, r := range t.rounds(solution, diceRounds, 3) {
				seen[inWords(r)]++
			}
			t.Want(len(seen) == 6, "in %d rounds, only %d of the 6 orders of three variants came up: %s. Is only the first one drawn?", diceRounds, len(seen), some(slices.Sorted(maps.Keys(seen))))
			for _, o := range slices.Sorted(maps.Keys(seen)) {
				t.Want(seen[o] >= diceLeast && seen[o] <= diceMost, "in %d rounds, the order %s came up %d times; about %d were expected", diceRounds, o, seen[o], diceRounds/6)
			}
		}},
	)
}

// schedule lets the solution run, and notes who had which turn.
func (t *T) schedule(solution func(rounds int, variants []func()), rounds, variants int) *Probe {
	p := t.Probe("variant", Fixed(time.Millisecond))
	t.Run(func() {
		all := make([]func(), variants)
		for v := range all {
			all[v] = func() { p.Call(v) }
		}
		solution(rounds, all)
	})
	return p
}

// rounds is schedule cut into rounds, if it has the right length.
func (t *T) rounds(solution func(rounds int, variants []func()), rounds, variants int) [][]int {
	turns := t.schedule(solution, rounds, variants).Keys()
	t.Want(len(turns) == rounds*variants, "%d rounds of %d variants made %d runs; %d were expected", rounds, variants, len(turns), rounds*variants)
	return slices.Collect(slices.Chunk(turns, variants))
}

// inWords is a round in words: "2 0 1".
func inWords(round []int) string {
	return strings.Trim(fmt.Sprint(round), "[]")
}
