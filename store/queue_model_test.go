package store_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// queueModel says what must become of the events of a workspace, whatever happens in whatever order. It knows the
// published schedule, the rule for disabling and nothing of how the store works.
type queueModel struct {
	*hooks
	endpoints []*modelEndpoint
	events    []modelEvent
	workers   []worker             // who claimed and has not spoken up, those taken for dead included
	known     map[string]*expected // by delivery
	disabled  int                  // how often an endpoint was disabled for failing
	counts    map[string]int64     // by outcome
}

// modelEndpoint is what is known of an endpoint, and what its attempts said about it.
type modelEndpoint struct {
	id              string
	active, deleted bool
	failing, failed *time.Time
}

// modelEvent is an event as it was committed, in the order of commits.
type modelEvent struct {
	id, body, subject string
	erased            bool
	to                []*modelEndpoint // subscribed when it was committed
}

// worker is a claim and whether it is the newest of its delivery's.
type worker struct {
	claim  store.Claim
	serial int
}

// expected is what is known of a delivery. The zero value is one that nobody claimed yet.
type expected struct {
	holder   int // serial of the worker that will be heard; 0 is none
	lease    time.Time
	due      time.Time
	attempts int
	tries    int // of the present schedule
	status   string
}

func (m *queueModel) of(id string) *expected {
	if m.known[id] == nil {
		m.known[id] = &expected{status: store.DeliveryPending}
	}
	return m.known[id]
}

func (m *queueModel) endpointOf(id string) *modelEndpoint {
	return m.endpoints[slices.IndexFunc(m.endpoints, func(p *modelEndpoint) bool { return p.id == id })]
}

// emitOne commits an event about one of two students.
func (m *queueModel) emitOne(t *rapid.T) {
	subject := rapid.SampledFrom([]string{"stu_a", "stu_b"}).Draw(t, "subject")
	m.emit("student.created", subject)
	page, err := m.workspace.Events(m.t.Context(), store.EventQuery{Limit: 100})
	if err != nil || len(page.Items) != len(m.events)+1 {
		t.Fatalf("%d events after %d and one more: %v", len(page.Items), len(m.events), err)
	}
	last := page.Items[len(page.Items)-1]
	made := modelEvent{id: last.ID, body: string(last.Body), subject: subject}
	for _, p := range m.endpoints {
		if p.active {
			made.to = append(made.to, p)
		}
	}
	m.events = append(m.events, made)
}

// rollBack fails a transaction that has emitted: nothing of it may remain, which check sees.
func (m *queueModel) rollBack(t *rapid.T) {
	err := m.workspace.Tx(m.t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.Emit(m.t.Context(), event("student.created", "stu_a")), context.Canceled)
	})
	if err == nil {
		t.Fatal("the transaction succeeded")
	}
}

// claimSome checks that nothing is taken that is final, leased or not yet due, and that the cap holds.
func (m *queueModel) claimSome(t *rapid.T) {
	now := m.Clock.Now()
	for _, claim := range m.claim(rapid.IntRange(1, 30).Draw(t, "slots")) {
		d := m.of(claim.DeliveryID)
		if d.status != store.DeliveryPending || now.Before(d.due) || now.Before(d.lease) || claim.Attempt != d.attempts+1 ||
			claim.Tries != d.tries || claim.Tries > len(modelSchedule) {
			t.Fatalf("at %v claimed attempt %d (%d before in its schedule) of %+v", now, claim.Attempt, claim.Tries, *d)
		}
		i := slices.IndexFunc(m.events, func(e modelEvent) bool { return e.id == claim.EventID })
		if m.events[i].body != string(claim.Body) {
			t.Fatalf("the bytes of %s changed from %s to %s", claim.EventID, m.events[i].body, claim.Body)
		}
		m.workers = append(m.workers, worker{claim, len(m.workers) + 1})
		d.holder, d.lease = len(m.workers), claim.LeaseUntil
	}
	for _, p := range m.endpoints {
		under := 0
		for _, w := range m.workers {
			if d := m.of(w.claim.DeliveryID); w.claim.EndpointID == p.id && d.holder == w.serial && now.Before(d.lease) {
				under++
			}
		}
		if under > 16 {
			t.Fatalf("%d attempts to %s under way", under, p.id)
		}
	}
}

