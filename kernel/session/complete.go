package session

import (
	"context"
	"time"
	"unicode/utf8"

	"gopark/kernel/cell"
)

// An Assistant knows more of Go than the session by itself: gopls, say. Its
// methods may be called by several goroutines at once; each returns soon after
// its context ends. One that is not ready yet says so at once, by an error.
type Assistant interface {
	// Complete proposes what could replace the prefix at the draft's cursor,
	// best first.
	Complete(ctx context.Context, d *cell.Draft) ([]cell.Suggestion, error)
	// Describe is what can be said of the name at an offset of the draft's last
	// file, in Markdown; "" when it knows of none.
	Describe(ctx context.Context, d *cell.Draft, at int) (markdown string, err error)
}

// assistFor is how long an assistant may think while somebody waits; after
// that, what the session knows by itself is the answer.
const assistFor = 150 * time.Millisecond

// packagesFor is how long a question about code waits for the packages, which
// the very first start of all prepares. Without them, the answer holds what the
// memory and the cell declare.
const packagesFor = 300 * time.Millisecond

// A Completion is what could stand at the cursor. Offsets count code points.
type Completion struct {
	// Start and End are what a suggestion replaces.
	Start, End  int
	Suggestions []cell.Suggestion
}

// Complete proposes what could stand at the cursor, an offset into code in code
// points. It may be called at any time, also while cells run.
func (s *Session) Complete(ctx context.Context, code string, cursor int) Completion {
	d := s.draft(ctx, code, cursor)
	c := Completion{Start: cursor - utf8.RuneCountInString(d.Prefix), End: cursor}
	if d.Place == cell.InCommand {
		c.Suggestions = s.completeCommand(d, func() cell.Packages { return s.packages(ctx) })
		return c
	}
	c.Suggestions = d.Suggest()
	if d.Place != cell.Code || s.o.Assistant == nil {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, assistFor)
	defer cancel()
	more, err := s.o.Assistant.Complete(ctx, d)
	if err != nil {
		s.log.Debug("completion without the assistant", "err", err)
		return c
	}
	c.Suggestions = merge(more, c.Suggestions, d.Prefix)
	return c
}

// merge puts the assistant's suggestions first, in its order, and then what it
// does not know: packages that nothing has imported yet.
func merge(theirs, ours []cell.Suggestion, prefix string) []cell.Suggestion {
	seen := map[string]bool{}
	out := make([]cell.Suggestion, 0, len(theirs)+len(ours))
	for _, list := range [][]cell.Suggestion{theirs, ours} {
		for _, c := range list {
			if !seen[c.Text] {
				seen[c.Text] = true
				out = append(out, c)
			}
		}
	}
	return cell.Preferred(out, prefix)
}

// draft shapes what is being typed, on the memory as it is now.
func (s *Session) draft(ctx context.Context, code string, cursor int) *cell.Draft {
	at := len(code)
	for i := range code {
		if cursor == 0 {
			at = i
			break
		}
		cursor--
	}
	if d := new(cell.Memory).Draft(code, at, cell.NoPackages{}); d.Place == cell.InCommand {
		return d // it needs no packages, and need not wait for them
	}
	memory := s.remembered()
	return memory.Draft(code, at, s.packages(ctx))
}

// packages are what cells can import, as far as that is known by now.
func (s *Session) packages(ctx context.Context) cell.Packages {
	ctx, cancel := context.WithTimeout(ctx, packagesFor)
	defer cancel()
	packages, err := s.o.Engine.Packages(ctx, nil)
	if err != nil {
		return cell.NoPackages{}
	}
	return packages
}
