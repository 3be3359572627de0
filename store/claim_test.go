package store_test

import (
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// After an outage all that failed is due at once. What happens now must not wait until all of that has been sent, and
// what failed must not wait until nothing happens any more.
func TestClaim_RetriesAndFreshEventsTakeTurns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		const failed = 12
		for range failed {
			h.emit("student.created")
			h.finish(h.one(), 500, time.Minute)
		}
		h.Clock.Advance(time.Minute)
		const fresh = 2
		for range fresh {
			h.emit("order.paid")
		}
		turns := map[string]int{}
		for range 4 * fresh {
			claims := h.claim(1)
			if len(claims) != 1 {
				t.Fatalf("claimed %d", len(claims))
			}
			turns[claims[0].EventType]++
			h.finish(claims[0], 200, 0)
		}
		if turns["order.paid"] != fresh || turns["student.created"] != 3*fresh {
			t.Errorf("in %d claims: %v", 4*fresh, turns)
		}
		rest := h.claim(30)
		if len(rest) != failed-3*fresh {
			t.Errorf("%d left, want %d", len(rest), failed-3*fresh)
		}
	})
}

// A claim that cannot be sent would hold its deliveries back for a minute if they stayed leased.
func TestClaim_ThatFailsLeasesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h, raw := newHooks(t, db), openRaw(t, db)
		h.endpoint()
		h.emit("student.created")
		rename := func(from, to string) {
			if _, err := raw.ExecContext(t.Context(), "ALTER TABLE webhook_secrets RENAME COLUMN "+from+" TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename("sealed", "lost")
		if claims, err := h.ClaimDeliveries(t.Context(), 10); err == nil || len(claims) != 0 {
			t.Fatalf("claimed %d without secrets, %v", len(claims), err)
		}
		rename("lost", "sealed")
		if claim := h.one(); claim.Expired || claim.Attempt != 1 {
			t.Errorf("claim %+v", claim)
		}
	})
}

// Each state is listed by another index.
func TestDeliveries_AreListedByState(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		waiting, disabled := h.endpoint("student.created"), h.endpoint("order.paid")
		for _, status := range []int{200, 200, 404} {
			h.emit("student.created")
			h.finish(h.one(), status, 0)
		}
		h.emit("student.created")
		h.finish(h.one(), 500, time.Minute)
		h.emit("order.paid")
		off := store.EndpointDisabled
		h.patch(disabled.ID, store.EndpointPatch{Status: &off})
		for status, want := range map[string]int{
			store.DeliverySucceeded: 2, store.DeliveryFailed: 1, store.DeliveryPending: 1, store.DeliveryCanceled: 1, "": 5,
		} {
			list := h.deliveries(store.DeliveryQuery{Status: status})
			for _, d := range list {
				if status != "" && d.Status != status {
					t.Errorf("a %s delivery among the %s", d.Status, status)
				}
			}
			if len(list) != want {
				t.Errorf("%d %s deliveries, want %d", len(list), status, want)
			}
		}
		if n := len(h.deliveries(store.DeliveryQuery{Status: store.DeliveryFailed, EndpointID: waiting.ID})); n != 1 {
			t.Errorf("%d failed of the endpoint, want 1", n)
		}
	})
}

// One index on what each completion changes makes PostgreSQL write to all indexes of the log with every completion,
// which costs a third more, and more the longer the log.
func TestComplete_ChangesNothingThatAnIndexOfTheLogHolds(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	raw := openRaw(t, db)
	found, err := raw.QueryContext(t.Context(), `SELECT c.relname || ': ' || a.attname
		FROM pg_depend d JOIN pg_index i ON i.indexrelid = d.objid AND d.classid = 'pg_class'::regclass
		JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
		WHERE d.refobjid = 'webhook_deliveries'::regclass
			AND a.attname IN ('status', 'attempt_count', 'next_attempt_at', 'last_status_code', 'updated_at')`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var use string
		if err := found.Scan(&use); err != nil {
			t.Fatal(err)
		}
		t.Error(use)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
}
