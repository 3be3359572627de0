package store_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// ownerOf is the id of the person who owns the workspaces of storetest.
func ownerOf(t *testing.T, db *storetest.DB) string {
	t.Helper()
	found, err := db.Credentials(t.Context(), " OWNER@Example.com ")
	if err != nil || found.UserID == "" {
		t.Fatal(found, err)
	}
	return found.UserID
}

func signIn(t *testing.T, db *storetest.DB, userID string) (store.Session, string) {
	t.Helper()
	session, token, err := db.StartSession(t.Context(), store.NewSession{UserID: userID, Address: "203.0.113.7", UserAgent: "Browser/1"})
	if err != nil {
		t.Fatal(err)
	}
	return session, token
}

func wantSession(t *testing.T, db *storetest.DB, token string, want error) store.Session {
	t.Helper()
	session, err := db.Session(t.Context(), token)
	if !errors.Is(err, want) {
		t.Fatalf("the session: %v, want %v", err, want)
	}
	return session
}

// A page knows from one query who is there, where, and as what.
func TestSession_SaysWhoAndWhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		started, token := signIn(t, db, ownerOf(t, db))
		got := wantSession(t, db, token, nil)
		want := store.Session{
			ID: started.ID, UserID: ownerOf(t, db), Email: "owner@example.com", WorkspaceID: workspace.ID(), WorkspaceName: "Test School",
			TimeZone: "Europe/Berlin", Currency: "EUR", Role: store.Owner, CreatedAt: storetest.Start, LastSeenAt: storetest.Start,
			ConfirmedAt: storetest.Start, Address: "203.0.113.7", UserAgent: "Browser/1",
		}
		if got != want || started != want {
			t.Errorf("started %+v\nread %+v\nwant %+v", started, got, want)
		}
		if !strings.HasPrefix(got.ID, "ses_") {
			t.Errorf("id %s", got.ID)
		}
		for _, other := range []string{"", token[1:], token + "A", strings.Repeat("A", 43), got.ID} {
			wantSession(t, db, other, store.ErrUnauthorized)
		}
	})
}

// Whoever reads the database cannot sign in with what is there.
func TestSession_TokenIsNotInTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		_, token := signIn(t, db, ownerOf(t, db))
		secret, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(secret) != 32 {
			t.Fatalf("a token of %d bytes, %v", len(secret), err)
		}
		row := dumpRow(t, db, "sessions")
		if bytes.Contains(row, []byte(token)) || bytes.Contains(row, secret) || !bytes.Contains(row, []byte("ses_")) {
			t.Errorf("the row is %q", row)
		}
	})
}

