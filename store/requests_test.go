package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// calls are n requests of a key, a millisecond apart from at on.
func calls(w *store.Workspace, keyID string, at time.Time, n int) []store.Request {
	list := make([]store.Request, n)
	for i := range list {
		at := at.Add(time.Duration(i) * time.Millisecond)
		list[i] = store.Request{
			WorkspaceID: w.ID(), KeyID: keyID, ID: fmt.Sprintf("request-%d", at.UnixMilli()), At: at, Method: "GET",
			Route: "/api/v1/courses", Status: 200, Took: 1500 * time.Microsecond, Address: "192.0.2.7",
		}
	}
	return list
}

func record(tb testing.TB, s *store.Store, group store.RequestGroup) {
	tb.Helper()
	if err := s.RecordRequests(tb.Context(), group); err != nil {
		tb.Fatal(err)
	}
}

// allRequests walks the pages of a key's log.
func allRequests(tb testing.TB, w *store.Workspace, keyID string) (all []store.Request) {
	tb.Helper()
	for cursor := ""; ; {
		page, err := w.KeyRequests(tb.Context(), keyID, store.ListOptions{Limit: 100, Cursor: cursor})
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, page.Items...)
		if page.NextCursor == nil {
			return all
		}
		cursor = *page.NextCursor
	}
}

func TestRequests_TheLast500OfAKeyStay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		quiet, _ := db.NewKey(t, workspace, store.NewKey{})
		both := []store.KeyRef{{WorkspaceID: workspace.ID(), KeyID: key.ID}, {WorkspaceID: workspace.ID(), KeyID: quiet.ID}}
		record(t, db.Store, store.RequestGroup{Requests: calls(workspace, quiet.ID, storetest.Start, 3), Trim: both})
		for second := range 3 {
			at := storetest.Start.Add(time.Duration(second) * time.Second)
			record(t, db.Store, store.RequestGroup{Requests: calls(workspace, key.ID, at, 300)})
		}
		for _, trim := range [][]store.KeyRef{nil, both} { // what the list shows does not wait for the trim
			record(t, db.Store, store.RequestGroup{Trim: trim})
			all := allRequests(t, workspace, key.ID)
			if len(all) != store.KeptRequests {
				t.Fatalf("%d lines, want %d", len(all), store.KeptRequests)
			}
			if newest, oldest := storetest.Start.Add(2299*time.Millisecond), storetest.Start.Add(1100*time.Millisecond); !all[0].At.Equal(newest) || !all[499].At.Equal(oldest) {
				t.Errorf("from %v to %v, want %v to %v", all[0].At, all[499].At, newest, oldest)
			}
		}
		if n := len(allRequests(t, workspace, quiet.ID)); n != 3 {
			t.Errorf("the quiet key has %d lines, want 3", n)
		}
		if found, err := workspace.FindRequests(t.Context(), fmt.Sprintf("request-%d", storetest.Start.UnixMilli()+5)); err != nil || len(found) != 0 {
			t.Errorf("a line that was trimmed is found: %v, %v", found, err)
		}
	})
}

func TestRequests_AreFoundByTheirIDInTheirWorkspaceAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		mine, other := db.NewWorkspace(t), db.NewWorkspace(t)
		key, _ := db.NewKey(t, mine, store.NewKey{Name: "CRM sync"})
		sent := calls(mine, key.ID, storetest.Start, 1)
		record(t, db.Store, store.RequestGroup{Requests: sent, Counts: counted(sent)})
		found, err := mine.FindRequests(t.Context(), sent[0].ID)
		sent[0].KeyName = "CRM sync"
		if err != nil || !slices.Equal(found, sent) {
			t.Errorf("found %+v, %v, want %+v", found, err, sent)
		}
		if found, err := other.FindRequests(t.Context(), sent[0].ID); err != nil || len(found) != 0 {
			t.Errorf("the other workspace finds %v, %v", found, err)
		}
		if list := allRequests(t, other, key.ID); len(list) != 0 {
			t.Errorf("the other workspace lists %v", list)
		}
		for _, keyID := range []string{key.ID, ""} {
			if hours := counts(t, other, keyID); len(hours) != 0 {
				t.Errorf("the other workspace counts %v", hours)
			}
		}
		if _, err := other.Key(t.Context(), key.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the key in the other workspace: %v, want ErrNotFound", err)
		}
		first, err := mine.KeyRequests(t.Context(), key.ID, store.ListOptions{Limit: 1})
		if err != nil || len(first.Items) != 1 {
			t.Fatal(first, err)
		}
	})
}

// counted counts requests as a process does.
func counted(list []store.Request) map[store.RequestSlot]store.Outcomes {
	counts := map[store.RequestSlot]store.Outcomes{}
	for _, r := range list {
		outcomes := counts[store.NewRequestSlot(r)]
		outcomes.Count(r.Status)
		counts[store.NewRequestSlot(r)] = outcomes
	}
	return counts
}

