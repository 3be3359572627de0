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

func accept(t *testing.T, w *store.Workspace, token, hash string) error {
	t.Helper()
	return w.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AcceptInvitation(t.Context(), token, hash)
		return err
	})
}

// Of twenty clicks on one link one makes a member; the link then opens nothing.
func TestAcceptInvitation_Once(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		token := invited(t, w, " New@Example.com ", store.Developer)
		if row := dumpRow(t, db, "invitations"); bytes.Contains(row, []byte(token)) {
			t.Errorf("the row is %q", row)
		}
		shown, err := db.Invitation(t.Context(), token)
		if err != nil || shown.WorkspaceName != "Test School" || shown.Email != "New@Example.com" || shown.Role != store.Developer || shown.HasPassword {
			t.Errorf("the invitation is %+v, %v", shown, err)
		}
		var accepted atomic.Int32
		var clicks sync.WaitGroup
		for range 20 {
			clicks.Go(func() {
				if err := accept(t, w, token, "hash"); err == nil {
					accepted.Add(1)
				} else if !errors.Is(err, store.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		clicks.Wait()
		members, err := w.Members(t.Context())
		if accepted.Load() != 1 || len(members) != 2 || members[1].Role != store.Developer || err != nil {
			t.Errorf("accepted %d times: %+v, %v", accepted.Load(), members, err)
		}
		if _, err := db.Invitation(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the used link: %v", err)
		}
		if found, err := db.Credentials(t.Context(), "new@example.com"); err != nil || found.PasswordHash != "hash" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// An invitation is no way to another's password: whoever has one keeps it.
func TestAcceptInvitation_KeepsAPassword(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		joined(t, db.NewWorkspace(t), "dev@example.com", store.Developer)
		second := db.NewWorkspace(t)
		token := invited(t, second, "DEV@example.com", store.Viewer)
		if shown, err := db.Invitation(t.Context(), token); err != nil || !shown.HasPassword {
			t.Errorf("%+v, %v", shown, err)
		}
		if err := accept(t, second, token, "another"); err != nil {
			t.Fatal(err)
		}
		if found, err := db.Credentials(t.Context(), "dev@example.com"); err != nil || found.PasswordHash != "hash of dev@example.com" {
			t.Errorf("%+v, %v", found, err)
		}
		var invalid *store.Invalid
		fresh := invited(t, second, "fresh@example.com", store.Viewer)
		if err := accept(t, second, fresh, ""); !errors.As(err, &invalid) || invalid.Field != "/password" {
			t.Errorf("without a password: %v", err)
		}
	})
}

// A week, to the second; taken back or replaced, at once; and never in another workspace.
func TestInvitation_EndsInTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, other := db.NewWorkspace(t), db.NewWorkspace(t)
		first := invited(t, w, "a@example.com", store.Viewer)
		second := invited(t, w, "A@example.com", store.Admin)
		if err := accept(t, w, first, "hash"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the replaced one: %v", err)
		}
		if err := accept(t, other, second, "hash"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("in another workspace: %v", err)
		}
		invited(t, w, "b@example.com", store.Viewer)
		list, err := w.Invitations(t.Context())
		if err != nil || len(list) != 2 || list[1].Role != store.Admin {
			t.Fatal(list, err)
		}
		withdraw := func(w *store.Workspace) error {
			return w.Tx(t.Context(), func(tx *store.Tx) error { return tx.WithdrawInvitation(t.Context(), list[0].ID) })
		}
		if err := withdraw(other); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("withdrawn from another workspace: %v", err)
		}
		if err := withdraw(w); err != nil {
			t.Error(err)
		}
		db.Clock.Set(list[1].ExpiresAt.Add(-time.Second))
		if _, err := db.Invitation(t.Context(), second); err != nil || list[1].ExpiresAt.Sub(list[1].CreatedAt) != store.InvitationLife {
			t.Errorf("a second before the end: %v", err)
		}
		db.Clock.Set(list[1].ExpiresAt)
		if _, err := db.Invitation(t.Context(), second); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("at the end: %v", err)
		}
		if err := accept(t, w, second, "hash"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("accepted at the end: %v", err)
		}
		if n, err := db.RemoveOldInvitations(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
	})
}

func TestInvite_RefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		for _, in := range []store.NewInvitation{
			{Email: "OWNER@example.com", Role: store.Viewer}, {Email: "a@example.com", Role: "god"}, {Email: "a@example.com"},
			{Email: "nobody", Role: store.Viewer}, {Email: "a@b@c", Role: store.Viewer}, {Email: "a b@example.com", Role: store.Viewer},
			{Email: "a@example.com,b@example.com", Role: store.Viewer}, {Email: "a\x00@example.com", Role: store.Viewer},
			{Email: "a@example.com\r\nBcc: b@example.com", Role: store.Viewer},
		} {
			var invalid *store.Invalid
			err := w.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.Invite(t.Context(), in)
				return err
			})
			if !errors.As(err, &invalid) {
				t.Errorf("%+v: %v", in, err)
			}
		}
	})
}

// Whoever leaves or loses power leaves no way in behind: what they had invited is taken back, and nothing else.
func TestInvitations_DoNotOutliveTheirInviter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		admin, owner := joined(t, w, "admin@example.com", store.Admin), joined(t, w, "second@example.com", store.Owner)
		invite := func(by string) string {
			var token string
			storetest.Tx(t, w, func(tx *store.Tx) (err error) {
				_, token, err = tx.Invite(t.Context(), store.NewInvitation{Email: by + "@example.com", Role: store.Viewer, InvitedBy: by})
				return err
			})
			return token
		}
		change := func(id, role string) {
			t.Helper()
			storetest.Tx(t, w, func(tx *store.Tx) error { return tx.ChangeMemberRole(t.Context(), id, role) })
		}
		want := func(token string, want error) {
			t.Helper()
			if _, err := db.Invitation(t.Context(), token); !errors.Is(err, want) {
				t.Errorf("the invitation: %v, want %v", err, want)
			}
		}
		byAdmin, byOwner := invite(admin), invite(owner)
		change(admin, store.Owner)
		want(byAdmin, nil)
		change(admin, store.Developer)
		want(byAdmin, store.ErrNotFound)
		want(byOwner, nil)
		storetest.Tx(t, w, func(tx *store.Tx) error { return tx.RemoveMember(t.Context(), owner) })
		want(byOwner, store.ErrNotFound)
	})
}

// One address is not written to again and again; others are, and it is later.
func TestInvite_TheSameAddressWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		for range 5 {
			invited(t, w, "a@example.com", store.Viewer)
		}
		var invalid *store.Invalid
		err := w.Tx(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.Invite(t.Context(), store.NewInvitation{Email: "A@example.com", Role: store.Viewer, InvitedBy: "usr_1"})
			return err
		})
		if !errors.As(err, &invalid) || invalid.Field != "/email" {
			t.Errorf("the sixth: %v", err)
		}
		invited(t, w, "b@example.com", store.Viewer)
		invited(t, db.NewWorkspace(t), "a@example.com", store.Viewer)
		db.Clock.Advance(time.Minute)
		invited(t, w, "a@example.com", store.Viewer)
	})
}
