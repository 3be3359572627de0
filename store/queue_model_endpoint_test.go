package store_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// newQueueModel starts with two endpoints in a workspace of its own.
func newQueueModel(t *testing.T, db *storetest.DB) *queueModel {
	t.Helper()
	m := &queueModel{hooks: newHooks(t, db), known: map[string]*expected{}, counts: map[string]int64{}}
	m.subscribe()
	m.subscribe()
	return m
}

func (m *queueModel) subscribe() {
	m.endpoints = append(m.endpoints, &modelEndpoint{id: m.endpoint().ID, active: true})
}

// remove takes the workspace's deliveries from the queue, which all workspaces share.
func (m *queueModel) remove() {
	for _, p := range m.endpoints {
		if !p.deleted {
			m.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(m.t.Context(), p.id) })
		}
	}
}

func (m *queueModel) pick(t *rapid.T) *modelEndpoint {
	return rapid.SampledFrom(m.endpoints).Draw(t, "endpoint")
}

// toggle disables or enables an endpoint.
func (m *queueModel) toggle(t *rapid.T) {
	p := m.pick(t)
	if p.deleted {
		return
	}
	status := store.EndpointDisabled
	if p.active {
		m.stop(p)
	} else {
		status, p.active, p.failing = store.EndpointActive, true, nil
	}
	m.patch(p.id, store.EndpointPatch{Status: &status})
}

// deleteOne deletes an endpoint and makes another in its place.
func (m *queueModel) deleteOne(t *rapid.T) {
	p := m.pick(t)
	if p.deleted {
		return
	}
	m.stop(p)
	p.deleted = true
	m.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(m.t.Context(), p.id) })
	if len(m.endpoints) < 4 {
		m.subscribe()
	}
}

// erase takes a student out of all events so far.
func (m *queueModel) erase(t *rapid.T) {
	subject := rapid.SampledFrom([]string{"stu_a", "stu_b"}).Draw(t, "erased")
	about := map[string]bool{}
	for i, e := range m.events {
		if e.subject == subject {
			about[e.id], m.events[i].erased = true, true
		}
	}
	m.cancel(func(d store.Delivery) bool { return about[d.EventID] })
	m.tx(func(tx *store.Tx) error { return tx.EraseSubject(m.t.Context(), subject) })
	for i, e := range m.events {
		if !about[e.id] {
			continue
		}
		got, err := m.workspace.Event(m.t.Context(), e.id)
		if err != nil {
			t.Fatal(err)
		}
		m.events[i].body = string(got.Body)
	}
}

func (m *queueModel) redeliverOne(t *rapid.T) {
	list := m.deliveries(store.DeliveryQuery{})
	if len(list) == 0 {
		return
	}
	chosen := rapid.SampledFrom(list).Draw(t, "delivery")
	if !m.endpointOf(chosen.EndpointID).active {
		return
	}
	m.tx(func(tx *store.Tx) error {
		_, err := tx.Redeliver(m.t.Context(), chosen.ID)
		return err
	})
	d := m.of(chosen.ID)
	if d.status != store.DeliveryPending {
		*d = expected{attempts: d.attempts, status: store.DeliveryPending}
	} else if m.Clock.Now().Before(d.lease) {
		return
	}
	d.due = time.Time{}
}

// drain lets every endpoint heal: what is pending is delivered, none waits for ever.
func (m *queueModel) drain(t *rapid.T) {
	for range 20 {
		m.Clock.Advance(25 * time.Hour)
		before := len(m.workers)
		m.claimSome(t)
		for _, w := range m.workers[before:] {
			m.complete(t, w, 200)
		}
		if len(m.deliveries(store.DeliveryQuery{Status: store.DeliveryPending})) == 0 {
			return
		}
	}
	t.Fatalf("still pending: %+v", m.deliveries(store.DeliveryQuery{Status: store.DeliveryPending}))
}
