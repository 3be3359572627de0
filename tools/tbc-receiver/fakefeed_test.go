package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/webhooks"
)

const testKey = "tbc_0123456789abcdefghijklmnopqrstuvwxyz"

// reply is what a fake feed does with a call.
type reply func(w http.ResponseWriter, r *http.Request)

// fakeFeed answers the calls to the stream one after the other, as it was told to, and remembers behind what each
// began. After the last answer a stream stays open, and a list is empty.
type fakeFeed struct {
	*testing.T
	url string

	mu      sync.Mutex
	streams []reply
	lists   []reply
	afters  []string
}

func newFakeFeed(t *testing.T, streams ...reply) *fakeFeed {
	f := &fakeFeed{T: t, streams: streams}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// ServeHTTP implements http.Handler.
func (f *fakeFeed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+testKey {
		f.Errorf("%s was called with %q", r.URL, r.Header.Get("Authorization"))
	}
	next := stays("")
	f.mu.Lock()
	switch r.URL.Path {
	case "/api/v1/events":
		next = says(200, `{"data":[]}`)
		if len(f.lists) > 0 {
			next, f.lists = f.lists[0], f.lists[1:]
		}
	case "/api/v1/events/stream":
		f.afters = append(f.afters, r.Header.Get("Last-Event-ID"))
		if len(f.streams) > 0 {
			next, f.streams = f.streams[0], f.streams[1:]
		}
	default:
		f.Errorf("%s was called", r.URL)
	}
	f.mu.Unlock()
	next(w, r)
}

// began is behind which events the streams so far began, with commas between them.
func (f *fakeFeed) began() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.afters, ",")
}

// cut sends text and ends.
func cut(text string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, text)
		_ = http.NewResponseController(w).Flush()
	}
}

// stays sends text and then nothing, until the client leaves.
func stays(text string) reply {
	return func(w http.ResponseWriter, r *http.Request) {
		cut(text)(w, r)
		<-r.Context().Done()
	}
}

// says is an answer that is no stream.
func says(status int, body string, header ...string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req-of-the-test")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const begins = "retry: 5000\nid: evt_0\n\n"

// sent are blocks of a stream with these events.
func sent(ids ...string) (text string) {
	for _, id := range ids {
		text += "id: " + id + "\ndata: " + published(id) + "\n\n"
	}
	return text
}

// listen runs the command until it is stopped.
func (f *fakeFeed) listen(args ...string) *program {
	f.Helper()
	return f.listenWith(func(c *console) {}, args...)
}

func (f *fakeFeed) listenWith(change func(*console), args ...string) *program {
	f.Helper()
	p := newProgram(f.T)
	c := p.console(secret)
	fromEnvironment := c.getenv
	c.getenv = func(name string) string {
		if value, known := map[string]string{cli.KeyVariable: testKey, cli.URLVariable: f.url}[name]; known {
			return value
		}
		return fromEnvironment(name)
	}
	change(&c)
	p.run(append([]string{"listen"}, args...), c)
	return p
}

// wantEnd fails unless the program ends with this status, having said one line that has these words.
func (p *program) wantEnd(status int, words ...string) {
	p.tb.Helper()
	code := <-p.code
	lines := strings.Split(strings.TrimSpace(p.errs.String()), "\n")
	last := lines[len(lines)-1]
	for _, word := range words {
		if !strings.Contains(last, word) {
			p.tb.Errorf("no word of %q in %q", word, last)
		}
	}
	if code != status || strings.Contains(p.out.String()+p.errs.String(), testKey) {
		p.tb.Errorf("ended with %d: %s%s", code, p.out, p.errs)
	}
}

// application verifies what it is posted, and remembers it.
type application struct {
	*testing.T
	url string

	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	status int
	busy   bool
}

func newApplication(t *testing.T, status int) *application {
	a := &application{T: t, status: status}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL + "/hook"
	return a
}

// ServeHTTP implements http.Handler.
func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	if a.busy {
		a.Error("two events at once")
	}
	a.busy = true
	a.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = webhooks.Verify(r.Header.Get(webhooks.HeaderSignature), body, noon, secret)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = false
	if err != nil {
		a.Errorf("%v: %v", err, r.Header)
	}
	a.bodies = append(a.bodies, string(body))
	a.heads = append(a.heads, r.Header)
	w.WriteHeader(a.status)
}

// want fails unless exactly these events were posted, in this order.
func (a *application) want(ids ...string) {
	a.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	var want []string
	for _, id := range ids {
		want = append(want, published(id))
	}
	if fmt.Sprint(a.bodies) != fmt.Sprint(want) {
		a.Errorf("posted %s, want %s", a.bodies, want)
	}
}
