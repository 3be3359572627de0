package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/webhooks"
)

const secret = "whsec_of_the_test_alone"

var noon = time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)

// terminal is what a program wrote. Its first write says that the receiver
// listens.
type terminal struct {
	mu      sync.Mutex
	text    bytes.Buffer
	once    sync.Once
	written chan struct{}
	more    *sync.Cond
}

func newTerminal() *terminal {
	o := &terminal{written: make(chan struct{})}
	o.more = sync.NewCond(&o.mu)
	return o
}

func (o *terminal) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.once.Do(func() { close(o.written) })
	defer o.more.Broadcast()
	return o.text.Write(p)
}

func (o *terminal) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// waitFor returns when the text has been written.
func (o *terminal) waitFor(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !bytes.Contains(o.text.Bytes(), []byte(text)) {
		o.more.Wait()
	}
}

// zeros is chance without a choice.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// program is a running tbc-receiver whose clock stands at noon.
type program struct {
	tb        testing.TB
	out, errs *terminal
	url       string
	interrupt context.CancelFunc
	code      chan int
}

func newProgram(tb testing.TB) *program {
	return &program{tb: tb, out: newTerminal(), errs: newTerminal(), code: make(chan int, 1)}
}

// run begins, and ends with the test at the latest.
func (p *program) run(args []string, c console) {
	ctx, interrupt := context.WithCancel(p.tb.Context())
	p.interrupt = interrupt
	go func() { p.code <- run(ctx, args, c) }()
}

func start(tb testing.TB, args ...string) *program {
	tb.Helper()
	p := newProgram(tb)
	p.run(append([]string{"--addr", "127.0.0.1:0"}, args...), p.console(secret))
	select {
	case <-p.out.written:
	case code := <-p.code:
		tb.Fatalf("ended with %d: %s", code, p.errs)
	}
	_, rest, _ := strings.Cut(p.out.String(), "http://")
	address, _, _ := strings.Cut(rest, ",")
	p.url = "http://" + address + "/webhooks/tbc"
	return p
}

func (p *program) console(fromEnvironment string) console {
	return console{
		out: p.out, errs: p.errs, now: func() time.Time { return noon },
		sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }, random: zeros{},
		getenv: func(name string) string { return map[string]string{secretVariable: fromEnvironment}[name] },
	}
}

// stop is Ctrl-C. It returns what was printed.
func (p *program) stop() string {
	p.tb.Helper()
	p.interrupt()
	if code := <-p.code; code != cli.Done {
		p.tb.Errorf("stopped with %d: %s", code, p.errs)
	}
	return p.out.String()
}

// deliver posts a signed body and fails unless the answer has this status.
func (p *program) deliver(body string, status int) {
	p.tb.Helper()
	p.deliverSigned(body, secret, status)
}

func (p *program) deliverSigned(body, key string, status int) {
	p.tb.Helper()
	signature, err := webhooks.Sign([]byte(body), noon, key)
	if err != nil {
		p.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.tb.Context(), http.MethodPost, p.url, strings.NewReader(body))
	if err != nil {
		p.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header[webhooks.HeaderSignature] = []string{signature}
	req.Header[webhooks.HeaderDelivery] = []string{"evd_1"}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		p.tb.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != status {
		p.tb.Errorf("answered %d, want %d: %s", res.StatusCode, status, p.errs)
	}
}

// published is the body of an event with this id.
func published(id string) string {
	return fmt.Sprintf(`{"id":%q,"type":"course.published","created_at":"2026-05-19T12:00:00Z","workspace_id":"org_1","data":{"id":"crs_1","title":"Sourdough"}}`, id)
}
