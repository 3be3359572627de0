package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// outbox is a workspace with one e-mail that is due.
func outbox(t *testing.T, db *storetest.DB) *store.Workspace {
	t.Helper()
	workspace := db.NewWorkspace(t)
	storetest.Tx(t, workspace, func(tx *store.Tx) error {
		return tx.Mail(t.Context(), store.NewEmail{Kind: "invitation", Recipients: []string{"m@example.com"}, Subject: "S", Body: "B"})
	})
	return workspace
}

func claimEmails(t *testing.T, db *storetest.DB, want int) []store.OutgoingEmail {
	t.Helper()
	claimed, err := db.Store.ClaimEmails(t.Context(), 10)
	if err != nil || len(claimed) != want {
		t.Fatalf("claimed %d e-mails, %v; want %d", len(claimed), err, want)
	}
	return claimed
}

func TestOutbox_AnEmailIsItsClaimersUntilTheLeaseEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := outbox(t, db)
		first := claimEmails(t, db, 1)[0]
		if first.WorkspaceID != workspace.ID() || first.Recipients[0] != "m@example.com" || first.Tries != 0 {
			t.Errorf("claimed %+v", first)
		}
		claimEmails(t, db, 0)
		db.Clock.Advance(5 * time.Minute) // its claimer has crashed
		again := claimEmails(t, db, 1)[0]
		if again.ID != first.ID || again.Tries != 1 {
			t.Errorf("claimed %+v", again)
		}
	})
}

func TestOutbox_WhatIsSettledIsNotClaimedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := outbox(t, db)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(db.Store.RetryEmail(t.Context(), claimEmails(t, db, 1)[0], time.Hour))
		db.Clock.Advance(59 * time.Minute)
		claimEmails(t, db, 0)
		db.Clock.Advance(time.Minute)
		must(db.Store.EmailSent(t.Context(), claimEmails(t, db, 1)[0]))
		db.Clock.Advance(24 * time.Hour)
		claimEmails(t, db, 0)
		kept, err := workspace.Emails(t.Context(), store.ListOptions{Limit: 10})
		if err != nil || len(kept.Items) != 1 || kept.Items[0].SentAt == nil {
			t.Errorf("the outbox has %+v, %v", kept.Items, err)
		}
		if removed, err := db.Store.RemoveOldEmails(t.Context(), 10); err != nil || removed != 0 {
			t.Errorf("removed %d after a day, %v", removed, err)
		}
		db.Clock.Advance(store.EventAge)
		if removed, err := db.Store.RemoveOldEmails(t.Context(), 10); err != nil || removed != 1 {
			t.Errorf("removed %d after a month, %v", removed, err)
		}
	})
}

// A link that lets somebody in is in no mail that will not be sent, where it is to be forgotten, and in none past its life.
func TestOutbox_ForgetsLinks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w, kinds := db.NewWorkspace(t), []string{store.MailPasswordReset, store.MailMemberInvited, "student.invited"}
		bodies := func(forget bool) (left []string) {
			t.Helper()
			for _, kind := range kinds {
				storetest.Tx(t, w, func(tx *store.Tx) error {
					return tx.Mail(t.Context(), store.NewEmail{Kind: kind, Recipients: []string{"a@example.com"}, Subject: "S", Body: "link"})
				})
			}
			for _, m := range claimEmails(t, db, 3) {
				if err := db.EmailPutAside(t.Context(), m, forget); err != nil {
					t.Fatal(err)
				}
			}
			return linked(t, w)
		}
		if left := bodies(true); !slices.Equal(left, kinds[2:]) {
			t.Errorf("forgotten: %v still have a body", left)
		}
		db.Exec(t, `DELETE FROM emails`)
		if left := bodies(false); len(left) != 3 {
			t.Errorf("kept: only %v have a body", left)
		}
		for _, step := range []struct {
			after time.Duration
			left  int
		}{{store.ResetLife - time.Second, 3}, {2 * time.Second, 2}, {store.InvitationLife - store.ResetLife - 2*time.Second, 2}, {2 * time.Second, 1}} {
			db.Clock.Advance(step.after)
			if _, err := db.ForgetLinks(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
			if left := linked(t, w); len(left) != step.left {
				t.Errorf("%v have a body, want %d", left, step.left)
			}
		}
	})
}

// linked are the kinds of the e-mails that have a body.
func linked(t *testing.T, w *store.Workspace) (kinds []string) {
	t.Helper()
	page, err := w.Emails(t.Context(), store.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Items {
		if m.Body != "" {
			kinds = append(kinds, m.Kind)
		}
	}
	return kinds
}
