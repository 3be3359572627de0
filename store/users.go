package store

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"
)

// Credentials are what a sign-in is checked against.
type Credentials struct {
	UserID       string
	PasswordHash string // empty: no password was set yet
}

// Credentials finds a person by e-mail address, whatever its case. ErrNotFound if there is none.
func (s *Store) Credentials(ctx context.Context, email string) (Credentials, error) {
	return only(readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
		text: `SELECT id, password_hash FROM users WHERE email_folded = $1`, args: []any{fold(clip(email, maxEmailBytes))},
	}, func(row *sql.Rows, c *Credentials) error { return row.Scan(&c.UserID, &c.PasswordHash) }))
}

// SetPassword gives a person a new password and ends all their sessions, and all links by which they could set one. What
// was guessed at their account is forgotten: strangers who keep guessing must not keep them out.
func (s *Store) SetPassword(ctx context.Context, userID, hash string) error {
	err := s.inTx(ctx, func(db connection) error { return s.setPassword(ctx, db, userID, hash) })
	return wrap("set the password of "+userID, err)
}

func (s *Store) setPassword(ctx context.Context, db connection, userID, hash string) error {
	email, err := only(readAll(ctx, db, sqlQuery{
		text: s.sql(`UPDATE users SET password_hash = $2, updated_at = {now} WHERE id = $1 RETURNING email_folded`),
		args: []any{userID, hash},
	}, scanText))
	if err != nil {
		return err
	}
	if err := forgetGuesses(ctx, db, email); err != nil {
		return err
	}
	for _, table := range []string{"sessions", "password_resets"} {
		if _, err := db.ExecContext(ctx, `DELETE FROM `+table+` WHERE user_id = $1`, userID); err != nil {
			return noun(err)
		}
	}
	return nil
}

// maxEmailBytes is more than an address of 254 characters ever has.
const maxEmailBytes = 1024

// clip is what both databases can store of a text that a client sent as it liked: UTF-8 without NUL, cut to a
// number of bytes.
func clip(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// Membership is a workspace that a person belongs to.
type Membership struct{ WorkspaceID, WorkspaceName, Role string }

// Memberships are the workspaces of a person, who joined first first, 200 at most.
func (s *Store) Memberships(ctx context.Context, userID string) ([]Membership, error) {
	list, err := readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
		text: `SELECT m.workspace_id, w.name, m.role FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
			WHERE m.user_id = $1 ORDER BY m.created_at, m.workspace_id LIMIT 200`, args: []any{userID},
	}, func(row *sql.Rows, m *Membership) error { return row.Scan(&m.WorkspaceID, &m.WorkspaceName, &m.Role) })
	return list, wrap("list the workspaces of "+userID, err)
}
