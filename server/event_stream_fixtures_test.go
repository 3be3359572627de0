package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/thebigclass/api/server"
)

// pulse is the clock of a server's streams: they tick when the test says so.
type pulse struct {
	testing.TB
	every map[time.Duration]chan time.Time
}

func newPulse(t testing.TB) *pulse {
	return &pulse{t, map[time.Duration]chan time.Time{poll: make(chan time.Time), comment: make(chan time.Time)}}
}

// How often a stream looks around and shows that it lives.
const (
	poll    = time.Second
	comment = 15 * time.Second
)

func (p *pulse) ticker(every time.Duration) (<-chan time.Time, func()) {
	if p.every[every] == nil {
		p.Errorf("a stream ticks every %s", every)
	}
	return p.every[every], func() {}
}

// tick ticks once for one stream, as soon as it listens.
func (p *pulse) tick(every time.Duration) {
	p.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case p.every[every] <- time.Time{}:
	case <-timer.C:
		p.Fatalf("no stream waits for the tick of %s", every)
	}
}

// ticking is the app on another server of the same process, whose streams tick by hand.
func (app *App) ticking() (*App, *pulse) {
	app.Helper()
	hand := newPulse(app.T)
	parts := app.parts(slog.New(slog.NewJSONHandler(app.Log, nil)))
	parts.Ticker = hand.ticker
	other := *app
	other.API = server.New(server.Config{}, parts)
	listening := httptest.NewServer(other.API.Handler())
	app.Cleanup(listening.Close)
	other.URL = listening.URL
	return &other, hand
}

// block is what stands between two empty lines of a stream.
type block struct {
	id, data, retry string
	comment         bool
}

// stream is one open stream. Its channel is closed when it ends.
type stream struct {
	*App
	Header http.Header
	blocks chan block
	broken error // how it ended; nil is as HTTP wants it. Read it after the channel was closed
	hangUp func()
}

// Stream opens a stream, which the test hangs up at its end.
func (app *App) Stream(headers ...string) *stream {
	app.Helper()
	s, answer := app.tryStream(headers...)
	if s == nil {
		answer.Want(200)
	}
	return s
}

// tryStream opens a stream, or returns the answer that refuses it.
func (app *App) tryStream(headers ...string) (*stream, *Answer) {
	app.Helper()
	ctx, cancel := context.WithCancel(app.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, app.URL+"/api/v1/events/stream", nil)
	if err != nil {
		app.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+app.Secret)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(r) //nolint:bodyclose // closed when the stream is hung up, or refused
	if err != nil {
		cancel()
		app.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		defer cancel()
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		checkAnswer(app.T, r, response.StatusCode, response.Header, body)
		return nil, &Answer{TB: app.T, Status: response.StatusCode, Header: response.Header, Body: body, asked: "GET /events/stream"}
	}
	checkAnswer(app.T, r, response.StatusCode, response.Header, nil)
	s := &stream{App: app, Header: response.Header, blocks: make(chan block, 1000)}
	done := make(chan struct{})
	s.hangUp = func() { cancel(); <-done }
	go func() {
		defer close(done)
		defer response.Body.Close()
		s.read(response.Body)
	}()
	app.Cleanup(s.hangUp)
	return s, nil
}

// read takes the stream apart as the standard says.
func (s *stream) read(body io.Reader) {
	defer close(s.blocks)
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	var next block
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			s.blocks <- next
			next = block{}
		case name == "":
			next.comment = true
		case name == "id":
			next.id = value
		case name == "data" && next.data == "":
			next.data = value
		case name == "retry":
			next.retry = value
		default:
			s.Errorf("the stream has the line %q", lines.Text())
		}
	}
	s.broken = lines.Err()
}

// next waits for a block.
func (s *stream) next() block {
	s.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got, ok := <-s.blocks:
		if !ok {
			s.Fatalf("the stream ended: %v; %s", s.broken, s.Log)
		}
		return got
	case <-timer.C:
		s.Fatal("nothing came")
		panic("unreachable")
	}
}

// begin reads the first block, and returns the id that it names.
func (s *stream) begin() string {
	s.Helper()
	first := s.next()
	if first.retry != "5000" || first.data != "" || first.comment {
		s.Fatalf("the stream begins with %+v", first)
	}
	return first.id
}

// event waits for an event, which is held against the contract.
func (s *stream) event() block {
	s.Helper()
	got := s.next()
	for got.comment { // of a slow test's machine
		got = s.next()
	}
	document, err := contract()
	if err != nil {
		s.Fatal(err)
	}
	var envelope map[string]any
	if err := json.Unmarshal([]byte(got.data), &envelope); err != nil || got.id == "" || envelope["id"] != got.id {
		s.Fatalf("no event: %+v, %v", got, err)
	}
	if err := document.Components.Schemas["Event"].Value.VisitJSON(envelope, openapi3.EnableJSONSchema2020()); err != nil {
		s.Errorf("an event against the contract: %v\n%s", err, got.data)
	}
	return got
}

// wantEnd waits for the end of the stream and returns how that went.
func (s *stream) wantEnd() error {
	s.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case got, ok := <-s.blocks:
			if !ok {
				return s.broken
			}
			if !got.comment {
				s.Errorf("before its end the stream has %+v", got)
			}
		case <-timer.C:
			s.Fatal("the stream does not end")
		}
	}
}

// stored are the ids of the feed.
func (app *App) stored() []string {
	app.Helper()
	var ids []string
	events, _ := app.feed("?limit=100")
	for _, event := range events {
		ids = append(ids, event.ID)
	}
	return ids
}
