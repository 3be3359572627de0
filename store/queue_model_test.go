package store_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// queueModel says what the queue of one endpoint must do, whatever happens to it in whatever order.
type queueModel struct {
	*hooks
	endpoint string
	active   bool
	emitted  int
	workers  []worker             // who claimed and has not spoken up, those taken for dead included
	known    map[string]*expected // by delivery
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
	status   string
}

func (m *queueModel) of(id string) *expected {
	if m.known[id] == nil {
		m.known[id] = &expected{status: store.DeliveryPending}
	}
	return m.known[id]
}

func (m *queueModel) emitOne(*rapid.T) {
	m.emit("student.created")
	if m.active {
		m.emitted++
	}
}

// claimSome checks that nothing is taken that is final, leased or not yet due, and that the cap holds.
func (m *queueModel) claimSome(t *rapid.T) {
	now := m.Clock.Now()
	for _, claim := range m.claim(rapid.IntRange(1, 30).Draw(t, "slots")) {
		d := m.of(claim.DeliveryID)
		if d.status != store.DeliveryPending || now.Before(d.due) || now.Before(d.lease) || claim.Attempt != d.attempts+1 {
			t.Fatalf("at %v claimed attempt %d of %+v", now, claim.Attempt, *d)
		}
		m.workers = append(m.workers, worker{claim, len(m.workers) + 1})
		d.holder, d.lease = len(m.workers), claim.LeaseUntil
	}
	under := 0
	for _, d := range m.known {
		if now.Before(d.lease) {
			under++
		}
	}
	if under > 16 {
		t.Fatalf("%d attempts under way", under)
	}
}

// completeOne lets any worker speak up; only the holder of the newest lease is heard.
func (m *queueModel) completeOne(t *rapid.T) {
	if len(m.workers) == 0 {
		return
	}
	w := rapid.SampledFrom(m.workers).Draw(t, "worker")
	status := rapid.SampledFrom([]int{200, 404, 500}).Draw(t, "status")
	retry := map[int]time.Duration{500: time.Minute}[status]
	heard := m.finish(w.claim, status, retry)
	d := m.of(w.claim.DeliveryID)
	if heard != (d.holder == w.serial) {
		t.Fatalf("worker %d of %+v was heard: %v", w.serial, *d, heard)
	}
	if !heard {
		return
	}
	*d = expected{attempts: d.attempts + 1, due: m.Clock.Now().Add(retry), status: map[int]string{
		200: store.DeliverySucceeded, 404: store.DeliveryFailed, 500: store.DeliveryPending,
	}[status]}
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
	m.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Microsecond, 30 * time.Second, 59500 * time.Millisecond, time.Minute}).Draw(t, "wait"))
}

// toggle disables or enables the endpoint.
func (m *queueModel) toggle(*rapid.T) {
	m.active = !m.active
	status := store.EndpointActive
	if !m.active {
		status = store.EndpointDisabled
		for _, pending := range m.deliveries(store.DeliveryQuery{EndpointID: m.endpoint, Status: store.DeliveryPending}) {
			d := m.of(pending.ID)
			*d = expected{attempts: d.attempts, status: store.DeliveryCanceled}
		}
	}
	m.patch(m.endpoint, store.EndpointPatch{Status: &status})
}

func (m *queueModel) redeliverOne(t *rapid.T) {
	list := m.deliveries(store.DeliveryQuery{EndpointID: m.endpoint})
	if len(list) == 0 || !m.active {
		return
	}
	id := rapid.SampledFrom(list).Draw(t, "delivery").ID
	m.tx(func(tx *store.Tx) error {
		_, err := tx.Redeliver(m.t.Context(), id)
		return err
	})
	d := m.of(id)
	if d.status != store.DeliveryPending {
		*d = expected{attempts: d.attempts, status: store.DeliveryPending}
	} else if m.Clock.Now().Before(d.lease) {
		return
	}
	d.due = time.Time{}
}

// check compares the log with the model.
func (m *queueModel) check(t *rapid.T) {
	list := m.deliveries(store.DeliveryQuery{EndpointID: m.endpoint})
	if len(list) != m.emitted {
		t.Fatalf("%d deliveries of %d events", len(list), m.emitted)
	}
	for _, got := range list {
		d := m.of(got.ID)
		if got.Status != d.status || got.AttemptCount != d.attempts || (got.NextAttemptAt != nil) != (d.status == store.DeliveryPending) {
			t.Fatalf("delivery %+v, want %+v", got, *d)
		}
		if _, attempts := m.delivery(got.ID); len(attempts) != d.attempts {
			t.Fatalf("%d attempts in the log, want %d", len(attempts), d.attempts)
		}
	}
}

// Whatever is emitted, claimed, completed by the living and the dead, released, redelivered, disabled and enabled in
// whatever order: none is lost, none is taken twice, only the holder of a lease is heard, and the cap holds.
func TestQueue_AgreesWithItsModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		rapid.Check(t, func(r *rapid.T) {
			m := &queueModel{hooks: h, endpoint: h.endpoint().ID, active: true, known: map[string]*expected{}}
			defer h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), m.endpoint) })
			actions := []func(*rapid.T){m.emitOne, m.emitOne, m.claimSome, m.claimSome, m.completeOne, m.completeOne,
				m.releaseOne, m.wait, m.redeliverOne, m.toggle}
			steps := rapid.SliceOfN(rapid.IntRange(0, len(actions)-1), 1, 30).Draw(r, "steps")
			for _, step := range slices.All(steps) {
				actions[step](r)
			}
			m.check(r)
		})
	})
}
