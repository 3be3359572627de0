package store_test

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// submit is what a handler does with a form that makes something with a secret.
func submit(t *testing.T, w *store.Workspace, form, session, target string) (landed string, fresh bool) {
	t.Helper()
	err := w.Tx(t.Context(), func(tx *store.Tx) (err error) {
		if landed, fresh, err = tx.ClaimForm(t.Context(), form, session); err != nil || !fresh {
			return err
		}
		landed = target
		return tx.FinishForm(t.Context(), form, target, "secret of "+target)
	})
	if err != nil {
		t.Error(err)
	}
	return landed, fresh
}

// Of twenty submits at once one has an effect, and all land on it.
func TestClaimForm_OfManySubmitsOneIsFresh(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		var fresh atomic.Int32
		landed := make([]string, 20)
		var submits sync.WaitGroup
		for i := range landed {
			submits.Go(func() {
				target, first := submit(t, w, "form", "ses_1", "key_"+string(rune('a'+i)))
				landed[i] = target
				if first {
					fresh.Add(1)
				}
			})
		}
		submits.Wait()
		for _, target := range landed {
			if target != landed[0] {
				t.Fatalf("landed on %v", landed)
			}
		}
		if fresh.Load() != 1 {
			t.Errorf("%d had an effect", fresh.Load())
		}
	})
}

// A refused form has had no effect: corrected, it is submitted with the same id.
func TestClaimForm_IsFreeAgainAfterAnError(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, refused := db.NewWorkspace(t), errors.New("refused")
		err := w.Tx(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.ClaimForm(t.Context(), "form", "ses_1")
			return errors.Join(err, refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if _, fresh := submit(t, w, "form", "ses_1", "key_a"); !fresh {
			t.Error("the corrected form had no effect")
		}
		if _, fresh := submit(t, w, "form", "ses_2", "key_b"); fresh {
			t.Error("signed in again, the form had its effect twice")
		}
		if _, fresh := submit(t, db.NewWorkspace(t), "form", "ses_1", "key_b"); !fresh {
			t.Error("a form of another workspace was taken for this one")
		}
		var invalid *store.Invalid
		err = w.Tx(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.ClaimForm(t.Context(), "", "ses_1")
			return err
		})
		if !errors.As(err, &invalid) {
			t.Errorf("without an id: %v", err)
		}
	})
}

// Of twenty pages that want to show a secret one does, and the session that made it alone.
func TestTakeSecret_OnceForOneSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		submit(t, db.NewWorkspace(t), "form", "ses_1", "key_a")
		if row := dumpRow(t, db, "forms"); bytes.Contains(row, []byte("secret of")) {
			t.Errorf("the row is %q", row)
		}
		for session, target := range map[string]string{"ses_2": "key_a", "ses_1": "key_b"} {
			if secret, err := db.TakeSecret(t.Context(), session, target); !errors.Is(err, store.ErrNotFound) || secret != "" {
				t.Errorf("%s takes the secret of %s: %v", session, target, err)
			}
		}
		var taken atomic.Int32
		var takers sync.WaitGroup
		for range 20 {
			takers.Go(func() {
				secret, err := db.TakeSecret(t.Context(), "ses_1", "key_a")
				if err == nil && secret == "secret of key_a" {
					taken.Add(1)
				} else if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("took %q, %v", secret, err)
				}
			})
		}
		takers.Wait()
		if taken.Load() != 1 {
			t.Errorf("shown %d times", taken.Load())
		}
	})
}

func TestTakeSecret_IsGoneAfterTenMinutes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		submit(t, w, "form 1", "ses_1", "key_a")
		submit(t, w, "form 2", "ses_1", "key_b")
		db.Clock.Advance(store.SecretAge - time.Second)
		if _, err := db.TakeSecret(t.Context(), "ses_1", "key_a"); err != nil {
			t.Error(err)
		}
		if n, err := db.ForgetSecrets(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		db.Clock.Advance(time.Second + time.Millisecond) // the second Tx of a moment is a microsecond later
		if _, err := db.TakeSecret(t.Context(), "ses_1", "key_b"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after ten minutes: %v", err)
		}
		if n, err := db.ForgetSecrets(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if _, fresh := submit(t, w, "form 2", "ses_1", "key_c"); fresh {
			t.Error("with its secret the form was forgotten")
		}
		db.Clock.Advance(store.FormAge)
		if n, err := db.RemoveOldForms(t.Context(), 10); n != 2 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
	})
}

// A secret is bound to its form and its session: whoever writes to the database cannot have it shown to another.
func TestTakeSecret_DoesNotOpenInAnotherSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		submit(t, db.NewWorkspace(t), "form", "ses_1", "key_a")
		db.Exec(t, `UPDATE forms SET session_id = 'ses_2'`)
		if secret, err := db.TakeSecret(t.Context(), "ses_2", "key_a"); !errors.Is(err, store.ErrSealed) || secret != "" {
			t.Errorf("opened %q, %v", secret, err)
		}
	})
}

// A secret survives a change of the master key between its making and its page.
func TestTakeSecret_AfterARekey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSafe(t, db)
		submit(t, s.workspace, "form", "ses_1", "key_a")
		if _, err := s.open(s.new+","+s.old).Rekey(t.Context(), ignore); err != nil {
			t.Fatal(err)
		}
		if secret, err := s.open(s.new).TakeSecret(t.Context(), "ses_1", "key_a"); secret != "secret of key_a" {
			t.Errorf("took %q, %v", secret, err)
		}
	})
}
