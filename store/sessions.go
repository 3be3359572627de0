package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"time"
)

// A session ends when nobody has used it for SessionIdle, and at the latest SessionLife after its start.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 14 * 24 * time.Hour
	// sessionTouch is how far LastSeenAt may lag behind, so that a page costs no write: idleness may be counted from as
	// much earlier than the last use.
	sessionTouch = time.Minute
)

const prefixSession = "ses_"

// Session is a person at work in one workspace. The token that opens it is not part of it.
type Session struct {
	ID            string // safe to show and to log
	UserID        string
	Email         string
	WorkspaceID   string
	WorkspaceName string
	TimeZone      string
	Currency      string
	Role          string // Owner, Admin, Developer or Viewer, as of now
	CreatedAt     time.Time
	LastSeenAt    time.Time // at most a minute behind
	ConfirmedAt   time.Time // when the password was last given
	Address       string    // of the client that signed in
	UserAgent     string    // what that client calls itself, cut to 300 bytes
}

// NewSession is who signs in, and from where. An empty WorkspaceID is the workspace that they joined first.
type NewSession struct {
	UserID      string
	WorkspaceID string
	Address     string
	UserAgent   string
	// Continues is a session of the same person that this one goes on with, in another workspace or role. No password
	// came with it, so its start and its last password are those of that one, which ends if it has not yet.
	Continues Session
}

// StartSession signs a person in whose password was just checked, or goes on with a session of theirs, and returns the
// token for their browser, which cannot be had again. ErrNotFound if they are no member of the workspace, or of any.
func (s *Store) StartSession(ctx context.Context, in NewSession) (session Session, token string, err error) {
	token, hash, err := newSecretToken(s.rand)
	if err != nil {
		return Session{}, "", err
	}
	now, err := s.Clock(ctx)
	if err != nil {
		return Session{}, "", err
	}
	id, err := newID(prefixSession, now, s.rand)
	if err != nil {
		return Session{}, "", err
	}
	created, confirmed := now, now
	if in.Continues.ID != "" {
		created, confirmed = in.Continues.CreatedAt, in.Continues.ConfirmedAt
	}
	err = s.inTx(ctx, func(db connection) error {
		_, err := db.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, in.UserID, in.Continues.ID)
		if err != nil {
			return noun(err)
		}
		done, err := db.ExecContext(ctx, `INSERT INTO sessions (id, token_hash, user_id, workspace_id, created_at, last_seen_at,
				confirmed_at, address, user_agent)
			SELECT $1, $2, m.user_id, m.workspace_id, $8, $3, $9, $4, $5 FROM workspace_members m
			WHERE m.user_id = $6 AND (m.workspace_id = $7 OR $7 = '') ORDER BY m.created_at, m.workspace_id LIMIT 1`,
			id, hash, micros(now), clip(in.Address, 300), clip(in.UserAgent, 300), in.UserID, in.WorkspaceID,
			micros(created), micros(confirmed))
		if err != nil {
			return noun(err)
		}
		n, err := done.RowsAffected()
		if err := affected(int(n), err); err != nil {
			return err
		}
		session, err = oneSession(ctx, db, s.sql(liveSessions)+` AND s.id = $3`, id)
		return err
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("start a session of %s: %w", in.UserID, err)
	}
	return session, token, nil
}

// liveSessions are the sessions that count now; $1 and $2 are SessionIdle and SessionLife.
const liveSessions = `SELECT s.id, s.user_id, u.email, s.workspace_id, w.name, w.time_zone, w.currency, m.role,
		s.created_at, s.last_seen_at, s.confirmed_at, s.address, s.user_agent, {now}
	FROM sessions s
	JOIN users u ON u.id = s.user_id
	JOIN workspaces w ON w.id = s.workspace_id
	JOIN workspace_members m ON m.workspace_id = s.workspace_id AND m.user_id = s.user_id
	WHERE s.last_seen_at > {now} - $1 AND s.created_at > {now} - $2`

// seenSession is a session and the time at which it was read.
type seenSession struct {
	Session
	now time.Time
}

func scanSession(row *sql.Rows, s *seenSession) error {
	return row.Scan(&s.ID, &s.UserID, &s.Email, &s.WorkspaceID, &s.WorkspaceName, &s.TimeZone, &s.Currency, &s.Role,
		at(&s.CreatedAt), at(&s.LastSeenAt), at(&s.ConfirmedAt), &s.Address, &s.UserAgent, at(&s.now))
}

func readSessions(ctx context.Context, db querier, text string, args ...any) ([]seenSession, error) {
	args = append([]any{SessionIdle.Microseconds(), SessionLife.Microseconds()}, args...)
	return readAll(ctx, db, sqlQuery{text: text, args: args}, scanSession)
}

func oneSession(ctx context.Context, db querier, text string, args ...any) (Session, error) {
	found, err := only(readSessions(ctx, db, text, args...))
	return found.Session, err
}

