package helpers

import (
	"fmt"
	"time"
)

// An Option says what Compare or Sweep measures, and how.
type Option func(*plan)

// A plan is the sum of the options.
type plan struct {
	caller   string // "Compare" or "Sweep", for messages
	variants []variant
	rounds   int // 0: as many as fit
	warmup   int
	baseline string
	ideal    time.Duration
	idealN   func(n int) time.Duration
	xName    string
}

type variant struct {
	name string
	run  func()
	runN func(n int)
}

// Variant adds one of the things that Compare measures. f is the whole work of
// one run; it is called many times, always alone.
func Variant(name string, f func()) Option {
	return func(p *plan) { p.variants = append(p.variants, variant{name: name, run: f}) }
}

// VariantN adds one of the things that Sweep measures: f does work of size n.
func VariantN(name string, f func(n int)) Option {
	return func(p *plan) { p.variants = append(p.variants, variant{name: name, runN: f}) }
}

// Rounds sets how often each variant runs. Six is the least that gives an
// interval. Without it, Compare takes 10 to 50 and Sweep 6 to 20: as many as fit
// in two seconds.
func Rounds(n int) Option { return func(p *plan) { p.rounds = n } }

// Warmup sets how often each variant runs before it counts: 1 unless set. The
// first runs fill caches, open connections and grow the heap.
func Warmup(n int) Option { return func(p *plan) { p.warmup = n } }

// Baseline names the variant that Compare compares all others with: the fastest
// unless set.
func Baseline(name string) Option { return func(p *plan) { p.baseline = name } }

// Ideal draws a line at d, the time that theory allows.
func Ideal(d time.Duration) Option { return func(p *plan) { p.ideal = d } }

// IdealN draws a dashed line through f(n), the time that theory allows for size n.
func IdealN(f func(n int) time.Duration) Option { return func(p *plan) { p.idealN = f } }

// XName names what Sweep's numbers count, like "requests": "n" unless set.
func XName(name string) Option { return func(p *plan) { p.xName = name } }

// newPlan collects options and panics on those that make no sense, with a message
// that says what to write instead: they are mistakes in the cell, and no run
// could repair them.
func newPlan(caller string, options []Option) *plan {
	p := &plan{caller: caller, warmup: 1, xName: "n"}
	for _, o := range options {
		o(p)
	}
	if len(p.variants) == 0 {
		p.fail("there is nothing to measure: add %s", p.variantCall())
	}
	seen := map[string]bool{}
	for _, v := range p.variants {
		if seen[v.name] {
			p.fail("two variants are named %q: names tell them apart", v.name)
		}
		seen[v.name] = true
		if (caller == "Compare") != (v.run != nil) {
			p.fail("variant %q has the wrong kind of function: write %s", v.name, p.variantCall())
		}
	}
	if p.baseline != "" && !seen[p.baseline] {
		p.fail("the baseline %q is none of the variants", p.baseline)
	}
	if p.rounds < 0 || p.warmup < 0 {
		p.fail("%d rounds and %d warm-up runs: neither can be negative", p.rounds, p.warmup)
	}
	return p
}

func (p *plan) variantCall() string {
	if p.caller == "Compare" {
		return `helpers.Variant("name", func() { … })`
	}
	return `helpers.VariantN("name", func(n int) { … })`
}

func (p *plan) fail(format string, args ...any) {
	panic("helpers." + p.caller + ": " + fmt.Sprintf(format, args...))
}
