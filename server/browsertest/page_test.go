package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is what one step in a page may take on a busy machine.
const patience = time.Minute

// page is a tab with cookies of its own, which looks at one server.
type page struct {
	*testing.T
	origin string
	tab    context.Context
	seen   *traffic
}

// open is an empty tab for the server of that origin, such as http://127.0.0.1:8080.
func open(t *testing.T, origin string) *page {
	t.Helper()
	p := &page{T: t, origin: origin, seen: &traffic{origin: origin}}
	var closeTab context.CancelFunc
	p.tab, closeTab = chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.seen.listen))
	t.Cleanup(closeTab)
	if err := chromedp.Do(p.tab); err != nil { // by itself: a tab lives as long as the context of its first step
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(1200, 800))
	call(p, network.Enable, network.EnableParams{})
	return p
}

// run takes one step in the page, which must succeed.
func run[T any](p *page, step chromedp.Action[T]) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, step)
	if err != nil {
		p.Fatalf("%s: %v\nthe page says: %.2000s", p.seen.last(), err, p.rest())
	}
	return got
}

// call gives the browser a command for this tab.
func call[P, R any](p *page, command cdp.Command[P, R], params P) {
	p.Helper()
	run(p, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, params) })
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	run(p, chromedp.Steps(steps...))
}

// rest is what the page shows when a step in it has failed.
func (p *page) rest() string {
	ctx, cancel := context.WithTimeout(p.tab, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](bodyText)) // the failure is reported already
	return text
}

// visit opens a path of the server, or a whole address, and returns the status of the answer.
func (p *page) visit(path string) int {
	p.Helper()
	if strings.HasPrefix(path, "/") {
		path = p.origin + path
	}
	return p.load(chromedp.Navigate(path))
}

// load takes steps that end in another page, waits for it and returns its status.
func (p *page) load(steps ...chromedp.Action[chromedp.Void]) int {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		p.Fatalf("leaving %s: %v\nthe page says: %.2000s", p.seen.last(), err, p.rest())
	}
	if answer == nil {
		return 0 // another place on the same page, or one that was kept from before
	}
	return int(answer.Status)
}

const bodyText = `document.body ? document.body.innerText : ""`

// text is what can be read on the page: hidden text is not in it.
func (p *page) text() string {
	p.Helper()
	return run(p, chromedp.Evaluate[string](bodyText))
}

// html is the document as it is now.
func (p *page) html() string {
	p.Helper()
	return run(p, chromedp.Evaluate[string](`document.documentElement?.outerHTML ?? ""`))
}

// path is where the page is, without the origin.
func (p *page) path() string {
	p.Helper()
	return run(p, chromedp.Evaluate[string](`location.href.slice(location.origin.length)`))
}

// wantText checks that all of these can be read.
func (p *page) wantText(parts ...string) {
	p.Helper()
	text := p.text()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			p.Errorf("%s does not say %q:\n%s", p.path(), part, text)
		}
	}
}

// withoutScript turns JavaScript off for the pages that are loaded from now on.
func (p *page) withoutScript() *page {
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return p
}

// scheme asks for light or dark colours.
func (p *page) scheme(name string) {
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

// width makes the window that wide, in CSS pixels.
func (p *page) width(pixels int64) {
	p.do(chromedp.EmulateViewport(pixels, 800))
}

// quoted is text as a literal of JavaScript.
func quoted(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Sprintf("a string that is no JSON: %v", err))
	}
	return string(literal)
}