func counts(tb testing.TB, w *store.Workspace, keyID string) []store.HourCount {
	tb.Helper()
	hours, err := w.RequestCounts(tb.Context(), keyID, storetest.Start.Add(-31*24*time.Hour), storetest.Start.Add(31*24*time.Hour))
	if err != nil {
		tb.Fatal(err)
	}
	return hours
}

// What several processes count at once of the same keys adds up to what was sent, for each key and in all.
func TestRequestCounts_EqualWhatWasSentByManyAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace, other := db.NewWorkspace(t), db.NewWorkspace(t)
		statuses := []int{200, 201, 304, 403, 422, 429, 500}
		var keys []store.Key
		for _, w := range []*store.Workspace{workspace, workspace, other} {
			key, _ := db.NewKey(t, w, store.NewKey{})
			keys = append(keys, key)
		}
		const groups = 8
		var writers sync.WaitGroup
		for i := range groups {
			s := []*store.Store{db.Store, db.Open(t)}[i%2]
			writers.Go(func() {
				var sent []store.Request
				for _, key := range keys {
					for j, status := range statuses {
						r := calls(db.Workspace(key.WorkspaceID), key.ID, storetest.Start.Add(time.Duration(i)*time.Second), j+1)[j]
						r.Status = status
						sent = append(sent, r)
					}
				}
				record(t, s, store.RequestGroup{Requests: sent, Counts: counted(sent)})
			})
		}
		writers.Wait()
		want := store.Outcomes{Succeeded: 2 * groups, Unchanged: groups, Rejected: 2 * groups, Limited: groups, Failed: groups}
		for _, key := range keys {
			if hours := counts(t, db.Workspace(key.WorkspaceID), key.ID); len(hours) != 1 || hours[0].Outcomes != want {
				t.Errorf("%s: %+v, want %+v", key.ID, hours, want)
			}
		}
		all := want
		all.Add(want)
		if hours := counts(t, workspace, ""); len(hours) != 1 || hours[0].Outcomes != all {
			t.Errorf("the workspace: %+v, want %+v", hours, all)
		}
	})
}

// An hour is one of the workspace's own clock, also where that is half an hour off.
func TestRequestCounts_HoursAreThoseOfTheWorkspace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		for _, zone := range []string{"Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin"} {
			info, err := db.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "n", TimeZone: zone, Currency: "INR", OwnerEmail: "o@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			location, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			workspace := db.Workspace(info.ID)
			key, _ := db.NewKey(t, workspace, store.NewKey{})
			midnight := time.Date(2026, time.March, 3, 0, 0, 0, 0, location)
			sent := append(calls(workspace, key.ID, midnight.Add(-time.Millisecond), 1), calls(workspace, key.ID, midnight, 2)...)
			record(t, db.Store, store.RequestGroup{Requests: sent, Counts: counted(sent)})
			hours := counts(t, workspace, key.ID)
			if len(hours) != 2 || !hours[0].Hour.Equal(midnight.Add(-time.Hour)) || !hours[1].Hour.Equal(midnight) || hours[1].Total() != 2 {
				t.Errorf("%s: %+v", zone, hours)
			}
		}
	})
}

// A group is no change of the workspace: what is known by its version stays known.
func TestRecordRequests_MovesNoVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{})
		before := admitOne(t, db.Store, storetest.Hash(t, secret)).Version
		db.Clock.Advance(time.Second)
		sent := calls(workspace, key.ID, storetest.Start, 3)
		record(t, db.Store, store.RequestGroup{Requests: sent, Counts: counted(sent)})
		if after := admitOne(t, db.Store, storetest.Hash(t, secret)).Version; after != before {
			t.Errorf("version %d, was %d", after, before)
		}
	})
}

func TestRequests_OldOnesAreRemovedInBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		old := calls(workspace, key.ID, storetest.Start, 5)
		fresh := calls(workspace, key.ID, storetest.Start.Add(2*time.Hour), 2)
		record(t, db.Store, store.RequestGroup{Requests: append(old, fresh...), Counts: counted(append(old, fresh...))})
		db.Clock.Set(storetest.Start.Add(store.RequestAge + time.Hour))
		for _, want := range []int64{3, 2, 0} {
			if n, err := db.RemoveOldRequests(t.Context(), 3); err != nil || n != want {
				t.Errorf("removed %d lines, %v, want %d", n, err, want)
			}
		}
		if all := allRequests(t, workspace, key.ID); len(all) != 2 {
			t.Errorf("%d lines are left, want 2", len(all))
		}
		if n, err := db.RemoveOldRequestCounts(t.Context(), 10); err != nil || n != 0 {
			t.Errorf("removed %d hours, %v: a chart of 30 days still shows them", n, err)
		}
		db.Clock.Set(storetest.Start.Add(store.RequestCountAge + time.Hour))
		if n, err := db.RemoveOldRequestCounts(t.Context(), 10); err != nil || n != 2 { // the key's and the workspace's
			t.Errorf("removed %d hours, %v, want 2", n, err)
		}
		if hours := counts(t, workspace, ""); len(hours) != 1 {
			t.Errorf("left %+v", hours)
		}
	})
}