// dumpRow is all that a table's first row holds.
func dumpRow(t *testing.T, db *storetest.DB, table string) []byte {
	t.Helper()
	found, err := openRaw(t, db).QueryContext(t.Context(), `SELECT * FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil || !found.Next() {
		t.Fatal("no row", err)
	}
	values, places := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	if err := found.Scan(places...); err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, value := range values {
		if raw, ok := value.([]byte); ok {
			all.Write(raw)
		} else {
			fmt.Fprintf(&all, "%v|", value)
		}
	}
	return all.Bytes()
}

func TestSession_EndsAfterTwelveIdleHoursToTheSecond(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		_, token := signIn(t, db, ownerOf(t, db))
		_, idle := signIn(t, db, ownerOf(t, db))
		db.Clock.Advance(store.SessionIdle - time.Second)
		if seen := wantSession(t, db, token, nil); seen.LastSeenAt != db.Clock.Now() {
			t.Errorf("last seen %v at %v", seen.LastSeenAt, db.Clock.Now())
		}
		db.Clock.Advance(time.Second)
		wantSession(t, db, token, nil)
		wantSession(t, db, idle, store.ErrUnauthorized)
		if list, err := db.Sessions(t.Context(), ownerOf(t, db)); err != nil || len(list) != 1 {
			t.Errorf("%d sessions are listed, %v", len(list), err)
		}
	})
}

func TestSession_EndsAfterFourteenDaysHoweverMuchItIsUsed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		_, token := signIn(t, db, ownerOf(t, db))
		for range 14*24/6 - 1 {
			db.Clock.Advance(6 * time.Hour)
			wantSession(t, db, token, nil)
		}
		db.Clock.Advance(6*time.Hour - time.Second)
		wantSession(t, db, token, nil)
		db.Clock.Advance(time.Second)
		wantSession(t, db, token, store.ErrUnauthorized)
		if n, err := db.RemoveOldSessions(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
	})
}

// Many pages within a minute cost no write.
func TestSession_IsTouchedAtMostOnceAMinute(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		_, token := signIn(t, db, ownerOf(t, db))
		for _, step := range []struct{ after, want time.Duration }{{59 * time.Second, 0}, {time.Second, time.Minute}, {59 * time.Second, time.Minute}, {time.Second, 2 * time.Minute}} {
			db.Clock.Advance(step.after)
			wantSession(t, db, token, nil)
			list, err := db.Sessions(t.Context(), ownerOf(t, db))
			if err != nil || len(list) != 1 || list[0].LastSeenAt.Sub(storetest.Start) != step.want {
				t.Errorf("at %v: last seen %+v, %v", db.Clock.Now(), list, err)
			}
		}
	})
}

// Ending one, all but one, or all: from the very next request on, and nobody ends a stranger's.
func TestSessions_EndAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		owner, tokens, ids := ownerOf(t, db), [4]string{}, [4]string{}
		for i := range tokens {
			session, token := signIn(t, db, owner)
			tokens[i], ids[i] = token, session.ID
		}
		if err := db.EndSession(t.Context(), "usr_other", ids[0]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a stranger ends it: %v", err)
		}
		wantSession(t, db, tokens[0], nil)
		if err := db.EndSession(t.Context(), owner, ids[0]); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, tokens[0], store.ErrUnauthorized)
		if err := db.EndSessions(t.Context(), owner, ids[1]); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, tokens[1], nil)
		wantSession(t, db, tokens[2], store.ErrUnauthorized)
		if err := db.EndSessions(t.Context(), owner, ""); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, tokens[1], store.ErrUnauthorized)
	})
}

func TestSession_OfAFormerMemberIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		_, token := signIn(t, db, ownerOf(t, db))
		db.Exec(t, `DELETE FROM workspace_members`)
		wantSession(t, db, token, store.ErrUnauthorized)
		_, _, err := db.StartSession(t.Context(), store.NewSession{UserID: ownerOf(t, db)})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a member of nothing signs in: %v", err)
		}
	})
}

// A session is for the workspace that was asked for, or else for the one joined first, and for no foreign one.
func TestStartSession_PicksTheWorkspace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		first := db.NewWorkspace(t)
		db.Clock.Advance(time.Second)
		second := db.NewWorkspace(t)
		foreign, err := db.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "F", TimeZone: "UTC", Currency: "EUR", OwnerEmail: "f@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		for asked, want := range map[string]string{"": first.ID(), second.ID(): second.ID()} {
			session, _, err := db.StartSession(t.Context(), store.NewSession{UserID: ownerOf(t, db), WorkspaceID: asked})
			if err != nil || session.WorkspaceID != want {
				t.Errorf("asked for %q: %s, %v", asked, session.WorkspaceID, err)
			}
		}
		_, _, err = db.StartSession(t.Context(), store.NewSession{UserID: ownerOf(t, db), WorkspaceID: foreign.ID})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("in a foreign workspace: %v", err)
		}
	})
}

// Whoever stole a session loses it when the password changes; and what a browser says of itself breaks no database.
func TestSetPassword_EndsAllSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		odd := store.NewSession{UserID: ownerOf(t, db), UserAgent: "a\x00b\xff" + strings.Repeat("ä", 400)}
		session, token, err := db.StartSession(t.Context(), odd)
		if err != nil || len(session.UserAgent) > 300 {
			t.Fatal(session, err)
		}
		if err := db.SetPassword(t.Context(), ownerOf(t, db), "hash"); err != nil {
			t.Fatal(err)
		}
		wantSession(t, db, token, store.ErrUnauthorized)
		found, err := db.Credentials(t.Context(), "owner@example.com")
		if err != nil || found.PasswordHash != "hash" {
			t.Errorf("%+v, %v", found, err)
		}
		if err := db.SetPassword(t.Context(), "usr_other", "hash"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("of nobody: %v", err)
		}
		if _, err := db.Credentials(t.Context(), "nobody\x00@example.com"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("credentials of nobody: %v", err)
		}
	})
}

func TestConfirmSession_MovesTheTimeOfTheLastPassword(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.NewWorkspace(t)
		session, token := signIn(t, db, ownerOf(t, db))
		db.Clock.Advance(time.Hour)
		if got := wantSession(t, db, token, nil); got.ConfirmedAt != storetest.Start {
			t.Errorf("confirmed %v by looking", got.ConfirmedAt)
		}
		if err := db.ConfirmSession(t.Context(), session.ID); err != nil {
			t.Fatal(err)
		}
		if got := wantSession(t, db, token, nil); got.ConfirmedAt != db.Clock.Now() {
			t.Errorf("confirmed %v", got.ConfirmedAt)
		}
		if err := db.ConfirmSession(t.Context(), "ses_other"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("of nobody: %v", err)
		}
	})
}
