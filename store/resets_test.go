package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// asked is the token that a request came to, as the job sees it; empty if it came to none.
func asked(t *testing.T, db *storetest.DB, email string) (token string) {
	t.Helper()
	if err := db.RequestReset(t.Context(), email); err != nil {
		t.Fatal(err)
	}
	found, err := db.DueResets(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, due := range found {
		storetest.Tx(t, db.Workspace(due.WorkspaceID), func(tx *store.Tx) (err error) {
			_, token, err = tx.StartReset(t.Context(), due.ID)
			return err
		})
	}
	return token
}

// A link sets a password once, ends every session, and takes the other links with it.
func TestReset_Once(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		owner := ownerOf(t, db)
		_, session := signIn(t, db, owner)
		first, second := asked(t, db, "Owner@EXAMPLE.com"), asked(t, db, "owner@example.com")
		if row := dumpRow(t, db, "password_resets"); first == "" || bytes.Contains(row, []byte(first)) || bytes.Contains(row, []byte(second)) {
			t.Errorf("the row is %q", row)
		}
		var used atomic.Int32
		var clicks sync.WaitGroup
		for range 20 {
			clicks.Go(func() {
				if userID, err := db.UseReset(t.Context(), first, "new"); err == nil && userID == owner {
					used.Add(1)
				} else if !errors.Is(err, store.ErrNotFound) {
					t.Error(userID, err)
				}
			})
		}
		clicks.Wait()
		if used.Load() != 1 {
			t.Errorf("used %d times", used.Load())
		}
		wantSession(t, db, session, store.ErrUnauthorized)
		if _, err := db.Reset(t.Context(), second); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the other link: %v", err)
		}
		if found, err := db.Credentials(t.Context(), "owner@example.com"); err != nil || found.PasswordHash != "new" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

func TestReset_EndsAfterHalfAnHour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		token := asked(t, db, "owner@example.com")
		db.Clock.Advance(store.ResetLife - time.Second)
		if userID, err := db.Reset(t.Context(), token); err != nil || userID != ownerOf(t, db) {
			t.Errorf("a second before: %s, %v", userID, err)
		}
		db.Clock.Advance(time.Second + time.Millisecond)
		if _, err := db.UseReset(t.Context(), token, "new"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("at the end: %v", err)
		}
		if n, err := db.RemoveOldResets(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		mine, err := db.CreateReset(t.Context(), ownerOf(t, db))
		if err != nil {
			t.Fatal(err)
		}
		db.Clock.Advance(store.InvitationLife - time.Second)
		if _, err := db.UseReset(t.Context(), mine, "new"); err != nil {
			t.Errorf("the operator's: %v", err)
		}
	})
}

// Nobody finds out who has an account: an unknown address is written down just the same, and leaves nothing. Nobody fills
// a mailbox either.
func TestRequestReset_OfStrangersAndOfTheImpatient(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		for _, email := range []string{"stranger@example.com", "", "a\x00\xff@example.com"} {
			if token := asked(t, db, email); token != "" {
				t.Errorf("%q has a link", email)
			}
		}
		links := 0
		for range 6 {
			if asked(t, db, "owner@example.com") != "" {
				links++
			}
		}
		if links != 3 {
			t.Errorf("%d links are open at once, want 3", links)
		}
		var left int
		if err := openRaw(t, db).QueryRowContext(t.Context(), `SELECT count(*) FROM password_reset_requests`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d requests are left, %v", left, err)
		}
		db.Clock.Advance(store.ResetLife + time.Minute)
		if asked(t, db, "owner@example.com") == "" {
			t.Error("no link after the others were over")
		}
	})
}

