package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func standing(tb testing.TB, w *store.Workspace, keyID string) store.KeyStanding {
	tb.Helper()
	key, err := w.Key(tb.Context(), keyID)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// The quota shown is that of the headers: one more than those of the next call, before and after a window began anew,
// and nothing once a call is refused.
func TestKeys_QuotaShownIsThatOfTheNextCallAndOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{MinuteLimit: 3, DayLimit: 5})
		for i, wait := range []time.Duration{0, time.Second, 0, time.Minute, 0, 24 * time.Hour, 0} {
			db.Clock.Advance(wait)
			shown := standing(t, workspace, key.ID)
			listed, err := workspace.LiveKeys(t.Context())
			if err != nil || len(listed) != 1 || listed[0].Minute != shown.Minute || listed[0].Day != shown.Day {
				t.Fatalf("the list shows %+v, %v, the key %+v", listed, err, shown)
			}
			call := admitOne(t, db.Store, storetest.Hash(t, secret))
			call.Minute.Remaining++
			call.Day.Remaining++
			if !call.Admitted || shown.Minute != call.Minute || shown.Day != call.Day {
				t.Errorf("call %d: shown %+v and %+v, its headers and one %+v and %+v", i, shown.Minute, shown.Day, call.Minute, call.Day)
			}
		}
		admitAll(t, 5, storetest.Hash(t, secret), db.Store)
		if shown := standing(t, workspace, key.ID); shown.Minute.Remaining != 0 || shown.Day.Remaining != 2 {
			t.Errorf("shown %+v and %+v of a minute that is empty", shown.Minute, shown.Day)
		}
	})
}

func TestKeys_TellWhoMadeThemAndWhereTheyWereUsedLast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		db.Exec(t, `INSERT INTO users (id, email, email_folded, created_at, updated_at) VALUES ('usr_asha', 'Asha@example.com', 'asha@example.com', 1, 1)`)
		made, secret := db.NewKey(t, workspace, store.NewKey{CreatedBy: "usr_asha"})
		command, _ := db.NewKey(t, workspace, store.NewKey{CreatedBy: "command line"})
		admitOne(t, db.Store, storetest.Hash(t, secret))
		sent := calls(workspace, made.ID, storetest.Start, 2)
		sent[1].Address = "2001:db8::1"
		record(t, db.Store, store.RequestGroup{Requests: sent})
		got := standing(t, workspace, made.ID)
		if got.Creator != "Asha@example.com" || got.LastAddress != "2001:db8::1" || got.LastUsedAt == nil || !got.LastUsedAt.Equal(storetest.Start) {
			t.Errorf("made by %q, used from %q at %v", got.Creator, got.LastAddress, got.LastUsedAt)
		}
		if got := standing(t, workspace, command.ID); got.Creator != "command line" || got.LastAddress != "" || got.LastUsedAt != nil {
			t.Errorf("made by %q, used from %q at %v", got.Creator, got.LastAddress, got.LastUsedAt)
		}
	})
}

// Keys that ended are on the other list, page by page, and on no page twice.
func TestKeys_EndedOnesArePaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		soon := storetest.Start.Add(time.Hour)
		live, _ := db.NewKey(t, workspace, store.NewKey{})
		var want []string
		for i := range 5 {
			in := store.NewKey{}
			if i%2 == 0 {
				in.ExpiresAt = &soon
			}
			key, _ := db.NewKey(t, workspace, in)
			if in.ExpiresAt == nil {
				storetest.Tx(t, workspace, func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), key.ID, "usr_1") })
			}
			want = append(want, key.ID)
		}
		slices.Reverse(want)
		db.Clock.Set(soon)
		var got []string
		for cursor := ""; ; {
			page, err := workspace.EndedKeys(t.Context(), store.ListOptions{Limit: 2, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range page.Items {
				got = append(got, key.ID)
			}
			if page.NextCursor == nil {
				break
			}
			cursor = *page.NextCursor
		}
		if !slices.Equal(got, want) {
			t.Errorf("ended %v, want %v", got, want)
		}
		if keys, err := workspace.LiveKeys(t.Context()); err != nil || len(keys) != 1 || keys[0].ID != live.ID || !keys[0].Live() {
			t.Errorf("live %+v, %v", keys, err)
		}
	})
}

func replace(t *testing.T, w *store.Workspace, in store.KeyReplacement) (made store.Key, secret string, err error) {
	t.Helper()
	err = w.Tx(t.Context(), func(tx *store.Tx) (err error) {
		made, secret, err = tx.ReplaceKey(t.Context(), in)
		return err
	})
	return made, secret, err
}

