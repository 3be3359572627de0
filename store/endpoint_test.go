package store_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (h *hooks) patch(id string, patch store.EndpointPatch) store.Endpoint {
	h.t.Helper()
	var after store.Endpoint
	h.tx(func(tx *store.Tx) (err error) {
		after, err = tx.UpdateEndpoint(h.t.Context(), id, patch)
		return err
	})
	return after
}

func (h *hooks) outbox() []store.Email {
	h.t.Helper()
	page, err := h.workspace.Emails(h.t.Context(), store.ListOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	return page.Items
}

// The secret is shown once; the database does not hold it in any readable form.
func TestEndpoint_SecretIsSealed(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	h := newHooks(t, db)
	var secret string
	h.tx(func(tx *store.Tx) (err error) {
		_, secret, err = tx.CreateEndpoint(t.Context(), store.NewEndpoint{URL: "https://example.com", Events: []string{"*"}})
		return err
	})
	h.emit("student.created")
	if claim := h.one(); claim.Secrets[0] != secret || len(secret) != len("whsec_")+43 {
		t.Errorf("signs with %q, shown %q", claim.Secrets, secret)
	}
	dir := t.TempDir() + "/copy"
	if err := db.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(dir + "/tbc.db")
	if err != nil || len(content) == 0 || bytes.Contains(content, []byte(secret[6:])) {
		t.Errorf("the secret is in the file, or %v", err)
	}
}

func TestEndpoint_AtMostTwenty(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		for range store.MaxEndpoints - 1 {
			h.endpoint()
		}
		last := h.endpoint()
		create := func(events ...string) error {
			return h.workspace.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.CreateEndpoint(t.Context(), store.NewEndpoint{URL: "https://example.com", Events: events})
				return err
			})
		}
		var invalid *store.Invalid
		if err := create("*"); !asInvalid(err, &invalid) {
			t.Errorf("the 21st: %v", err)
		}
		h.tx(func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), last.ID) })
		for _, events := range [][]string{{}, {"webhook.test"}, {"*", "order.paid"}} {
			if err := create(events...); !asInvalid(err, &invalid) || invalid.Field != "/events" {
				t.Errorf("events %q: %v", events, err)
			}
		}
		if err := create("*"); err != nil {
			t.Errorf("after one was deleted: %v", err)
		}
	})
}

// Disabling cancels what is queued and queues nothing new; enabling starts afresh.
func TestEndpoint_DisabledWithDeliveriesQueued(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint, other := h.endpoint(), h.endpoint("order.paid")
		h.emit("student.created")
		flying := h.one()
		h.emit("order.paid")
		off, on := store.EndpointDisabled, store.EndpointActive
		after := h.patch(endpoint.ID, store.EndpointPatch{Status: &off})
		if after.Status != "disabled" || *after.DisabledReason != "manual" {
			t.Errorf("disabled: %+v", after)
		}
		h.emit("student.created")
		h.finish(flying, 500, time.Minute) // arrives too late to matter
		if got := statuses(h.deliveries(store.DeliveryQuery{EndpointID: endpoint.ID})); got != "canceled canceled" {
			t.Errorf("deliveries: %s", got)
		}
		if claim := h.one(); claim.EndpointID != other.ID {
			t.Errorf("claimed for %s", claim.EndpointID)
		}
		var invalid *store.Invalid
		err := h.workspace.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.TestEndpoint(t.Context(), endpoint.ID)
			return err
		})
		if !asInvalid(err, &invalid) {
			t.Errorf("test of a disabled endpoint: %v", err)
		}
		version, _ := h.workspace.Info(t.Context())
		h.patch(endpoint.ID, store.EndpointPatch{Status: &off}) // a repeat changes nothing
		if again, _ := h.workspace.Info(t.Context()); !again.ChangedAt.Equal(version.ChangedAt) {
			t.Error("disabling twice made a change")
		}
		if after := h.patch(endpoint.ID, store.EndpointPatch{Status: &on}); after.Status != "active" || after.FailingSince != nil {
			t.Errorf("enabled: %+v", after)
		}
		h.emit("student.created")
		if n := len(h.claim(10)); n != 1 {
			t.Errorf("%d deliveries after enabling, want the new one", n)
		}
	})
}

func TestEndpoint_DeletedIsGoneAndItsDeliveriesStayReadable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		h.emit("student.created")
		remove := func() error {
			return h.workspace.Tx(t.Context(), func(tx *store.Tx) error { return tx.DeleteEndpoint(t.Context(), endpoint.ID) })
		}
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		if _, err := h.workspace.Endpoint(t.Context(), endpoint.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("read: %v", err)
		}
		if err := remove(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("second delete: %v", err)
		}
		list := h.deliveries(store.DeliveryQuery{EndpointID: endpoint.ID, Status: "canceled"})
		if len(list) != 1 || len(h.claim(10)) != 0 {
			t.Errorf("deliveries %+v", list)
		}
		if d, _ := h.delivery(list[0].ID); d.EndpointID != endpoint.ID {
			t.Errorf("delivery %+v", d)
		}
	})
}