// modelSchedule is the published one: seven attempts.
var modelSchedule = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}

// completeOne lets any worker speak up; only the holder of the newest lease is heard.
func (m *queueModel) completeOne(t *rapid.T) {
	if len(m.workers) > 0 {
		w := rapid.SampledFrom(m.workers).Draw(t, "worker")
		m.complete(t, w, rapid.SampledFrom([]int{200, 404, 500, 500}).Draw(t, "status"))
	}
}

func (m *queueModel) complete(t *rapid.T, w worker, status int) {
	var retry time.Duration
	if status == 500 && w.claim.Tries < len(modelSchedule) {
		retry = modelSchedule[w.claim.Tries]
	}
	heard := m.finish(w.claim, status, retry)
	d, p, now := m.of(w.claim.DeliveryID), m.endpointOf(w.claim.EndpointID), m.Clock.Now()
	if heard != (d.holder == w.serial) {
		t.Fatalf("worker %d of %+v was heard: %v", w.serial, *d, heard)
	}
	if !heard {
		return
	}
	*d = expected{attempts: d.attempts + 1, status: store.DeliveryFailed}
	switch {
	case status == 200:
		d.status, p.failing = store.DeliverySucceeded, nil
		m.counts[store.OutcomeSucceeded]++
		return
	case retry > 0:
		d.status, d.due, d.tries = store.DeliveryPending, now.Add(retry), w.claim.Tries+1
		m.counts[store.OutcomeRetried]++
	default:
		m.counts[store.OutcomeFailed]++
	}
	m.fails(p, now)
}

// fails is the rule for disabling.
func (m *queueModel) fails(p *modelEndpoint, now time.Time) {
	recent := p.failed != nil && !p.failed.Before(now.Add(-48*time.Hour))
	over := p.failing != nil && recent && !p.failing.After(now.Add(-week))
	if p.failing == nil || !recent {
		p.failing = &now
	}
	p.failed = &now
	if over {
		m.disabled++
		m.stop(p)
	}
}

// stop is what disabling does, for whatever reason.
func (m *queueModel) stop(p *modelEndpoint) {
	p.active = false
	m.cancel(func(d store.Delivery) bool { return d.EndpointID == p.id })
}

// cancel expects the pending deliveries that match to be canceled.
func (m *queueModel) cancel(matches func(store.Delivery) bool) {
	for _, got := range m.deliveries(store.DeliveryQuery{}) {
		if d := m.of(got.ID); matches(got) && d.status == store.DeliveryPending {
			*d = expected{attempts: d.attempts, status: store.DeliveryCanceled}
			m.counts[store.OutcomeCanceled]++
		}
	}
}

func (m *queueModel) releaseOne(t *rapid.T) {
	if len(m.workers) == 0 {
		return
	}
	w := rapid.SampledFrom(m.workers).Draw(t, "worker")
	if err := m.ReleaseDeliveries(m.t.Context(), []store.Claim{w.claim}); err != nil {
		t.Fatal(err)
	}
	if d := m.of(w.claim.DeliveryID); d.holder == w.serial {
		d.holder, d.lease, d.due = 0, time.Time{}, time.Time{}
	}
}

func (m *queueModel) wait(t *rapid.T) {
	m.Clock.Advance(rapid.SampledFrom([]time.Duration{
		time.Microsecond, 30 * time.Second, 59500 * time.Millisecond, time.Minute, time.Hour, 25 * time.Hour,
	}).Draw(t, "wait"))
}

// stall lets workers hold their leases for too long, others take over, and one of the first come back.
func (m *queueModel) stall(t *rapid.T) {
	before := len(m.workers)
	m.claimSome(t)
	stale := m.workers[before:]
	m.Clock.Advance(store.Lease)
	m.claimSome(t)
	if len(stale) > 0 {
		m.complete(t, rapid.SampledFrom(stale).Draw(t, "stale"), 500)
	}
}

