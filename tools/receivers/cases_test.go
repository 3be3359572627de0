package receivers_test

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const (
	ours  = "whsec_4Jq0oXy3bW9vT1mZkR7sNf2LpHc8UeGd" // of most vectors
	newer = "whsec_Zt6Yw1QnB5xK0dVjM3rCg9LhSa7PfE2u" // of the vectors about a change of the secret
	path  = "/webhooks/tbc"
)

// server is one of the receivers.
type server struct {
	// start runs it with this secret, its files in this folder.
	start func(t *testing.T, folder, secret string) *process

	// asks is set where the secret is read at each request, so that a missing one shows as a 500.
	asks bool

	// hurries is set where a sender that goes on writing what is far too long may lose the 413: webhooks.Handler reads
	// no more than it must, and net/http closes half a second later.
	hurries bool
}

// conform holds a receiver to what all of them do.
func conform(t *testing.T, s server) {
	t.Helper()
	folder := t.TempDir()
	p := s.start(t, folder, ours)
	p.await(t)
	t.Run("the shared vectors", func(t *testing.T) {
		if posted := postVectors(t, p, []string{ours}); posted < 65 {
			t.Errorf("only %d vectors were posted", posted)
		}
		if count := worked(t, folder, "evt_01HYTESTVECT0R0000000000A1"); count != 1 {
			t.Errorf("their event was worked on %d times", count)
		}
	})
	t.Run("requests of every kind", func(t *testing.T) { postCases(t, p, folder) })
	t.Run("methods", func(t *testing.T) { refuseMethods(t, p) })
	t.Run("a body that breaks off", func(t *testing.T) { breakOff(t, p) })
	if !s.hurries {
		t.Run("a long body of a sender that listens afterwards", func(t *testing.T) { sendBeforeListening(t, p) })
	}
	t.Run("one event eight times at once", func(t *testing.T) {
		body := event("evt_crowd")
		var crowd sync.WaitGroup
		for range 8 {
			crowd.Go(func() { p.want(t, "together", delivery{body: body, header: sign(t, body, 0, ours)}, 204) })
		}
		crowd.Wait()
		wantWorked(t, folder, "evt_crowd", 1)
	})
	t.Run("work that fails", func(t *testing.T) { failWork(t, p, folder) })
	t.Run("a kill while it works", func(t *testing.T) { killAtWork(t, p, folder) })
	t.Run("another process with two secrets", func(t *testing.T) {
		next := s.start(t, folder, newer+", "+ours)
		next.await(t)
		if postVectors(t, next, []string{newer, ours}) == 0 {
			t.Error("no vector was posted")
		}
		body := event("evt_sent")
		next.want(t, "sent to the first process", delivery{body: body, header: sign(t, body, 0, ours)}, 204)
		next.want(t, "signed with the new secret", delivery{body: body, header: sign(t, body, 0, newer)}, 204)
		wantWorked(t, folder, "evt_sent", 1)
		body = long("evt_killed", 100_000)
		next.want(t, "what the first process did not finish", delivery{body: body, header: sign(t, body, 0, ours)}, 204)
		wantWorked(t, folder, "evt_killed", 1)
		wantWorked(t, folder, "evt_broken", 0) // not asked before: who sees nobody to answer may work on afterwards
	})
	t.Run("no secret", func(t *testing.T) {
		bare := s.start(t, t.TempDir(), "")
		if !s.asks {
			bare.refused(t)
			return
		}
		bare.await(t)
		bare.want(t, "signed with nothing", delivery{body: event("evt_1"), header: sign(t, event("evt_1"), 0, ours)}, 500)
	})
}

func wantWorked(t *testing.T, folder, id string, want int) {
	t.Helper()
	if count := worked(t, folder, id); count != want {
		t.Errorf("%s was worked on %d times, want %d", id, count, want)
	}
}

func postVectors(t *testing.T, p *process, secrets []string) (posted int) {
	t.Helper()
	for _, v := range vectors(t) {
		if v.fits(secrets) {
			p.want(t, v.Name, delivery{body: v.body(), header: v.fresh(t, now())}, v.status())
			posted++
		}
	}
	return posted
}

