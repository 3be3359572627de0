package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Member is a person in a workspace.
type Member struct {
	UserID      string
	Email       string
	Role        string
	JoinedAt    time.Time
	LastSeenAt  *time.Time // of the sessions in this workspace that count; nil if there is none
	HasPassword bool       // whether they can sign in
}

// memberColumns read a member; {now} and the two bounds are those of liveSessions.
const memberColumns = `m.user_id, u.email, m.role, m.created_at, u.password_hash <> '', (
		SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = m.user_id AND s.workspace_id = m.workspace_id
			AND s.last_seen_at > {now} - $2 AND s.created_at > {now} - $3)
	FROM workspace_members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1`

func scanMember(row *sql.Rows, m *Member) error {
	return row.Scan(&m.UserID, &m.Email, &m.Role, at(&m.JoinedAt), &m.HasPassword, atOrNil(&m.LastSeenAt))
}

func readMembers(ctx context.Context, store *Store, s scope, more string, args ...any) ([]Member, error) {
	return scanAll(ctx, s, sqlQuery{
		text: store.sql(`SELECT ` + memberColumns + more),
		args: append([]any{SessionIdle.Microseconds(), SessionLife.Microseconds()}, args...),
	}, scanMember)
}

// Members are the people of the workspace, who came first first, MaxMembers at most.
func (w *Workspace) Members(ctx context.Context) ([]Member, error) {
	list, err := readMembers(ctx, w.store, w.scope, ` ORDER BY m.created_at, m.user_id LIMIT $4`, MaxMembers)
	return list, wrap("list members", err)
}

// Member is one person of the workspace, as the Tx sees them. ErrNotFound if they are no member.
func (tx *Tx) Member(ctx context.Context, userID string) (Member, error) {
	found, err := only(readMembers(ctx, tx.store, tx.scope, ` AND m.user_id = $4`, userID))
	return found, wrap("find member "+userID, err)
}

// ChangeMemberRole gives a member another role and ends their sessions in the workspace, so that what they may do from
// now on is done in a new one. What they had invited with more power is taken back. The last owner stays one. ErrNotFound
// if they are no member.
func (tx *Tx) ChangeMemberRole(ctx context.Context, userID, role string) error {
	if err := knownRole(role); err != nil {
		return err
	}
	member, err := tx.Member(ctx, userID)
	if err != nil || member.Role == role {
		return err
	}
	if err := tx.sparesAnOwner(ctx, member, "/role"); err != nil {
		return err
	}
	if slices.Index(Roles, role) > slices.Index(Roles, member.Role) {
		if err := tx.withdrawInvitationsBy(ctx, userID); err != nil {
			return err
		}
	}
	_, err = tx.scope.exec(ctx, `UPDATE workspace_members SET role = $3 WHERE workspace_id = $1 AND user_id = $2`, userID, role)
	if err != nil {
		return fmt.Errorf("change the role of %s: %w", userID, err)
	}
	return tx.endSessionsOf(ctx, userID)
}

// RemoveMember takes a person out of the workspace, with their sessions in it and the open invitations that they made:
// none of them is a way back. The last owner stays. ErrNotFound if they are no member.
func (tx *Tx) RemoveMember(ctx context.Context, userID string) error {
	member, err := tx.Member(ctx, userID)
	if err != nil {
		return err
	}
	if err := tx.sparesAnOwner(ctx, member, ""); err != nil {
		return err
	}
	if err := tx.endSessionsOf(ctx, userID); err != nil {
		return err
	}
	if err := tx.withdrawInvitationsBy(ctx, userID); err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2`, userID)
	return wrap("remove member "+userID, err)
}

// sparesAnOwner refuses to lose the last owner. The Tx holds the workspace, so two owners cannot remove each other.
func (tx *Tx) sparesAnOwner(ctx context.Context, leaving Member, field string) error {
	if leaving.Role != Owner {
		return nil
	}
	owners, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT count(*) FROM workspace_members WHERE workspace_id = $1 AND role = 'owner'`,
	}, func(row *sql.Rows, n *int) error { return row.Scan(whole(n)) })
	if err == nil && owners < 2 {
		return &Invalid{Field: field, Issue: "is the last owner: make somebody else an owner first"}
	}
	return wrap("count owners", err)
}

func (tx *Tx) endSessionsOf(ctx context.Context, userID string) error {
	_, err := tx.scope.exec(ctx, `DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2`, userID)
	return wrap("end the sessions of "+userID, err)
}

// addMember makes a person a member unless they are one.
func (tx *Tx) addMember(ctx context.Context, userID, role string) error {
	_, err := tx.scope.exec(ctx, `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, user_id) DO NOTHING`, userID, role, micros(tx.now))
	return wrap("add member "+userID, err)
}

// person finds or makes the person with an e-mail address; the hash is for one who has no password yet, and may be empty.
func (tx *Tx) person(ctx context.Context, email, hash string) (userID string, err error) {
	id, err := tx.newID(prefixUser)
	if err != nil {
		return "", err
	}
	db, ok := tx.scope.db.Statement.ConnPool.(connection)
	if !ok {
		return "", errors.New("a Tx has no connection")
	}
	_, err = db.ExecContext(ctx, `INSERT INTO users (id, email, email_folded, created_at, updated_at, password_hash)
		VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (email_folded) DO UPDATE SET updated_at = excluded.updated_at,
			password_hash = CASE WHEN users.password_hash = '' THEN excluded.password_hash ELSE users.password_hash END`,
		id, email, fold(email), micros(tx.now), hash)
	if err != nil {
		return "", fmt.Errorf("find or make a person: %w", noun(err))
	}
	return only(readAll(ctx, db, sqlQuery{text: `SELECT id FROM users WHERE email_folded = $1`, args: []any{fold(email)}}, scanText))
}
