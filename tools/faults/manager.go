package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The kinds of operations on endpoints.
const (
	kindEndpoint  = "create endpoint"
	kindDisable   = "disable endpoint"
	kindEnable    = "enable endpoint"
	kindDelete    = "delete endpoint"
	kindTest      = "test endpoint"
	kindRedeliver = "redeliver"
	kindRotate    = "rotate secret"
	kindRevokeOld = "revoke old secret"
)

// endpoint is one that the run made, with all that was done to it.
type endpoint struct {
	id, path, temper string
	events           []string
	changes          []change
	deleted          bool
}

// change is a switch of an endpoint that took place between two times.
type change struct {
	from, to time.Time
	active   bool
}

// slack is how far the clocks of a database and of this program may be apart on one machine.
const slack = 50 * time.Millisecond

// activeAt tells whether the endpoint was active; false for known if a change was under way just then.
func (e *endpoint) activeAt(t time.Time) (active, known bool) {
	for _, c := range e.changes {
		if t.After(c.to.Add(slack)) {
			active = c.active
			continue
		}
		return active, t.Before(c.from.Add(-slack))
	}
	return active, true
}

// endedAfter tells whether the endpoint was switched off at any time after t, or might have been.
func (e *endpoint) endedAfter(t time.Time) bool {
	return slices.ContainsFunc(e.changes, func(c change) bool { return !c.active && c.to.Add(slack).After(t) })
}

func (e *endpoint) wants(kind string) bool {
	return slices.Contains(e.events, "*") || slices.Contains(e.events, kind)
}

// manager makes and changes endpoints, one operation at a time, so that what each was subscribed to is known.
type manager struct {
	run *run
	rng *rand.Rand

	mu   sync.Mutex
	list []*endpoint
}

// plans are the endpoints of a random run.
var plans = []struct {
	temper string
	events []string
}{
	{"steady", []string{"*"}},
	{temperPage, []string{"*"}},
	{"flaky", []string{"*"}},
	{"dropping", []string{"student.created", "student.deleted", "enrollment.revoked", "order.refunded"}},
	{"strict", []string{"enrollment.created", "enrollment.revoked", "course.published", "certificate.issued"}},
	{"busy", []string{"student.updated", "order.paid", "live_session.started", "live_session.ended", "recording.ready"}},
	{"slow", []string{"order.paid", "order.refunded", "certificate.issued", "course.archived"}},
	{"dead", []string{"course.published", "course.archived", "live_session.started", "recording.ready", "student.deleted"}},
	{"tough", []string{"student.created", "order.paid"}},
}

// create makes an endpoint. It is repeated until it is answered, or its secret would be lost.
func (m *manager) create(ctx context.Context, temper string, events []string) error {
	m.mu.Lock()
	e := &endpoint{path: fmt.Sprintf("/%s-%d", temper, len(m.list)+1), temper: temper, events: events}
	m.list = append(m.list, e)
	m.mu.Unlock()
	m.run.receiver.expect(e.path, temper)
	op := post(m.rng, kindEndpoint, "/webhook-endpoints", fields{"url": m.run.receiver.url + e.path, "events": events, "label": temper})
	if err := m.do(ctx, e, op, true); err != nil {
		return err
	}
	if op.Status != http.StatusCreated {
		return fmt.Errorf("create endpoint: %d %s", op.Status, op.Reply)
	}
	e.id = op.Answer.ID
	m.run.receiver.trust(e.path, op.Answer.Secret)
	return nil
}

// do performs an operation until it is answered, and notes that it switched the endpoint on or off meanwhile.
func (m *manager) do(ctx context.Context, e *endpoint, op *operation, active bool) error {
	if _, err := m.run.perform(ctx, m.rng, op, true); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e.changes = append(e.changes, change{from: op.Sent, to: op.Ended, active: active})
	return nil
}

// work changes something every now and then until the drive is over.
func (m *manager) work(ctx context.Context, over <-chan struct{}) error {
	for {
		timer := time.NewTimer(time.Duration(200+m.rng.IntN(800)) * time.Millisecond)
		select {
		case <-over:
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := m.step(ctx); err != nil {
			return err
		}
	}
}

// step does one thing to an endpoint or a delivery. Endpoints that were switched off come back soon, since what is not
// subscribed proves little.
func (m *manager) step(ctx context.Context) error {
	e := m.list[m.rng.IntN(len(m.list))]
	for _, off := range m.list {
		if active, _ := off.activeAt(m.run.now().Add(time.Hour)); !active && !off.deleted && m.rng.IntN(2) == 0 {
			return m.toggle(ctx, off, kindEnable, "active", true)
		}
	}
	active, _ := e.activeAt(m.run.now().Add(time.Hour))
	drawn := m.rng.IntN(20)
	switch {
	case e.deleted || !active || drawn < 10:
		return m.redeliver(ctx)
	case drawn < 14:
		return m.rotate(ctx, e)
	case drawn < 16:
		return m.test(ctx, e)
	case drawn < 19 || e.temper == "steady":
		return m.toggle(ctx, e, kindDisable, "disabled", false)
	}
	if err := m.remove(ctx, e); err != nil {
		return err
	}
	return m.create(ctx, e.temper, e.events)
}

func (m *manager) toggle(ctx context.Context, e *endpoint, kind, status string, active bool) error {
	return m.do(ctx, e, &operation{
		Kind: kind, Method: http.MethodPatch, Path: "/webhook-endpoints/" + e.id, Target: e.id, Body: fields{"status": status},
	}, active)
}

// remove deletes an endpoint. A 404 is the answer to a repeat.
func (m *manager) remove(ctx context.Context, e *endpoint) error {
	err := m.do(ctx, e, &operation{Kind: kindDelete, Method: http.MethodDelete, Path: "/webhook-endpoints/" + e.id, Target: e.id}, false)
	m.mu.Lock()
	defer m.mu.Unlock()
	e.deleted = true
	return err
}

func (m *manager) test(ctx context.Context, e *endpoint) error {
	_, err := m.run.perform(ctx, m.rng, post(m.rng, kindTest, "/webhook-endpoints/"+e.id+"/test", nil), false)
	return err
}

// rotate replaces the secret, and the receiver changes over as soon as it is told. Sometimes that also ends the old
// one.
func (m *manager) rotate(ctx context.Context, e *endpoint) error {
	op := post(m.rng, kindRotate, "/webhook-endpoints/"+e.id+"/rotate-secret", fields{"overlapSeconds": 3600})
	if _, err := m.run.perform(ctx, m.rng, op, true); err != nil {
		return err
	}
	if !op.acknowledged() {
		return fmt.Errorf("rotate the secret: %d %s", op.Status, op.Reply)
	}
	m.run.receiver.trust(e.path, op.Answer.Secret)
	if m.rng.IntN(4) > 0 {
		return nil
	}
	_, err := m.run.perform(ctx, m.rng, post(m.rng, kindRevokeOld, "/webhook-endpoints/"+e.id+"/revoke-old-secret", nil), false)
	return err
}

// redeliver asks for any delivery that the receiver has seen once more.
func (m *manager) redeliver(ctx context.Context) error {
	seen := m.run.receiver.journal.all()
	if len(seen) == 0 {
		return nil
	}
	id := seen[m.rng.IntN(len(seen))].Delivery
	op := post(m.rng, kindRedeliver, "/webhook-deliveries/"+id+"/redeliver", nil)
	op.Target = id
	_, err := m.run.perform(ctx, m.rng, op, false)
	return err
}