// A test goes to its endpoint alone, is in no feed, and says nothing about the endpoint's health.
func TestEndpoint_TestDeliveryCountsForNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		endpoint := h.endpoint("order.paid")
		h.tx(func(tx *store.Tx) error {
			_, err := tx.TestEndpoint(t.Context(), endpoint.ID)
			return err
		})
		claim := h.one()
		if claim.EndpointID != endpoint.ID || claim.EventType != "webhook.test" || claim.Trigger != "test" ||
			!strings.Contains(string(claim.Body), `"data":{"endpointId":"`+endpoint.ID+`"}`) {
			t.Errorf("claim %+v", claim)
		}
		h.finish(claim, 500, time.Minute)
		if after := h.state(endpoint.ID); after.FailingSince != nil || after.LastFailureAt != nil {
			t.Errorf("endpoint %+v", after)
		}
		page, err := h.workspace.Events(t.Context(), store.EventQuery{})
		if _, missing := h.workspace.Event(t.Context(), claim.EventID); err != nil || len(page.Items) != 0 || !errors.Is(missing, store.ErrNotFound) {
			t.Errorf("feed %+v, read %v", page.Items, missing)
		}
	})
}

// failAt makes an attempt fail (or succeed, below 300) that long after the start.
func (h *hooks) failAt(after time.Duration, status int) {
	h.t.Helper()
	h.Clock.Set(storetest.Start.Add(after))
	h.emit("student.created")
	for _, claim := range h.claim(1) {
		h.finish(claim, status, 0)
	}
}

// The rule: failing for seven days, and known to have failed at least every 48 hours of the last stretch.
func TestDisable_Rule(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	type step struct {
		at     time.Duration
		status int
	}
	daily := []step{{0, 500}, {day, 500}, {2 * day, 500}, {3 * day, 500}, {4 * day, 500}, {5 * day, 500}, {6 * day, 500}}
	with := func(more ...step) []step { return append(append([]step{}, daily...), more...) }
	for name, c := range map[string]struct {
		steps    []step
		disabled bool
	}{
		"a week of failures":                      {with(step{week, 500}), true},
		"a microsecond less":                      {with(step{week - time.Microsecond, 500}), false},
		"final answers count":                     {with(step{week, 404}), true},
		"a success in between":                    {with(step{6*day + time.Hour, 200}, step{week, 500}), false},
		"the failure before is 48 hours old":      {with(step{8 * day, 500}), true},
		"the failure before is older":             {with(step{8*day + time.Microsecond, 500}), false},
		"two failures a week apart":               {[]step{{0, 500}, {week, 500}}, false},
		"the failing starts anew after the gap":   {with(step{9 * day, 500}, step{10 * day, 500}, step{11 * day, 500}), false},
		"and ends a week after that":              {with(step{9 * day, 500}, step{11 * day, 500}, step{13 * day, 500}, step{15 * day, 500}, step{16 * day, 500}), true},
		"a late success on the last day saves it": {with(step{week, 200}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *storetest.DB) {
				h := newHooks(t, db)
				endpoint := h.endpoint()
				for _, step := range c.steps {
					h.failAt(step.at, step.status)
				}
				after := h.state(endpoint.ID)
				if (after.Status == store.EndpointDisabled) != c.disabled {
					t.Errorf("endpoint %+v", after)
				}
				if mails := len(h.outbox()); (mails == 1) != c.disabled {
					t.Errorf("%d mails", mails)
				}
			})
		})
	}
}

// With the state go one e-mail to the owners and one audit line, and everything pending is canceled.
func TestDisable_IsOneTransactionWithMailAndAudit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		endpoint := h.endpoint()
		for day := range 7 {
			h.failAt(time.Duration(day)*24*time.Hour, 500)
		}
		h.Clock.Set(storetest.Start.Add(week))
		for range 3 {
			h.emit("student.created")
		}
		var outcomes []store.Outcome
		for _, claim := range h.claim(1) {
			status, retry := 500, time.Minute
			outcomes = append(outcomes, store.Outcome{
				Claim: claim, Attempt: store.Attempt{At: h.Clock.Now(), StatusCode: &status}, RetryIn: &retry, DisableAfter: week,
			})
		}
		for again := range 2 { // the second time nobody listens
			if fenced, err := h.CompleteDeliveries(t.Context(), outcomes); err != nil || fenced != again {
				t.Fatalf("%d completions refused, want %d; %v", fenced, again, err)
			}
		}
		after := h.state(endpoint.ID)
		if after.Status != "disabled" || *after.DisabledReason != "failing" || !after.FailingSince.Equal(storetest.Start) {
			t.Errorf("endpoint %+v", after)
		}
		if got := statuses(h.deliveries(store.DeliveryQuery{})); got != "canceled canceled canceled"+strings.Repeat(" failed", 7) {
			t.Errorf("deliveries: %s", got)
		}
		if d, attempts := h.delivery(outcomes[0].Claim.DeliveryID); d.AttemptCount != 1 || len(attempts) != 1 {
			t.Errorf("the last attempt is not in the log: %+v", d)
		}
		mails := h.outbox()
		if len(mails) != 1 || mails[0].Recipients[0] != "owner@example.com" || !strings.Contains(mails[0].Body, endpoint.ID) {
			t.Errorf("mails %+v", mails)
		}
		lines, err := h.workspace.AuditLog(t.Context(), store.AuditQuery{})
		if err != nil || len(lines.Items) != 1 || lines.Items[0].TargetID != endpoint.ID {
			t.Errorf("audit %+v, %v", lines.Items, err)
		}
	})
}
