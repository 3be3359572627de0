package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// invited is the token of a new invitation.
func invited(t *testing.T, w *store.Workspace, email, role string) string {
	t.Helper()
	var token string
	storetest.Tx(t, w, func(tx *store.Tx) (err error) {
		_, token, err = tx.Invite(t.Context(), store.NewInvitation{Email: email, Role: role, InvitedBy: "usr_1"})
		return err
	})
	return token
}

// joined is the id of a new member.
func joined(t *testing.T, w *store.Workspace, email, role string) string {
	t.Helper()
	var userID string
	storetest.Tx(t, w, func(tx *store.Tx) (err error) {
		_, token, err := tx.Invite(t.Context(), store.NewInvitation{Email: email, Role: role, InvitedBy: "usr_1"})
		if err != nil {
			return err
		}
		userID, err = tx.AcceptInvitation(t.Context(), token, "hash of "+email)
		return err
	})
	return userID
}

func TestMembers_ShowWhoWhatAndWhen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		db.Clock.Advance(time.Minute)
		dev := joined(t, w, "dev@example.com", store.Developer)
		signIn(t, db, dev)
		list, err := w.Members(t.Context())
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		owner, member := list[0], list[1]
		if owner.Role != store.Owner || owner.HasPassword || owner.LastSeenAt != nil || owner.JoinedAt != storetest.Start {
			t.Errorf("owner %+v", owner)
		}
		if member.UserID != dev || member.Email != "dev@example.com" || member.Role != store.Developer || !member.HasPassword ||
			member.LastSeenAt == nil || *member.LastSeenAt != db.Clock.Now() {
			t.Errorf("member %+v", member)
		}
		if other, err := db.NewWorkspace(t).Members(t.Context()); err != nil || len(other) != 1 {
			t.Errorf("another workspace has %+v, %v", other, err)
		}
	})
}

// What somebody may do from now on is done in a new session, and what they may no longer do, not at all.
func TestChangeMemberRole_EndsSessionsOfThisWorkspaceAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, other := db.NewWorkspace(t), db.NewWorkspace(t)
		dev := joined(t, w, "dev@example.com", store.Developer)
		joined(t, other, "dev@example.com", store.Viewer)
		tokens := [2]string{}
		for i, id := range []string{w.ID(), other.ID()} {
			var err error
			if _, tokens[i], err = db.StartSession(t.Context(), store.NewSession{UserID: dev, WorkspaceID: id}); err != nil {
				t.Fatal(err)
			}
		}
		here, there := tokens[0], tokens[1]
		change := func(id, role string) error {
			return w.Tx(t.Context(), func(tx *store.Tx) error { return tx.ChangeMemberRole(t.Context(), id, role) })
		}
		if err := change(dev, store.Developer); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, here, nil)
		if err := change(dev, store.Admin); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, here, store.ErrUnauthorized)
		if got := wantSession(t, db, there, nil); got.Role != store.Viewer {
			t.Errorf("in the other workspace %s", got.Role)
		}
		var invalid *store.Invalid
		if err := change(dev, "god"); !errors.As(err, &invalid) || invalid.Field != "/role" {
			t.Errorf("no role: %v", err)
		}
		if err := change("usr_other", store.Admin); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestRemoveMember_EndsTheirSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		dev := joined(t, w, "dev@example.com", store.Developer)
		_, token := signIn(t, db, dev)
		remove := func() error {
			return w.Tx(t.Context(), func(tx *store.Tx) error { return tx.RemoveMember(t.Context(), dev) })
		}
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, token, store.ErrUnauthorized)
		if err := remove(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("again: %v", err)
		}
		joined(t, w, "dev@example.com", store.Viewer)
		wantSession(t, db, token, store.ErrUnauthorized)
	})
}

// Two owners who remove or demote each other at the same time leave one.
func TestOwners_OneAlwaysStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, owner := db.NewWorkspace(t), ownerOf(t, db)
		second := joined(t, w, "second@example.com", store.Owner)
		var refused atomic.Int32
		var all sync.WaitGroup
		for i, id := range []string{owner, second} {
			all.Go(func() {
				err := w.Tx(t.Context(), func(tx *store.Tx) error {
					if i == 0 {
						return tx.RemoveMember(t.Context(), id)
					}
					return tx.ChangeMemberRole(t.Context(), id, store.Viewer)
				})
				var invalid *store.Invalid
				if errors.As(err, &invalid) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		list, err := w.Members(t.Context())
		owners := len(slices.DeleteFunc(list, func(m store.Member) bool { return m.Role != store.Owner }))
		if owners != 1 || refused.Load() != 1 || err != nil {
			t.Errorf("%d owners are left, %d refused, %v", owners, refused.Load(), err)
		}
	})
}

// No page grows without bound, whatever is in the tables.
func TestMembersAndInvitations_AreBounded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		for i := range store.MaxMembers + 1 {
			name := fmt.Sprintf("many-%03d", i)
			db.Exec(t, `INSERT INTO users (id, email, email_folded, created_at, updated_at) VALUES ($1, $1, $1, 1, 1)`, name)
			db.Exec(t, `INSERT INTO workspace_members (workspace_id, user_id, role, created_at) VALUES ($1, $2, 'viewer', 1)`, w.ID(), name)
			db.Exec(t, `INSERT INTO invitations (workspace_id, id, token_hash, email, email_folded, role, invited_by, created_at, expires_at)
				VALUES ($1, $2, $3, $2, $2, 'viewer', 'usr_1', 1, $4)`, w.ID(), name, []byte(name), int64(1)<<60)
		}
		members, err := w.Members(t.Context())
		if err != nil || len(members) != store.MaxMembers {
			t.Errorf("%d members, %v", len(members), err)
		}
		open, err := w.Invitations(t.Context())
		if err != nil || len(open) != store.MaxMembers {
			t.Errorf("%d invitations, %v", len(open), err)
		}
	})
}
