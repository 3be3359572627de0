package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const (
	// fleetWorkspaces have fleetEndpoints together, as the figures promise.
	fleetWorkspaces = 10
	fleetEndpoints  = 50
	perWorkspace    = fleetEndpoints / fleetWorkspaces
	// batchSize is how many students one call of a fill creates and enrols; each makes two events.
	batchSize = 100
)

// fleetPlan is small: deliveries are about events, and these are made by the calls.
var fleetPlan = plan{workspaces: fleetWorkspaces, courses: fleetWorkspaces, students: fleetWorkspaces}

// loopbackHooks lets a server send to the sinks.
var loopbackHooks = []string{"TBC_WEBHOOK_ALLOW_HTTP=true", "TBC_WEBHOOK_ALLOW_CIDRS=127.0.0.0/8"}

// shape is what fleets differ in.
type shape struct {
	queued int              // deliveries that wait for each endpoint that hangs, or for all if none does
	hangs  func(i int) bool // nil if none does
	events func(i int) string
}

const (
	everyEvent   = `"student.created","enrollment.created"`
	batchedEvent = `"enrollment.created"` // which creating a student does not cause
)

// fleet is ten workspaces with five endpoints each. Every database of this run that was copied from db sends to the
// same sinks.
type fleet struct {
	db     database
	tokens []string // one for each workspace
	sinks  []*sink  // those of the first workspace come first
	made   int      // students so far, so that every address is new
}

// fleet makes a database with endpoints and queues deliveries by calls to a server that only answers calls. Where some
// endpoints hang, the others are made after that, and have nothing queued.
func (b *bench) fleet(ctx context.Context, kind, name string, s shape) (*fleet, error) {
	db, err := b.filled(ctx, kind, name, fleetPlan)
	if err != nil {
		return nil, err
	}
	f := &fleet{db: db}
	if f.tokens, err = b.tokens(ctx, db, fleetWorkspaces); err != nil {
		return nil, err
	}
	for i := range fleetEndpoints {
		one, err := startSink(s.hangs != nil && s.hangs(i))
		if err != nil {
			return nil, errors.Join(err, f.stop())
		}
		one.events = everyEvent
		if s.events != nil {
			one.events = s.events(i)
		}
		f.sinks = append(f.sinks, one)
	}
	if err := b.fillFleet(ctx, f, s); err != nil {
		return nil, errors.Join(err, f.stop())
	}
	return f, nil
}

func (b *bench) fillFleet(ctx context.Context, f *fleet, s shape) (err error) {
	server, _, err := b.serve(ctx, f.db, append(loopbackHooks, "TBC_ROLES=api")...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.alive(), server.stop()) }()
	first, err := f.register(ctx, server.addr, s.hangs != nil)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := f.queue(ctx, server.addr, s.queued); err != nil {
		return err
	}
	n, err := b.count(ctx, f.db, "webhook_queue")
	if err == nil && n != s.queued*first {
		err = fmt.Errorf("%d deliveries are queued, want %d", n, s.queued*first)
	}
	used, unknown := processorTimeOf(server.cmd.Process.Pid)
	err = errors.Join(err, unknown)
	b.progress("%s: queued %d deliveries in %v (server %v)", f.db.kind, n, time.Since(began).Round(time.Millisecond), used)
	if err == nil && s.hangs != nil {
		_, err = f.register(ctx, server.addr, false)
	}
	return errors.Join(err, b.settled(ctx, f.db))
}

// register makes the endpoints of the sinks that hang, or of those that do not, and returns how many.
func (f *fleet) register(ctx context.Context, addr string, hanging bool) (n int, err error) {
	for i, s := range f.sinks {
		if s.hangs == hanging {
			n++
			err = errors.Join(err, s.register(ctx, addr, f.tokens[i/perWorkspace]))
		}
	}
	return n, err
}

// register makes the endpoint of the sink.
func (s *sink) register(ctx context.Context, addr, token string) error {
	body := fmt.Sprintf(`{"url":%q,"events":[%s]}`, s.url, s.events)
	answer, err := send(ctx, addr, post("/api/v1/webhook-endpoints", token, body), 201)
	if err != nil {
		return err
	}
	var made struct{ Data struct{ Secret string } }
	if err := json.Unmarshal(answer, &made); err != nil || made.Data.Secret == "" {
		return fmt.Errorf("POST /webhook-endpoints answers no secret: %w", err)
	}
	s.secret = made.Data.Secret
	return nil
}

// queue causes so many events in each workspace, and with them so many deliveries to each endpoint: a student who is
// created and enrolled makes two.
func (f *fleet) queue(ctx context.Context, addr string, events int) error {
	var bodies [][]byte
	for _, token := range f.tokens {
		course, err := firstID(ctx, addr, token, coursesPath)
		if err != nil {
			return err
		}
		for left := events / 2; left > 0; left -= batchSize {
			bodies = append(bodies, post("/api/v1/enrollments/batch", token, f.batch(min(left, batchSize), course)))
		}
	}
	const senders = 2 // more would only wait for each other
	var running sync.WaitGroup
	errs := make([]error, senders)
	for i := range senders {
		running.Go(func() { errs[i] = sendAll(ctx, addr, bodies[i*len(bodies)/senders:(i+1)*len(bodies)/senders]) })
	}
	running.Wait()
	return errors.Join(errs...)
}

func (f *fleet) batch(size int, course string) string {
	items := make([]string, size)
	for i := range items {
		f.made++
		items[i] = fmt.Sprintf(`{"email":"fleet%d@example.com","displayName":"Student %d","courseId":%q}`, f.made, f.made, course)
	}
	return `{"items":[` + strings.Join(items, ",") + `]}`
}

func sendAll(ctx context.Context, addr string, requests [][]byte) error {
	conn, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.close()
	conn.keep = true
	for _, r := range requests {
		if err := conn.expect(r, 200); err != nil {
			return err
		}
	}
	return nil
}

// forget lets the next run begin with nothing received.
func (f *fleet) forget() {
	for _, s := range f.sinks {
		s.mu.Lock()
		s.seen, s.began = nil, time.Time{}
		s.mu.Unlock()
	}
}

// arrived is how many deliveries have come.
func (f *fleet) arrived() (n int, err error) {
	for _, s := range f.sinks {
		s.mu.Lock()
		n += len(s.seen)
		err = errors.Join(err, s.fault)
		s.mu.Unlock()
	}
	return n, err
}

// began is when the first connection of a sender came.
func (f *fleet) began() (first time.Time) {
	for _, s := range f.sinks {
		if began := s.first(); !began.IsZero() && (first.IsZero() || began.Before(first)) {
			first = began
		}
	}
	return first
}

// check makes sure that n different deliveries arrived and that the samples' signatures are right, and returns how
// many came more than once.
func (f *fleet) check(n int) (repeated int, err error) {
	seen := make(map[string]bool, n)
	verified := 0
	for _, s := range f.sinks {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, r := range s.seen {
			if seen[r.delivery] {
				repeated++
			}
			seen[r.delivery] = true
			if r.body == nil {
				continue
			}
			verified++
			if err := webhooks.Verify(r.signature, r.body, r.at, s.secret); err != nil {
				return repeated, fmt.Errorf("%s: %w", r.delivery, err)
			}
		}
	}
	if len(seen) != n || verified < n/sampleEvery {
		return repeated, fmt.Errorf("%d different deliveries arrived, want %d; %d signatures verified", len(seen), n, verified)
	}
	return repeated, nil
}

func (f *fleet) stop() (err error) {
	for _, s := range f.sinks {
		err = errors.Join(err, s.stop())
	}
	return err
}
