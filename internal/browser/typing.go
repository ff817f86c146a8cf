package browser

import (
	"context"

	"github.com/chromedp/chromedp"
)

// A Proposal is a line of JupyterLab's completer.
type Proposal struct {
	Text string
	Type string // as the kernel called it
}

// Type puts text into a cell of the notebook, with the cursor in front of the
// UTF-16 unit at offset, and the keyboard there.
func (p *Page) Type(ctx context.Context, cell int, text string, offset int) error {
	_, err := call[bool](ctx, p, "type", cell, text, offset)
	return err
}

// Complete presses Tab and returns what JupyterLab then proposes.
func (p *Page) Complete(ctx context.Context) ([]Proposal, error) {
	if err := p.Do(ctx, chromedp.KeyEvent("\t")); err != nil {
		return nil, err
	}
	return call[[]Proposal](ctx, p, "proposals")
}

// Documented returns what the panel beside the completer says.
func (p *Page) Documented(ctx context.Context) (string, error) {
	return call[string](ctx, p, "documented")
}

// Completing reports whether the completer is open. JupyterLab was
// seen to close it by itself, right after a change of theme.
func (p *Page) Completing(ctx context.Context) (bool, error) {
	return call[bool](ctx, p, "completing")
}

// Tooltip presses Shift-Tab and returns the text of what appears.
func (p *Page) Tooltip(ctx context.Context) (string, error) {
	if err := p.Do(ctx, chromedp.KeyEvent("\t", chromedp.KeyModifiers(chromedp.ModifierShift))); err != nil {
		return "", err
	}
	return call[string](ctx, p, "tooltip")
}

// Press presses a key: "\t" is Tab, "\u001b" Escape.
func (p *Page) Press(ctx context.Context, key string) error {
	return p.Do(ctx, chromedp.KeyEvent(key))
}
