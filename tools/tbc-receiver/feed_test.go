package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whoever accepts a call and says nothing more, at whatever point, is left, and the listener says so.
func TestListen_LeavesACallThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	stalls := func(status int) reply {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			says(status, `{"data":[`)(w, r)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}
	for words, c := range map[string]struct {
		lists, streams []reply
	}{
		"the answer was cut": {lists: []reply{stalls(200)}},
		"answers 500":        {lists: []reply{stalls(500)}},
		"answers 502":        {streams: []reply{stalls(502)}},
	} {
		f := newFakeFeed(t, append(c.streams, stays(sent("evt_1")))...)
		f.lists = c.lists
		p := f.listenWith(func(c *console) { c.silence = 100 * time.Millisecond }, "--since", "10m")
		p.out.waitFor("evt_1")
		p.stop()
		if errs := p.errs.String(); !strings.Contains(errs, words) {
			t.Errorf("said %q, want %q", errs, words)
		}
	}
}

func TestListen_LeavesAHandshakeThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts, and nobody reads
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	p := newFakeFeed(t).listenWith(func(c *console) { c.silence = 100 * time.Millisecond }, "--url", "https://"+silent.Addr().String())
	p.errs.waitFor("TLS handshake timeout; trying again in 10s")
	p.stop()
}
