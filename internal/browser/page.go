// Package browser drives a real browser and a real JupyterLab, for tests and for
// screenshots.
//
// Open starts Chromium and shows a page; StartLab starts a JupyterLab of its own
// and Lab.Open shows it. Each Page has its own browser, and each Lab its own
// server, with no settings of the person at the machine. Who opens closes: Close
// ends the processes and waits for them.
//
// A Page must not be used by two goroutines at once, except that Close may be
// called at any time. Contexts end the call they are given to, never the page.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Size of the window, in CSS pixels.
const (
	Width  = 1280
	Height = 900
)

// A Page is a browser that shows one page.
type Page struct {
	ctx  context.Context // of chromedp
	stop func()

	mu       sync.Mutex
	requests []string
	errors   []string
}

// Open starts a browser and waits until it has loaded the page at url.
func Open(ctx context.Context, url string) (*Page, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.WindowSize(Width, Height),
		chromedp.Flag("hide-scrollbars", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to start otherwise
	}
	// Not ctx: it ends with this call, and the browser does not.
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	p := new(Page)
	inner, stop := chromedp.NewContext(allocator, chromedp.WithListener(p.listen))
	p.ctx = inner
	p.stop = sync.OnceFunc(func() {
		stop()
		stopAllocator() // waits for the process
	})
	// Ends the start, too, which takes no other context.
	unwatch := context.AfterFunc(ctx, p.stop)
	err = chromedp.Do(inner,
		command(network.Enable, network.EnableParams{}),
		command(runtime.Enable, cdp.Empty{}),
		// Otherwise the Lab has no current widget, and its commands do nothing.
		command(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		chromedp.EmulateViewport(Width, Height),
		chromedp.Navigate(url),
	)
	if !unwatch() {
		err = context.Cause(ctx)
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("open %s: %w", url, err)
	}
	return p, nil
}

// Close ends the browser.
func (p *Page) Close() { p.stop() }

// Do runs chromedp's actions.
func (p *Page) Do(ctx context.Context, steps ...chromedp.Action[chromedp.Void]) error {
	inner, cancel := p.within(ctx)
	defer cancel()
	return p.explain(ctx, chromedp.Do(inner, steps...))
}

// Eval runs JavaScript in the page and returns its value; that of a promise when
// it is kept. A promise that is broken is an error.
func Eval[T any](ctx context.Context, p *Page, script string) (T, error) {
	inner, cancel := p.within(ctx)
	defer cancel()
	value, err := chromedp.Run(inner, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	return value, p.explain(ctx, err)
}

// Requests returns the addresses that the page has asked for, but for data: and
// blob: ones, which stay inside.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Errors returns what the page has written to the console as errors, and the
// exceptions that nobody caught.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.errors...)
}

func (p *Page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		url := event.Request.URL
		if !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:") {
			p.requests = append(p.requests, url)
		}
	case *runtime.EventExceptionThrown:
		p.errors = append(p.errors, thrown(event.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError {
			var text []string
			for _, arg := range event.Args {
				text = append(text, describe(arg))
			}
			p.errors = append(p.errors, strings.Join(text, " "))
		}
	}
}

func thrown(details *runtime.ExceptionDetails) string {
	if details.Exception == nil {
		return details.Text
	}
	return details.Text + " " + describe(details.Exception)
}

func describe(arg *runtime.RemoteObject) string {
	var s string
	if json.Unmarshal([]byte(arg.Value), &s) == nil && s != "" {
		return s
	}
	return strings.TrimSpace(arg.Description + " " + string(arg.Value))
}

// within returns the page's context, ended by ctx as well.
func (p *Page) within(ctx context.Context) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancelCause(p.ctx)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return inner, func() {
		stop()
		cancel(nil)
	}
}

// explain adds what the page complained about to an error.
func (p *Page) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if said := p.Errors(); len(said) > 0 {
		err = errors.Join(err, fmt.Errorf("the page's last error: %.500s", said[len(said)-1]))
	}
	return err
}

func command[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, cmd, params)
		return err
	})
}