// postCases sends what the vectors do not say: whole requests, and events one after the other.
func postCases(t *testing.T, p *process, folder string) {
	t.Helper()
	const full = webhooks.BodyLimit
	sent := event("evt_sent")
	signed := func(body string) []string { return sign(t, body, 0, ours) }
	for _, c := range []struct {
		what   string
		d      delivery
		status int
	}{
		{"as sent", delivery{body: sent, header: signed(sent)}, 204},
		{"sent again", delivery{body: sent, header: sign(t, sent, time.Minute, ours)}, 204},
		{"two v1, ours last", delivery{body: sent, header: sign(t, sent, 0, newer, ours)}, 204},
		{"two v1, ours first", delivery{body: sent, header: sign(t, sent, 0, ours, newer)}, 204},
		{"another secret", delivery{body: event("evt_x"), header: sign(t, event("evt_x"), 0, newer)}, 401},
		{"ten minutes old", delivery{body: event("evt_x"), header: sign(t, event("evt_x"), 10*time.Minute, ours)}, 400},
		{"ten minutes ahead", delivery{body: event("evt_x"), header: sign(t, event("evt_x"), -10*time.Minute, ours)}, 400},
		{"a byte changed", delivery{body: event("evt_x"), header: signed(sent)}, 401},
		{"no signature", delivery{body: event("evt_x")}, 401},
		{"no signature and no body", delivery{}, 401},
		{"in chunks", delivery{body: event("evt_chunks"), header: signed(event("evt_chunks")), chunked: true}, 204},
		{"without a type", delivery{body: sent, header: signed(sent), kind: "text/plain"}, 204},
		{"as a form", delivery{body: sent, header: signed(sent), kind: "application/x-www-form-urlencoded"}, 204},
		{"at the limit", delivery{body: long("evt_full", full), header: signed(long("evt_full", full))}, 204},
		{"over the limit", delivery{body: long("evt_x", full+1), header: signed(long("evt_x", full+1))}, 413},
		{"far over the limit", delivery{body: long("evt_x", 9*full), header: signed(long("evt_x", 9*full))}, 413},
		{"over the limit in chunks", delivery{body: long("evt_x", full+1), header: signed(long("evt_x", full+1)), chunked: true}, 413},
		{"over the limit, unsigned", delivery{body: long("evt_x", full+1)}, 413},
	} {
		p.want(t, c.what, c.d, c.status)
	}
	for _, body := range []string{
		"\ufeff" + event("evt_x"), "not JSON", "null", "[]", `{"id":"evt_x"}`, `{"type":"order.paid"}`, `{"id":7,"type":"a"}`,
		`{"id":"","type":"a"}`, `{"id":"evt_x","type":"a"}}`, `{"id":"evt_x","type":"a","data":NaN}`,
		"{\"id\":\"evt_x\",\"type\":\"\xff\"}", strings.Repeat("[", 50_000),
	} {
		p.want(t, fmt.Sprintf("signed, and no event: %.40q", body), delivery{body: body, header: signed(body)}, 400)
	}
	for id, count := range map[string]int{"evt_sent": 1, "evt_chunks": 1, "evt_full": 1, "evt_x": 0} {
		wantWorked(t, folder, id, count)
	}
}

func refuseMethods(t *testing.T, p *process) {
	t.Helper()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
		got, err := p.send(t, delivery{method: method})
		if got.status != 405 || !strings.Contains(got.allow, "POST") || err != nil {
			t.Errorf("%s: status %d, Allow: %s (%v)", method, got.status, got.allow, err)
		}
	}
}

// breakOff announces more than it sends. What it sends is an event with its signature, which a receiver that trusts the
// end of the connection would take.
func breakOff(t *testing.T, p *process) {
	t.Helper()
	connection := p.write(t, event("evt_broken"), 10)
	if err := connection.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	// Some answer 400, some see nobody to answer.
	if line, _ := bufio.NewReader(connection).ReadString('\n'); strings.Contains(line, " 2") {
		t.Errorf("answered with %s", line)
	}
}

// sendBeforeListening loses the answer if the receiver closes before it has read what it refuses.
func sendBeforeListening(t *testing.T, p *process) {
	t.Helper()
	line, err := bufio.NewReader(p.write(t, long("evt_x", 9*webhooks.BodyLimit), 0)).ReadString('\n')
	if !strings.Contains(line, " 413 ") {
		t.Errorf("answered with %q (%v)", line, err)
	}
}

// swap puts something else in the place of the file that work writes. The function that it returns undoes that.
func swap(t *testing.T, folder string, put func(path string, mode uint32) error) (back func()) {
	t.Helper()
	file := filepath.Join(folder, "events.jsonl")
	aside := file + ".aside"
	if err := errors.Join(os.Rename(file, aside), put(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := errors.Join(os.Remove(file), os.Rename(aside, file)); err != nil {
			t.Fatal(err)
		}
	}
}

// failWork makes the file that work writes into a folder for a while, as a disk that is broken would be.
func failWork(t *testing.T, p *process, folder string) {
	t.Helper()
	back := swap(t, folder, syscall.Mkdir)
	body := event("evt_late")
	p.want(t, "while work fails", delivery{body: body, header: sign(t, body, 0, ours)}, 500)
	p.want(t, "while work still fails", delivery{body: body, header: sign(t, body, 0, ours)}, 500)
	back()
	wantWorked(t, folder, "evt_late", 0)
	p.want(t, "when work is possible again", delivery{body: body, header: sign(t, body, 0, ours)}, 204)
	p.want(t, "once more", delivery{body: body, header: sign(t, body, 0, ours)}, 204)
	wantWorked(t, folder, "evt_late", 1)
}

// killAtWork kills the receiver in the midst of the work: the file is a pipe, which takes in less than the event, and
// nobody reads it. What was not finished must not be remembered.
func killAtWork(t *testing.T, p *process, folder string) {
	t.Helper()
	back := swap(t, folder, syscall.Mkfifo)
	pipe := make(chan error, 1)
	go func() {
		file, err := os.Open(filepath.Join(folder, "events.jsonl")) // returns when work has opened its end
		if err == nil {
			t.Cleanup(func() { _ = file.Close() })
		}
		pipe <- err
	}()
	body := long("evt_killed", 100_000)
	sent := make(chan error, 1)
	header := sign(t, body, 0, ours)
	go func() {
		_, err := p.send(t, delivery{body: body, header: header})
		sent <- err
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-pipe:
		if err != nil {
			t.Fatal(err)
		}
	case err := <-sent:
		t.Fatalf("answered without working (%v): %s", err, p.output)
	case <-timer.C:
		t.Fatalf("work does not begin: %s", p.output)
	}
	p.kill()
	if err := <-sent; err == nil {
		t.Error("answered before the work was done")
	}
	back()
	wantWorked(t, folder, "evt_killed", 0)
}
