package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func TestCreateKey_KeepsEverythingButTheSecret(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		expires := storetest.Start.Add(90 * 24 * time.Hour)
		made, secret := db.NewKey(t, workspace, store.NewKey{
			Name: "CRM sync", Note: "nightly", Scopes: []string{"read:courses", "write:students"}, ExpiresAt: &expires,
			MinuteLimit: 120, DayLimit: 5000, CreatedBy: "owner@example.com",
		})
		keys := listKeys(t, workspace)
		if len(keys) != 1 {
			t.Fatalf("%d keys, want 1", len(keys))
		}
		got := keys[0]
		if got.ID != made.ID || !strings.HasPrefix(got.ID, "key_") || got.WorkspaceID != workspace.ID() ||
			got.Name != "CRM sync" || got.Note != "nightly" || got.CreatedBy != "owner@example.com" ||
			strings.Join(got.Scopes, " ") != "read:courses write:students" || !got.ExpiresAt.Equal(expires) ||
			got.MinuteLimit != 120 || got.DayLimit != 5000 || got.LastUsedAt != nil || got.RevokedAt != nil {
			t.Errorf("stored %+v", got)
		}
		if got.Hint != secret[:8] || !got.CreatedAt.Equal(made.CreatedAt) {
			t.Errorf("hint %q, created %v", got.Hint, got.CreatedAt)
		}
	})
}

func TestCreateKey_RefusesWhatNobodyCouldUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		past := storetest.Start.Add(-time.Second)
		for field, in := range map[string]store.NewKey{
			"/name":        {Name: " ", Scopes: storetest.AllScopes},
			"/scopes":      {Name: "n"},
			"/expiresAt":   {Name: "n", Scopes: storetest.AllScopes, ExpiresAt: &past},
			"/minuteLimit": {Name: "n", Scopes: storetest.AllScopes, MinuteLimit: -1},
			"/dayLimit":    {Name: "n", Scopes: storetest.AllScopes, DayLimit: -1},
		} {
			err := workspace.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.CreateKey(t.Context(), in)
				return err
			})
			if invalid, ok := errors.AsType[*store.Invalid](err); !ok || invalid.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// A workspace has at most 100 live keys; revoked and expired ones do not count.
func TestCreateKey_The101stLiveKeyIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		soon := storetest.Start.Add(time.Hour)
		in := store.NewKey{Name: "n", Scopes: storetest.AllScopes}
		create := func(tx *store.Tx) error { _, _, err := tx.CreateKey(t.Context(), in); return err }
		first, _ := db.NewKey(t, workspace, store.NewKey{})
		db.NewKey(t, workspace, store.NewKey{ExpiresAt: &soon})
		storetest.Tx(t, workspace, func(tx *store.Tx) error {
			for range store.MaxLiveKeys - 2 {
				if err := create(tx); err != nil {
					return err
				}
			}
			return nil
		})
		var invalid *store.Invalid
		if err := workspace.Tx(t.Context(), create); !errors.As(err, &invalid) {
			t.Errorf("key 101: %v, want a refusal", err)
		}
		storetest.Tx(t, workspace, func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), first.ID, "ops") })
		storetest.Tx(t, workspace, create)
		db.Clock.Set(soon)
		storetest.Tx(t, workspace, create)
		if err := workspace.Tx(t.Context(), create); !errors.As(err, &invalid) {
			t.Errorf("over the limit again: %v, want a refusal", err)
		}
	})
}

// Revoked keys stay listed, with who and when; a second revocation does not move either.
func TestRevokeKey_IsRecordedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, _ := db.NewKey(t, workspace, store.NewKey{})
		for _, by := range []string{"first", "second"} {
			db.Clock.Advance(time.Hour)
			storetest.Tx(t, workspace, func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), key.ID, by) })
		}
		got := listKeys(t, workspace)[0]
		if got.RevokedBy != "first" || !got.RevokedAt.Equal(storetest.Start.Add(time.Hour)) {
			t.Errorf("revoked by %q at %v", got.RevokedBy, got.RevokedAt)
		}
	})
}

// A key of one workspace does not exist for another one.
func TestRevokeKey_OfAnotherWorkspaceIsNotFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		mine, other := db.NewWorkspace(t), db.NewWorkspace(t)
		key, secret := db.NewKey(t, mine, store.NewKey{})
		for _, id := range []string{key.ID, "key_unknown", "", "' OR 1=1 --"} {
			err := other.Tx(t.Context(), func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), id, "ops") })
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%q: %v, want ErrNotFound", id, err)
			}
		}
		admitOne(t, db.Store, storetest.Hash(t, secret))
		if keys := listKeys(t, other); len(keys) != 0 {
			t.Errorf("the other workspace lists %d keys", len(keys))
		}
	})
}

func TestKeys_LastUsedIsThatOfTheLastAdmittedCall(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		_, secret := db.NewKey(t, workspace, store.NewKey{MinuteLimit: 1})
		admitOne(t, db.Store, storetest.Hash(t, secret))
		db.Clock.Advance(time.Second)
		admitOne(t, db.Store, storetest.Hash(t, secret)) // refused: a refusal writes nothing
		if used := listKeys(t, workspace)[0].LastUsedAt; used == nil || !used.Equal(storetest.Start) {
			t.Errorf("last used at %v, want %v", used, storetest.Start)
		}
	})
}

func listKeys(t *testing.T, w *store.Workspace) []store.Key {
	t.Helper()
	keys, err := w.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
