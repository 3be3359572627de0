package browsertest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// traffic is what a tab has asked for and complained about.
type traffic struct {
	origin string

	mu         sync.Mutex
	requests   []string // addresses, in their order
	referrers  []string // what was sent as Referer with any of them
	bytes      int64    // of answers, headers included, as they came over the wire
	complaints []string // errors and warnings of the console
}

// listen is told all that happens in the tab.
func (s *traffic) listen(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			s.requests = append(s.requests, e.Request.URL)
			if referrer, _ := e.Request.Headers["Referer"].(string); referrer != "" {
				s.referrers = append(s.referrers, referrer)
			}
		}
	case *network.EventLoadingFinished:
		s.bytes += int64(e.EncodedDataLength)
	case *network.EventWebSocketCreated:
		s.requests = append(s.requests, e.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			s.complaints = append(s.complaints, said(e.Args))
		}
	case *runtime.EventExceptionThrown:
		s.complaints = append(s.complaints, exception(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			s.complaints = append(s.complaints, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	}
}

func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		if arg.Description != "" {
			words = append(words, arg.Description)
		} else {
			words = append(words, string(arg.Value))
		}
	}
	return strings.Join(words, " ")
}

func exception(details *runtime.ExceptionDetails) string {
	text := details.Text
	if details.Exception != nil {
		text += " " + details.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", text, details.URL, details.LineNumber+1)
}

// last is the latest address that was asked for.
func (s *traffic) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == 0 {
		return "an empty tab"
	}
	return s.requests[len(s.requests)-1]
}

// strangers are the addresses of other servers that were asked for. None was reached: the browser resolves no name
// but this machine's.
func (s *traffic) strangers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, address := range s.requests {
		if parsed, err := url.Parse(address); err != nil || parsed.Scheme+"://"+parsed.Host != s.origin {
			found = append(found, address)
		}
	}
	return found
}

// wantNoStrangers checks that all that the tab has asked for is of the server under test.
func (p *page) wantNoStrangers() {
	p.Helper()
	if found := p.seen.strangers(); len(found) > 0 {
		p.Errorf("%s asked other servers for %q", p.path(), found)
	}
}

// complaints are the errors and warnings of the console, those aside that hold one of the given texts.
func (p *page) complaints(except ...string) []string {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.seen.complaints), func(complaint string) bool {
		return slices.ContainsFunc(except, func(text string) bool { return strings.Contains(complaint, text) })
	})
}

// cost is what the tab has asked for and got so far.
func (s *traffic) cost() (requests int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests), s.bytes
}

// shift is by how much of the window things have moved on the page by themselves since it was opened: its cumulative
// layout shift.
func (p *page) shift() float64 {
	p.Helper()
	return run(p, chromedp.Evaluate[float64](`new Promise(done => {
		let sum = 0
		const add = entries => entries.forEach(entry => sum += entry.value)
		const watcher = new PerformanceObserver(list => add(list.getEntries()))
		watcher.observe({type: "layout-shift", buffered: true})
		requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { add(watcher.takeRecords()); done(sum) })))
	})`, chromedp.EvalAwaitPromise))
}

// addresses are all that the tab has asked for and what it told the servers that it came from.
func (s *traffic) addresses() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.requests), s.referrers...)
}
