package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Moving to another workspace proves nothing: neither the password nor the fourteen days begin anew, and the old token
// opens nothing any more.
func TestStartSession_ContinuingInheritsItsTimes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		second := db.NewWorkspace(t)
		before, old := signIn(t, db, ownerOf(t, db))
		db.Clock.Advance(time.Hour)
		if err := db.ConfirmSession(t.Context(), before.ID); err != nil {
			t.Fatal(err)
		}
		before = wantSession(t, db, old, nil)
		db.Clock.Advance(time.Hour)
		moved, token, err := db.StartSession(t.Context(), store.NewSession{UserID: before.UserID, WorkspaceID: second.ID(), Continues: before})
		if err != nil {
			t.Fatal(err)
		}
		if moved.ID == before.ID || moved.WorkspaceID != second.ID() || moved.CreatedAt != storetest.Start ||
			moved.ConfirmedAt != storetest.Start.Add(time.Hour) || moved.LastSeenAt != db.Clock.Now() {
			t.Errorf("moved to %+v", moved)
		}
		wantSession(t, db, old, store.ErrUnauthorized)
		if got := wantSession(t, db, token, nil); got != moved {
			t.Errorf("read %+v, want %+v", got, moved)
		}
	})
}

// What a page asks by itself keeps no session alive.
func TestUnusedSession_DoesNotCountAsAUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		started, token := signIn(t, db, ownerOf(t, db))
		db.Clock.Advance(store.SessionIdle - time.Second)
		if seen, err := db.UnusedSession(t.Context(), token); err != nil || seen != started {
			t.Errorf("%+v, %v", seen, err)
		}
		db.Clock.Advance(time.Second)
		if _, err := db.UnusedSession(t.Context(), token); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("after twelve hours: %v", err)
		}
	})
}