// failForAWeek lets what is due fail, every 47 hours.
func (m *queueModel) failForAWeek(t *rapid.T) {
	for range 5 {
		m.emitOne(t)
		before := len(m.workers)
		m.claimSome(t)
		for _, w := range m.workers[before:] {
			m.complete(t, w, 500)
		}
		m.Clock.Advance(47 * time.Hour)
	}
}

// check compares everything that is stored with the model.
func (m *queueModel) check(t *rapid.T) {
	list := m.deliveries(store.DeliveryQuery{})
	want := 0
	for _, e := range m.events {
		want += len(e.to)
	}
	if len(list) != want {
		t.Fatalf("%d deliveries, want one for each of %d subscriptions", len(list), want)
	}
	for _, got := range list {
		d := m.of(got.ID)
		if got.Status != d.status || got.AttemptCount != d.attempts || (got.NextAttemptAt != nil) != (d.status == store.DeliveryPending) {
			t.Fatalf("delivery %+v, want %+v", got, *d)
		}
	}
	m.checkEvents(t)
	if got := m.counted(); !maps.Equal(got, m.counts) {
		t.Fatalf("counted %v, want %v", got, m.counts)
	}
	if mails := len(m.outbox()); mails != m.disabled {
		t.Fatalf("%d e-mails for %d disablings", mails, m.disabled)
	}
	for _, p := range m.endpoints {
		if p.deleted {
			continue
		}
		if got := m.state(p.id); (got.Status == store.EndpointActive) != p.active || !sameTime(got.FailingSince, p.failing) {
			t.Fatalf("endpoint %+v, want %+v", got, *p)
		}
	}
}

// checkEvents: no number is missing, none is from a transaction that failed, no byte changed but by erasure.
func (m *queueModel) checkEvents(t *rapid.T) {
	page, err := m.workspace.Events(m.t.Context(), store.EventQuery{Limit: 100})
	if err != nil || len(page.Items) != len(m.events) {
		t.Fatalf("%d events, want %d; %v", len(page.Items), len(m.events), err)
	}
	for i, got := range page.Items {
		want := m.events[i]
		if got.ID != want.id || got.Seq != int64(i+1) || string(got.Body) != want.body {
			t.Fatalf("event %d is %+v, want %+v", i+1, got, want)
		}
		if erased := strings.Contains(want.body, `"erased":true`); erased != want.erased {
			t.Fatalf("event %s is erased: %v", got.Body, erased)
		}
	}
}

func sameTime(a, b *time.Time) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

// Whatever is emitted, rolled back, claimed, completed by the living and the dead, released, redelivered, rotated,
// disabled, enabled, deleted and erased in whatever order: none is lost, none is taken twice or early or an eighth
// time, only the holder of a lease is heard, and the cap holds. In the end all that is pending can be delivered.
func TestQueue_AgreesWithItsModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		enough := map[string]int{store.SQLite: 100, store.PostgreSQL: 25}[db.Dialect()] // which takes four times as long
		passed, failing := 0, false
		rapid.Check(t, func(r *rapid.T) {
			if passed >= enough && !failing {
				return
			}
			done := false
			defer func() { failing = failing || !done }()
			playQueue(t, db, r)
			done = true
			passed++
		})
	})
}

// playQueue plays one history and holds what is stored against the model.
func playQueue(t *testing.T, db *storetest.DB, r *rapid.T) {
	m := newQueueModel(t, db)
	defer m.remove()
	actions := []func(*rapid.T){m.emitOne, m.emitOne, m.emitOne, m.claimSome, m.claimSome, m.claimSome,
		m.completeOne, m.completeOne, m.completeOne, m.releaseOne, m.wait, m.wait, m.stall, m.redeliverOne, m.rollBack,
		m.toggle, m.deleteOne, m.erase, m.failForAWeek}
	steps := rapid.SliceOfN(rapid.IntRange(0, len(actions)-1), 1, 25).Draw(r, "steps")
	for _, step := range steps {
		if len(m.events) < 40 { // all of it fits into one page
			actions[step](r)
		}
	}
	m.check(r)
	m.drain(r)
	m.check(r)
}
