package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ResetLife is how long a link to set a new password may be used: who asked for it is waiting for the mail.
const ResetLife = 30 * time.Minute

const (
	// maxResets is how many links of one person may be open: more requests send no mail until they are used or over.
	maxResets = 3
	// maxResetRequests is how many requests may wait for the job at a time, from whomever.
	maxResetRequests = 1000

	prefixReset = "rst_"
)

// RequestReset notes that somebody has forgotten the password to an address. It does the same, and takes the same time,
// whether anybody has that address: a job looks, with DueResets.
func (s *Store) RequestReset(ctx context.Context, email string) error {
	now, err := s.Clock(ctx)
	if err != nil {
		return err
	}
	id, err := newID(prefixReset, now, s.rand)
	if err != nil {
		return err
	}
	_, err = s.writer.Statement.ConnPool.ExecContext(ctx, `INSERT INTO password_reset_requests (id, created_at, email_folded)
		SELECT $1, $2, $3 WHERE (SELECT count(*) FROM password_reset_requests) < $4`,
		id, micros(now), fold(clip(email, maxEmailBytes)), maxResetRequests)
	return wrap("request a new password", noun(err))
}

// DueResets finds requests of people, each with the workspace that they joined first, and forgets those of nobody
// and those that are older than a link would live: whoever asked has gone, or has asked again.
func (s *Store) DueResets(ctx context.Context, limit int) ([]Due, error) {
	const member = `SELECT m.workspace_id FROM users u JOIN workspace_members m ON m.user_id = u.id
		WHERE u.email_folded = r.email_folded ORDER BY m.created_at, m.workspace_id LIMIT 1`
	found, err := s.due(ctx, fmt.Sprintf(`SELECT CASE WHEN r.created_at > {now} - %d THEN COALESCE((%s), '') ELSE '' END, r.id
		FROM password_reset_requests r ORDER BY r.created_at LIMIT $1`, ResetLife.Microseconds(), member), limit)
	if err != nil {
		return nil, fmt.Errorf("find requests for new passwords: %w", err)
	}
	people := found[:0]
	for _, due := range found {
		if due.WorkspaceID != "" {
			people = append(people, due)
			continue
		}
		if _, err := s.writer.Statement.ConnPool.ExecContext(ctx, `DELETE FROM password_reset_requests WHERE id = $1`, due.ID); err != nil {
			return nil, fmt.Errorf("forget a request for a new password: %w", noun(err))
		}
	}
	return people, nil
}

// StartReset turns a request into a token for the link, to be mailed to the address in the same Tx. The token is empty
// if enough links of that person are open. ErrNotFound if another process has done it.
func (tx *Tx) StartReset(ctx context.Context, requestID string) (email, token string, err error) {
	db, ok := tx.scope.db.Statement.ConnPool.(connection)
	if !ok {
		return "", "", errors.New("a Tx has no connection")
	}
	person, err := only(readAll(ctx, db, sqlQuery{
		text: `SELECT u.id, u.email, (SELECT count(*) FROM password_resets p WHERE p.user_id = u.id AND p.expires_at > $2)
			FROM password_reset_requests r JOIN users u ON u.email_folded = r.email_folded WHERE r.id = $1`,
		args: []any{requestID, micros(tx.now)},
	}, func(row *sql.Rows, p *forgetful) error { return row.Scan(&p.userID, &p.email, whole(&p.open)) }))
	if err != nil {
		return "", "", fmt.Errorf("find a request: %w", err)
	}
	done, err := db.ExecContext(ctx, `DELETE FROM password_reset_requests WHERE id = $1`, requestID)
	if err != nil {
		return "", "", noun(err)
	}
	n, err := done.RowsAffected()
	if err := affected(int(n), err); err != nil || person.open >= maxResets {
		return "", "", err
	}
	if err := tx.audit(ctx, System, "password.reset_requested", person.userID); err != nil {
		return "", "", err
	}
	token, err = tx.store.insertReset(ctx, db, person.userID, resetTimes{tx.now, tx.now.Add(ResetLife)})
	return person.email, token, err
}

// forgetful is a person who asked for a new password, with how many links of theirs are open.
type forgetful struct {
	userID, email string
	open          int
}

type resetTimes struct{ from, until time.Time }

func (s *Store) insertReset(ctx context.Context, db connection, userID string, t resetTimes) (string, error) {
	token, hash, err := newSecretToken(s.rand)
	if err != nil {
		return "", err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`,
		hash, userID, micros(t.from), micros(t.until))
	return token, wrap("keep a reset", noun(err))
}

// CreateReset makes a token by which a person can set a password, for an operator to pass on. It lives as long as an
// invitation. ErrReference if there is no such person.
func (s *Store) CreateReset(ctx context.Context, userID string) (token string, err error) {
	now, err := s.Clock(ctx)
	if err != nil {
		return "", err
	}
	err = s.inTx(ctx, func(db connection) (err error) {
		token, err = s.insertReset(ctx, db, userID, resetTimes{now, now.Add(InvitationLife)})
		return err
	})
	return token, err
}

// Reset is whose password a token may set. ErrNotFound if it is unknown, was used, or is over: nobody learns which.
func (s *Store) Reset(ctx context.Context, token string) (userID string, err error) {
	return s.findReset(ctx, s.reader.Statement.ConnPool, token)
}

func (s *Store) findReset(ctx context.Context, db querier, token string) (userID string, err error) {
	hash, ok := hashSecretToken(token)
	if !ok {
		return "", ErrNotFound
	}
	return only(readAll(ctx, db, sqlQuery{
		text: s.sql(`SELECT user_id FROM password_resets WHERE token_hash = $1 AND expires_at > {now}`), args: []any{hash},
	}, scanText))
}

// UseReset sets the password of the token's person, once, ends all their sessions, and returns their id. ErrNotFound as
// for Reset.
func (s *Store) UseReset(ctx context.Context, token, passwordHash string) (userID string, err error) {
	err = s.inTx(ctx, func(db connection) error {
		if userID, err = s.findReset(ctx, db, token); err != nil {
			return err
		}
		hash, _ := hashSecretToken(token)
		done, err := db.ExecContext(ctx, `DELETE FROM password_resets WHERE token_hash = $1`, hash)
		if err != nil {
			return noun(err)
		}
		n, err := done.RowsAffected()
		if err := affected(int(n), err); err != nil { // somebody else used it just now
			return err
		}
		return s.setPassword(ctx, db, userID, passwordHash)
	})
	if err != nil {
		return "", fmt.Errorf("use a reset: %w", err)
	}
	return userID, nil
}

// RemoveOldResets deletes at most batch links that are over, and returns how many it was.
func (s *Store) RemoveOldResets(ctx context.Context, batch int) (int64, error) {
	return s.removePast(ctx, "resets", `DELETE FROM password_resets WHERE token_hash IN (
		SELECT token_hash FROM password_resets WHERE expires_at <= {now} LIMIT $1)`, batch)
}
