package session

import (
	"gopark/kernel/cell"
	"gopark/kernel/explain"
	"gopark/kernel/vet"
)

// A vetting is go vet's look at a program, on its way beside the build: what it
// finds is shown after the output, and nobody waits for it.
type vetting struct {
	done     chan struct{} // closed when findings are there
	findings []cell.Diagnostic
}

// vet begins to look. The caller waits for it, by findings, before it returns.
func (x *execution) vet(p *cell.Program) *vetting {
	v := &vetting{done: make(chan struct{})}
	go func() {
		defer close(v.done)
		found, err := vet.Check(p.Typed())
		if err != nil {
			x.log.Warn("an analyzer failed", "err", err)
		}
		v.findings = found
	}()
	return v
}

// page is what was found; nil when that is nothing.
func (v *vetting) page(source explain.Source) *explain.Page {
	if v == nil {
		return nil
	}
	<-v.done
	return explain.Vet(v.findings, source)
}