// Session is the session that a token opens, with one query. ErrUnauthorized if the token is unknown, the session is
// over, or its person is no longer a member of its workspace: nobody learns which.
func (s *Store) Session(ctx context.Context, token string) (Session, error) {
	seen, err := s.openSession(ctx, token)
	if err != nil || seen.now.Sub(seen.LastSeenAt) < sessionTouch {
		return seen.Session, err
	}
	seen.LastSeenAt = seen.now
	_, err = s.writer.Statement.ConnPool.ExecContext(ctx,
		`UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2`, seen.ID, micros(seen.now))
	return seen.Session, wrap("touch a session", noun(err))
}

// UnusedSession is Session for what nobody did: it does not count as a use.
func (s *Store) UnusedSession(ctx context.Context, token string) (Session, error) {
	seen, err := s.openSession(ctx, token)
	return seen.Session, err
}

func (s *Store) openSession(ctx context.Context, token string) (seenSession, error) {
	hash, ok := hashSecretToken(token)
	if !ok {
		return seenSession{}, ErrUnauthorized
	}
	found, err := readSessions(ctx, s.reader.Statement.ConnPool, s.sql(liveSessions)+` AND s.token_hash = $3`, hash)
	if err != nil {
		return seenSession{}, fmt.Errorf("find a session: %w", err)
	}
	if len(found) == 0 {
		return seenSession{}, ErrUnauthorized
	}
	return found[0], nil
}

// ConfirmSession records that the person of a session has given the password again.
func (s *Store) ConfirmSession(ctx context.Context, id string) error {
	done, err := s.writer.Statement.ConnPool.ExecContext(ctx,
		s.sql(`UPDATE sessions SET confirmed_at = {now} WHERE id = $1`), id)
	if err != nil {
		return fmt.Errorf("confirm a session: %w", noun(err))
	}
	n, err := done.RowsAffected()
	return affected(int(n), err)
}

// Sessions are all sessions of a person that count, in whichever workspace, the one used last first.
func (s *Store) Sessions(ctx context.Context, userID string) ([]Session, error) {
	found, err := readSessions(ctx, s.reader.Statement.ConnPool,
		s.sql(liveSessions)+` AND s.user_id = $3 ORDER BY s.last_seen_at DESC, s.id DESC LIMIT 200`, userID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list := make([]Session, len(found))
	for i, seen := range found {
		list[i] = seen.Session
	}
	return list, nil
}

// EndSession ends one session of a person, from the next request on. ErrNotFound if they have no such session.
func (s *Store) EndSession(ctx context.Context, userID, id string) error {
	done, err := s.writer.Statement.ConnPool.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, userID, id)
	if err != nil {
		return fmt.Errorf("end a session: %w", noun(err))
	}
	n, err := done.RowsAffected()
	return affected(int(n), err)
}

// EndSession ends one session of a person, in whichever workspace, together with what else the Tx does.
func (tx *Tx) EndSession(ctx context.Context, userID, id string) error {
	done, err := tx.scope.db.Statement.ConnPool.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, userID, id)
	if err != nil {
		return fmt.Errorf("end a session: %w", noun(err))
	}
	n, err := done.RowsAffected()
	return affected(int(n), err)
}

// EndSessions ends all sessions of a person but one; an empty exceptID spares none.
func (s *Store) EndSessions(ctx context.Context, userID, exceptID string) error {
	_, err := s.writer.Statement.ConnPool.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, userID, exceptID)
	return wrap("end sessions", noun(err))
}

// RemoveOldSessions deletes at most batch sessions that are over, and returns how many it was.
func (s *Store) RemoveOldSessions(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "sessions", `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
		WHERE last_seen_at <= {now} - $1 OR created_at <= {now} - $2 LIMIT $3)`,
		SessionIdle.Microseconds(), SessionLife.Microseconds(), batch)
}

// removePast deletes rows that are past their time, in a transaction of its own.
func (s *Store) removePast(ctx context.Context, what, text string, args ...any) (removed int64, err error) {
	err = s.inTx(ctx, func(db connection) error {
		done, err := db.ExecContext(ctx, s.sql(text), args...)
		if err != nil {
			return noun(err)
		}
		removed, err = done.RowsAffected()
		return err
	})
	return removed, wrap("remove old "+what, err)
}

// secretTokenBytes is what a browser or a link holds: 256 bits.
const secretTokenBytes = 32

// newSecretToken makes a token for a cookie or a link, and the hash under which the database knows it.
func newSecretToken(random io.Reader) (token string, hash []byte, err error) {
	var secret [secretTokenBytes]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", nil, fmt.Errorf("make a token: %w", err)
	}
	sum := sha256.Sum256(secret[:])
	return base64.RawURLEncoding.EncodeToString(secret[:]), sum[:], nil
}

// hashSecretToken is false for what can be no token of ours.
func hashSecretToken(token string) ([]byte, bool) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(secret) != secretTokenBytes {
		return nil, false
	}
	sum := sha256.Sum256(secret)
	return sum[:], true
}