// The sibling does what the old key did; the old one is good until the grace has passed, to the microsecond.
func TestReplaceKey_MakesASiblingAndEndsTheOldOneAfterTheGrace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		for _, grace := range store.KeyGraces {
			workspace := db.NewWorkspace(t)
			old, oldSecret := db.NewKey(t, workspace, store.NewKey{
				Name: "CRM", Note: "nightly", Scopes: []string{"read:courses"}, MinuteLimit: 7, DayLimit: 70, CreatedBy: "usr_1",
			})
			made, secret, err := replace(t, workspace, store.KeyReplacement{KeyID: old.ID, By: "usr_2", Grace: grace})
			if err != nil {
				t.Fatal(err)
			}
			got := standing(t, workspace, made.ID)
			if got.Name != "CRM" || got.Note != "nightly" || !slices.Equal(got.Scopes, old.Scopes) || got.MinuteLimit != 7 ||
				got.DayLimit != 70 || got.CreatedBy != "usr_2" || got.ExpiresAt != nil || secret == oldSecret {
				t.Errorf("sibling %+v", got)
			}
			admitOne(t, db.Store, storetest.Hash(t, secret))
			if replaced := standing(t, workspace, old.ID); replaced.ReplacedBy != made.ID {
				t.Errorf("replaced by %q, want %s", replaced.ReplacedBy, made.ID)
			}
			if grace > 0 {
				db.Clock.Set(standing(t, workspace, old.ID).ExpiresAt.Add(-time.Microsecond))
				admitOne(t, db.Store, storetest.Hash(t, oldSecret))
				db.Clock.Advance(time.Microsecond)
				if gone := db.Clock.Now().Sub(made.CreatedAt); gone != grace {
					t.Errorf("the old key ended after %v, want %v", gone, grace)
				}
			}
			if _, err := db.Admit(t.Context(), storetest.Hash(t, oldSecret)); !errors.Is(err, store.ErrUnauthorized) {
				t.Errorf("the old key after %v: %v, want ErrUnauthorized", grace, err)
			}
		}
	})
}

func TestReplaceKey_NeverLengthensTheOldOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		soon := storetest.Start.Add(2 * time.Hour)
		old, _ := db.NewKey(t, workspace, store.NewKey{ExpiresAt: &soon})
		db.Clock.Advance(time.Hour)
		made, _, err := replace(t, workspace, store.KeyReplacement{KeyID: old.ID, Grace: 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if ends := standing(t, workspace, old.ID).ExpiresAt; !ends.Equal(soon) {
			t.Errorf("the old key ends at %v, want %v", ends, soon)
		}
		if life := standing(t, workspace, made.ID).ExpiresAt.Sub(made.CreatedAt); life != soon.Sub(old.CreatedAt) {
			t.Errorf("the new key lives for %v, the old one was made for %v", life, soon.Sub(old.CreatedAt))
		}
	})
}

func TestReplaceKey_RefusesWhatItCannotReplace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace, other := db.NewWorkspace(t), db.NewWorkspace(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{})
		revoked, _ := db.NewKey(t, workspace, store.NewKey{})
		storetest.Tx(t, workspace, func(tx *store.Tx) error { return tx.RevokeKey(t.Context(), revoked.ID, "usr_1") })
		if _, _, err := replace(t, other, store.KeyReplacement{KeyID: key.ID}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a key of another workspace: %v, want ErrNotFound", err)
		}
		for _, in := range []store.KeyReplacement{{KeyID: revoked.ID}, {KeyID: key.ID, Grace: time.Minute}, {KeyID: key.ID, Grace: -time.Hour}} {
			if _, _, err := replace(t, workspace, in); !refused(err) {
				t.Errorf("%+v: %v, want a refusal", in, err)
			}
		}
		admitOne(t, db.Store, storetest.Hash(t, secret))
		if _, _, err := replace(t, workspace, store.KeyReplacement{KeyID: key.ID, Grace: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := replace(t, workspace, store.KeyReplacement{KeyID: key.ID, Grace: time.Hour}); !refused(err) {
			t.Errorf("a second time: %v, want a refusal", err)
		}
	})
}

// A full workspace can still replace a key at once; with a grace there would be one live key too many, and then
// nothing has happened to the old one.
func TestReplaceKey_KeepsTheLimitOfLiveKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		key, secret := db.NewKey(t, workspace, store.NewKey{})
		storetest.Tx(t, workspace, func(tx *store.Tx) error {
			for range store.MaxLiveKeys - 1 {
				if _, _, err := tx.CreateKey(t.Context(), store.NewKey{Name: "n", Scopes: storetest.AllScopes}); err != nil {
					return err
				}
			}
			return nil
		})
		if _, _, err := replace(t, workspace, store.KeyReplacement{KeyID: key.ID, Grace: time.Hour}); !refused(err) {
			t.Errorf("key 101: %v, want a refusal", err)
		}
		admitOne(t, db.Store, storetest.Hash(t, secret))
		if key := standing(t, workspace, key.ID); key.ExpiresAt != nil || key.ReplacedBy != "" {
			t.Errorf("a refusal changed the old key: %+v", key)
		}
		if _, _, err := replace(t, workspace, store.KeyReplacement{KeyID: key.ID}); err != nil {
			t.Errorf("at once: %v", err)
		}
		if keys, err := workspace.LiveKeys(t.Context()); err != nil || len(keys) != store.MaxLiveKeys {
			t.Errorf("%d live keys, %v", len(keys), err)
		}
	})
}

func refused(err error) bool {
	var invalid *store.Invalid
	return errors.As(err, &invalid)
}
