package delivery_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// events lets an event happen every day from one time to another, with all the retries between.
func (s *school) events(from, to time.Duration) {
	s.t.Helper()
	for at := from; at < to; at += day {
		s.until(storetest.Start.Add(at))
		s.emit()
	}
	s.until(storetest.Start.Add(to))
	s.settle()
}

// wantTold checks how many e-mails to the owners and audit lines tell of a disabled endpoint.
func (s *school) wantTold(times int) {
	s.t.Helper()
	mails, err := s.workspace.Emails(s.t.Context(), store.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	lines, err := s.workspace.AuditLog(s.t.Context(), store.AuditQuery{})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(mails.Items) != times || len(lines.Items) != times {
		s.t.Errorf("%d e-mails and %d audit lines, want %d of each", len(mails.Items), len(lines.Items), times)
	}
	for _, mail := range mails.Items {
		if len(mail.Recipients) != 1 || mail.Recipients[0] != "owner@example.com" {
			s.t.Errorf("e-mail %+v", mail)
		}
	}
}

// wantStored checks that every event is in the feed, whoever did or did not get it.
func (s *school) wantStored() {
	s.t.Helper()
	page, err := s.workspace.Events(s.t.Context(), store.EventQuery{Limit: 100})
	if err != nil || len(page.Items) != s.emitted {
		s.t.Errorf("%d events are stored, want %d; %v", len(page.Items), s.emitted, err)
	}
}

func (s *school) patch(status string) {
	s.t.Helper()
	storetest.Tx(s.t, s.workspace, func(tx *store.Tx) error {
		_, err := tx.UpdateEndpoint(s.t.Context(), s.endpoint, store.EndpointPatch{Status: &status})
		return err
	})
}

// An endpoint that fails for seven days, with events arriving all the time, is disabled once: with one e-mail, one
// audit line, nothing left in the queue and nothing new in it. Events go on being stored. Enabling starts afresh.
func TestWeek_OfFailuresDisablesOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		s.events(0, week-time.Microsecond)
		if got := s.state(); got.Status != store.EndpointActive || !got.FailingSince.Equal(storetest.Start) {
			t.Fatalf("a moment before: %+v", got)
		}
		s.wantTold(0)
		s.until(storetest.Start.Add(week))
		s.emit()
		if got := s.state(); got.Status != store.EndpointDisabled || *got.DisabledReason != store.DisabledFailing {
			t.Fatalf("after a week: %+v", got)
		}
		attempts := len(s.received())
		s.events(week+day, 2*week)
		if pending := s.deliveries(store.DeliveryPending); len(pending) != 0 || len(s.received()) != attempts {
			t.Errorf("%d pending, %d more attempts", len(pending), len(s.received())-attempts)
		}
		if all, before := len(s.deliveries("")), 8; all != before {
			t.Errorf("%d deliveries, want those of the %d events before", all, before)
		}
		if len(s.deliveries(store.DeliveryCanceled)) == 0 {
			t.Error("nothing was canceled")
		}
		s.wantTold(1)
		s.wantStored()
		s.patch(store.EndpointActive)
		if got := s.state(); got.FailingSince != nil || got.DisabledReason != nil {
			t.Errorf("enabled: %+v", got)
		}
		s.events(2*week, 2*week+6*day)
		if got := s.state(); got.Status != store.EndpointActive || !got.FailingSince.Equal(storetest.Start.Add(2*week)) {
			t.Errorf("six days after it was enabled: %+v", got)
		}
		s.wantTold(1)
	})
}

// A single success takes back what the endpoint had failed for.
func TestWeek_ASuccessInBetweenStartsItAnew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		s.events(0, 3*day)
		s.answers(http.StatusOK)
		s.emit()
		if got := s.state(); got.FailingSince != nil {
			t.Fatalf("after a success: %+v", got)
		}
		s.answers(http.StatusInternalServerError)
		s.events(3*day+time.Hour, 10*day)
		if got := s.state(); got.Status != store.EndpointActive || got.FailingSince.Before(storetest.Start.Add(3*day)) {
			t.Errorf("seven days less an hour after it: %+v", got)
		}
		s.events(10*day+time.Hour, 11*day)
		if got := s.state(); got.Status != store.EndpointDisabled {
			t.Errorf("a week after it: %+v", got)
		}
		s.wantTold(1)
	})
}

// An endpoint that gets an event a week must not be disabled for two bad days.
func TestWeek_AQuietEndpointIsNotDisabled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		for _, at := range []time.Duration{0, 8 * day} {
			s.until(storetest.Start.Add(at))
			s.emit()
		}
		if got := s.state(); got.Status != store.EndpointActive || !got.FailingSince.Equal(storetest.Start.Add(8*day)) {
			t.Errorf("endpoint %+v", got)
		}
		s.until(storetest.Start.Add(14 * day))
		s.wantTold(0)
	})
}

// Test deliveries say nothing about an endpoint, good or bad.
func TestWeek_TestDeliveriesCountForNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		test := func() {
			storetest.Tx(t, s.workspace, func(tx *store.Tx) error {
				_, err := tx.TestEndpoint(t.Context(), s.endpoint)
				return err
			})
			s.settle()
		}
		for at := time.Duration(0); at <= 9*day; at += day {
			s.until(storetest.Start.Add(at))
			test()
		}
		if got := s.state(); got.Status != store.EndpointActive || got.FailingSince != nil {
			t.Errorf("after ten failed tests: %+v", got)
		}
		s.wantTold(0)
		s.emit()
		since := s.state().FailingSince
		s.answers(http.StatusOK)
		test()
		if got := s.state(); since == nil || got.FailingSince == nil || !got.FailingSince.Equal(*since) {
			t.Errorf("after a test that succeeded: %+v", got)
		}
	})
}