// What opens something leaves the outbox with the mail; anything else stays readable.
func TestEmailSent_TakesLinksAway(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		w := db.NewWorkspace(t)
		kinds := map[string]string{store.MailPasswordReset: "", store.MailMemberInvited: "", "student.invited": "body"}
		for kind := range kinds {
			storetest.Tx(t, w, func(tx *store.Tx) error {
				return tx.Mail(t.Context(), store.NewEmail{Kind: kind, Recipients: []string{"a@example.com"}, Subject: "S", Body: "body"})
			})
		}
		db.Clock.Advance(time.Second)
		claimed, err := db.ClaimEmails(t.Context(), 10)
		if err != nil || len(claimed) != 3 {
			t.Fatal(claimed, err)
		}
		for _, m := range claimed {
			if m.Body != "body" {
				t.Errorf("%s is sent as %q", m.Kind, m.Body)
			}
			if err := db.EmailSent(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		page, err := w.Emails(t.Context(), store.ListOptions{})
		if err != nil || len(page.Items) != 3 {
			t.Fatal(page, err)
		}
		for _, m := range page.Items {
			if m.Body != kinds[m.Kind] {
				t.Errorf("of %s is left %q", m.Kind, m.Body)
			}
		}
	})
}

// The log says who, what and from where; a stranger's guess at an account is told in every workspace of that person.
func TestAudit_TellsOfPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		first, second := db.NewWorkspace(t), db.NewWorkspace(t)
		owner := ownerOf(t, db)
		storetest.Tx(t, first, func(tx *store.Tx) error {
			return tx.Audit(t.Context(), store.AuditEntry{Actor: owner, Action: "member.role_changed", TargetID: "usr_2",
				Address: "203.0.113.7", UserAgent: "B\x00/1", Detail: map[string]string{"from": "viewer", "to": "<admin>"}})
		})
		before, err := first.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		db.Clock.Advance(time.Second)
		if err := db.AuditPerson(t.Context(), owner, "", store.AuditEntry{Actor: store.System, Action: "session.refused", TargetID: owner}); err != nil {
			t.Fatal(err)
		}
		lines, err := first.AuditLog(t.Context(), store.AuditQuery{})
		if err != nil || len(lines.Items) != 2 {
			t.Fatal(lines, err)
		}
		line := lines.Items[1]
		if lines.Items[0].Action != "session.refused" || line.Email != "owner@example.com" || line.Address != "203.0.113.7" ||
			line.Detail["to"] != "<admin>" || line.UserAgent != "B\uFFFD/1" {
			t.Errorf("%+v", lines.Items)
		}
		if after, err := first.Info(t.Context()); err != nil || after.ChangedAt != before.ChangedAt {
			t.Errorf("a stranger made a new version of the workspace: %v", err)
		}
		for _, q := range []store.AuditQuery{{Actor: owner}, {Action: "member.role_changed"}, {TargetID: "usr_2"}} {
			found, err := first.AuditLog(t.Context(), q)
			if err != nil || len(found.Items) != 1 || found.Items[0].ID != line.ID {
				t.Errorf("%+v finds %s, %v", q, fmt.Sprint(found.Items), err)
			}
		}
		if err := db.AuditPerson(t.Context(), owner, first.ID(), store.AuditEntry{Actor: owner, Action: "session.started"}); err != nil {
			t.Fatal(err)
		}
		if here, err := first.AuditLog(t.Context(), store.AuditQuery{}); err != nil || len(here.Items) != 3 {
			t.Errorf("in the workspace of the session: %+v, %v", here, err)
		}
		if there, err := second.AuditLog(t.Context(), store.AuditQuery{}); err != nil || len(there.Items) != 1 {
			t.Errorf("in the other workspace: %+v, %v", there, err)
		}
	})
}

// A request that nobody has worked off in time is forgotten: its person has gone, or has asked again.
func TestDueResets_ForgetOldRequests(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		for range 2 {
			if err := db.RequestReset(t.Context(), "owner@example.com"); err != nil {
				t.Fatal(err)
			}
			db.Clock.Advance(store.ResetLife - time.Second)
		}
		if due, err := db.DueResets(t.Context(), 10); err != nil || len(due) != 1 {
			t.Errorf("%v, %v", due, err)
		}
		db.Clock.Advance(time.Second)
		if due, err := db.DueResets(t.Context(), 10); err != nil || len(due) != 0 {
			t.Errorf("%v, %v", due, err)
		}
	})
}
