package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func emitOne(t *testing.T, w *store.Workspace) {
	t.Helper()
	storetest.Tx(t, w, func(tx *store.Tx) error {
		return tx.Emit(t.Context(), store.Event{Type: "course.published", Data: map[string]any{"id": "crs_1"}})
	})
}

// Whoever follows a feed is woken by the commit of an event, whether it is delivered to anybody or not, and by
// nothing of other workspaces.
func TestFollow_WakesAfterCommitsWithEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, other := db.NewWorkspace(t), db.NewWorkspace(t)
		woken, leave := w.Follow()
		second, leaveSecond := w.Follow()
		signals := func(want int) {
			t.Helper()
			if got := len(woken) + len(second); got != want {
				t.Errorf("%d signals, want %d", got, want)
			}
		}
		emitOne(t, other)
		db.NewKey(t, w, store.NewKey{}) // a commit without an event
		failed := errors.New("failed")
		err := w.Tx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.Emit(t.Context(), store.Event{Type: "course.published", Data: map[string]any{}}), failed)
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		signals(0)
		emitOne(t, w)
		emitOne(t, w)
		signals(2)
		<-woken
		leave()
		leave() // twice is safe
		leaveSecond()
		emitOne(t, w)
		signals(1)
	})
}

func TestFeed_IsReadByNumber(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, other := db.NewWorkspace(t), db.NewWorkspace(t)
		if seq, id, err := w.FeedEnd(t.Context()); seq != 0 || id != "" || err != nil {
			t.Errorf("an empty feed ends at %d %q, %v", seq, id, err)
		}
		for range 5 {
			emitOne(t, w)
			emitOne(t, other)
		}
		events, err := w.EventsAfter(t.Context(), 2, 2)
		if err != nil || len(events) != 2 || events[0].Seq != 3 || events[1].Seq != 4 {
			t.Fatalf("after 2: %+v, %v", events, err)
		}
		if seq, err := w.FeedPosition(t.Context(), events[0].ID); seq != 3 || err != nil {
			t.Errorf("position %d, %v", seq, err)
		}
		if _, err := other.FeedPosition(t.Context(), events[0].ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another workspace finds it: %v", err)
		}
		seq, id, err := w.FeedEnd(t.Context())
		if last, _ := w.EventsAfter(t.Context(), 4, 9); seq != 5 || err != nil || len(last) != 1 || id != last[0].ID {
			t.Errorf("the feed ends at %d %q, %v", seq, id, err)
		}
		db.Clock.Advance(store.EventAge + time.Second)
		if seq, id, err := w.FeedEnd(t.Context()); seq != 5 || id != "" || err != nil {
			t.Errorf("an old feed ends at %d %q, %v", seq, id, err)
		}
		if _, err := w.FeedPosition(t.Context(), events[0].ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an old event is found: %v", err)
		}
	})
}

func TestViewFeed_SeesTheKeyAsItIsNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		expiry := db.Clock.Now().Add(time.Hour)
		key, secret := db.NewKey(t, w, store.NewKey{Scopes: []string{"read:events", "read:courses"}, ExpiresAt: &expiry})
		emitOne(t, w)
		view, err := w.ViewFeed(t.Context(), key.ID)
		if err != nil || view.Last != 1 || len(view.Scopes) != 2 {
			t.Errorf("view %+v, %v", view, err)
		}
		if admission, err := db.Admit(t.Context(), storetest.Hash(t, secret)); err != nil || admission.Minute.Remaining != key.MinuteLimit-1 {
			t.Errorf("the view counted as a call: %+v, %v", admission.Minute, err)
		}
		if _, err := db.NewWorkspace(t).ViewFeed(t.Context(), key.ID); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("another workspace sees the key: %v", err)
		}
		db.Clock.Set(expiry)
		if _, err := w.ViewFeed(t.Context(), key.ID); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("expired: %v", err)
		}
	})
}
