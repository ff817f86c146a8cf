package browser

import (
	"context"
	"fmt"
	"os"

	"github.com/chromedp/chromedp"
)

// tallest is how high a picture may become: the browser draws no higher ones.
const tallest = 16_000

// Screenshot writes what the window shows to a PNG file. With full it shows the
// whole notebook, as if the window were high enough.
func (p *Page) Screenshot(ctx context.Context, path string, full bool) error {
	inner, cancel := p.within(ctx)
	defer cancel()
	if full {
		defer p.resize(ctx, Height)
		// The Lab guesses the height of cells that were never near, and guesses
		// again when they are: the first answers may be far too high or too low.
		for height, rounds := int64(Height), 0; rounds < 6; rounds++ {
			more, err := Eval[int64](ctx, p, "("+missing+")()")
			if err != nil {
				return fmt.Errorf("screenshot: %w", err)
			}
			next := min(max(height+more, Height), tallest)
			if next == height {
				break
			}
			height = next
			if err := p.resize(ctx, height); err != nil {
				return fmt.Errorf("screenshot: %w", err)
			}
		}
	}
	png, err := chromedp.Run(inner, chromedp.CaptureScreenshot())
	if err != nil {
		return fmt.Errorf("screenshot: %w", p.explain(ctx, err))
	}
	return os.WriteFile(path, png, 0o644)
}

func (p *Page) resize(ctx context.Context, height int64) error {
	if err := p.Do(ctx, chromedp.EmulateViewport(Width, height)); err != nil {
		return err
	}
	return p.settle(ctx)
}

// settle waits until nothing has changed for a while, a second at most: the Lab
// draws cells in idle moments, of which it gives no sign.
func (p *Page) settle(ctx context.Context) error {
	_, err := Eval[bool](ctx, p, `new Promise(done => {
		let quiet;
		const rest = () => { clearTimeout(quiet); quiet = setTimeout(end, 150); };
		const seen = new MutationObserver(rest);
		const end = () => { seen.disconnect(); clearTimeout(quiet); requestAnimationFrame(() => done(true)); };
		seen.observe(document.body, { subtree: true, childList: true, attributes: true });
		rest();
		setTimeout(end, 1000);
	})`)
	return err
}

// missing tells how many pixels of the page, or of the Lab's notebook in it, are
// below the window's edge; less than 0 if the notebook ends above it.
const missing = `() => {
	const shown = [...document.querySelectorAll('.jp-Notebook .jp-WindowedPanel-outer')].find(e => e.offsetParent);
	if (!shown) {
		return document.scrollingElement.scrollHeight - document.scrollingElement.clientHeight;
	}
	shown.scrollTop = 0;
	// Not scrollHeight: a notebook can be scrolled past its end.
	const cells = shown.querySelector('.jp-WindowedPanel-inner').offsetHeight;
	const footer = document.querySelector('.jp-Notebook-footer')?.offsetHeight ?? 0;
	return cells + footer + 32 - shown.clientHeight;
}`
