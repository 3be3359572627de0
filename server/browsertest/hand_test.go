package browsertest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/input"
	navigation "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A person finds things on a page by what they say, and so do these tests: by a label, or by the text of a button or
// a link. Elements are looked up by an expression of JavaScript, which the browser evaluates for its operator even
// where scripts of pages are off.
type element string

// field is the input, select or textarea whose label begins with the text.
func field(label string) element {
	return element(fmt.Sprintf(`[...document.querySelectorAll("label")].
		filter(l => l.control && l.innerText.trim().startsWith(%s)).map(l => l.control)[0]`, quoted(label)))
}

// named is the first visible button, link or fold with exactly that text.
func named(text string) element {
	return element(fmt.Sprintf(`[...document.querySelectorAll("button, a, summary, input[type=submit]")].
		filter(e => (e.innerText || e.value || "").trim().replace(/\s+/g, " ") === %s && e.checkVisibility())[0]`, quoted(text)))
}

// selected is the first element for a selector of CSS.
func selected(css string) element {
	return element(fmt.Sprintf(`document.querySelector(%s)`, quoted(css)))
}

// has reports whether the page has such an element.
func (p *page) has(e element) bool {
	p.Helper()
	return run(p, chromedp.Evaluate[bool](fmt.Sprintf("Boolean(%s)", e)))
}

// of evaluates an expression over the element, which is e there and must exist.
func of[T any](p *page, e element, expression string) T {
	p.Helper()
	if !p.has(e) {
		p.Fatalf("%s has no %s:\n%.2000s", p.path(), e, p.text())
	}
	return run(p, chromedp.Evaluate[T](fmt.Sprintf("(e => (%s))(%s)", expression, e)))
}

// press is a click of the mouse in the middle of the element.
func (p *page) press(e element) chromedp.Action[chromedp.Void] {
	p.Helper()
	at := of[[]float64](p, e, `e.scrollIntoView({block: "center"}), [e.getBoundingClientRect()].map(r => [r.x + r.width / 2, r.y + r.height / 2])[0]`)
	return chromedp.MouseClickXY(at[0], at[1])
}

// click presses something that opens no other page.
func (p *page) click(e element) {
	p.Helper()
	p.do(p.press(e))
}

// follow presses a link or a button that opens another page, and returns the status of that.
func (p *page) follow(text string) int {
	p.Helper()
	return p.load(p.press(named(text)))
}

// fill types into the field with that label, over what is there.
func (p *page) fill(label, value string) {
	p.Helper()
	of[chromedp.Void](p, field(label), `e.focus(), e.select && e.select()`)
	call(p, input.InsertText, input.InsertTextParams{Text: value})
}

// tick sets a box or a radio button that is not set.
func (p *page) tick(label string) {
	p.Helper()
	if !of[bool](p, field(label), `e.checked`) {
		p.click(field(label))
	}
}

// pick chooses the option with that text.
func (p *page) pick(label, option string) {
	p.Helper()
	found := of[bool](p, field(label), fmt.Sprintf(`[...e.options].filter(o => o.text.trim() === %s).
		map(o => (o.selected = true, e.dispatchEvent(new Event("change", {bubbles: true}))))[0] || false`, quoted(option)))
	if !found {
		p.Fatalf("%s offers no %s", label, option)
	}
}

// value is what stands in the field.
func (p *page) value(label string) string {
	p.Helper()
	return of[string](p, field(label), `e.value`)
}

func (p *page) reload() int {
	p.Helper()
	return p.load(chromedp.Reload())
}

// back is the browser's button. The browser may have kept the page that it goes back to, and then loads nothing.
func (p *page) back() {
	p.Helper()
	history := run(p, chromedp.NavigationEntries())
	if history.CurrentIndex == 0 {
		p.Fatal("there is nothing to go back to")
	}
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	there, navigated := make(chan struct{}, 10), false
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *navigation.EventFrameNavigated:
			navigated = e.Frame.ParentID == ""
			if navigated && e.Type == navigation.NavigationTypeBackForwardCacheRestore {
				there <- struct{}{}
			}
		case *navigation.EventLoadEventFired:
			if navigated {
				there <- struct{}{}
			}
		}
	}); err != nil {
		p.Fatal(err)
	}
	call(p, navigation.NavigateToHistoryEntry, navigation.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
	select {
	case <-there:
	case <-ctx.Done():
		p.Fatalf("going back from %s: %v", p.seen.last(), ctx.Err())
	}
}
