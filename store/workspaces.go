package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// WorkspaceInfo is what a workspace says about itself.
type WorkspaceInfo struct {
	ID        string
	Name      string
	TimeZone  string // of the IANA database: analytics count its calendar days
	Currency  string // ISO 4217: a workspace has one
	CreatedAt time.Time
	// ChangedAt is the time of the last Tx that changed something. In microseconds it is the workspace's version.
	ChangedAt time.Time
}

// NewWorkspace is what a caller decides about a workspace.
type NewWorkspace struct {
	Name       string
	TimeZone   string
	Currency   string
	OwnerEmail string
}

// check holds the rules that a workspace must meet whoever asks.
func (in NewWorkspace) check() error {
	if strings.TrimSpace(in.Name) == "" {
		return &Invalid{Field: "/name", Issue: "must not be empty"}
	}
	if _, err := time.LoadLocation(in.TimeZone); err != nil || in.TimeZone == "" || in.TimeZone == "Local" {
		return &Invalid{Field: "/timeZone", Issue: "must be a time zone of the IANA database, such as Europe/Berlin"}
	}
	if len(in.Currency) != 3 || strings.ToUpper(in.Currency) != in.Currency {
		return &Invalid{Field: "/currency", Issue: "must be three capital letters of ISO 4217, such as EUR"}
	}
	if name, host, ok := strings.Cut(in.OwnerEmail, "@"); !ok || name == "" || host == "" || strings.Contains(host, "@") {
		return &Invalid{Field: "/ownerEmail", Issue: "must be an e-mail address"}
	}
	return nil
}

// CreateWorkspace makes a workspace with its owner. A person who owns another workspace already is kept.
func (s *Store) CreateWorkspace(ctx context.Context, in NewWorkspace) (WorkspaceInfo, error) {
	if err := in.check(); err != nil {
		return WorkspaceInfo{}, err
	}
	now, err := s.Clock(ctx)
	if err != nil {
		return WorkspaceInfo{}, err
	}
	id, err := newID(prefixWorkspace, now, s.rand)
	if err != nil {
		return WorkspaceInfo{}, err
	}
	now = fromMicros(micros(now))
	info := WorkspaceInfo{ID: id, Name: in.Name, TimeZone: in.TimeZone, Currency: in.Currency, CreatedAt: now, ChangedAt: now}
	begun, err := s.begin(ctx)
	if err != nil {
		return WorkspaceInfo{}, err
	}
	defer func() { _ = begun.Rollback() }() // without effect after Commit
	_, err = begun.ExecContext(ctx, `INSERT INTO workspaces (id, name, time_zone, currency, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $5)`, id, in.Name, in.TimeZone, in.Currency, micros(now))
	if err != nil {
		return WorkspaceInfo{}, fmt.Errorf("create workspace: %w", noun(err))
	}
	if err := s.addOwner(ctx, begun, info, in.OwnerEmail); err != nil {
		return WorkspaceInfo{}, fmt.Errorf("create workspace: %w", noun(err))
	}
	return info, begun.Commit()
}

func (s *Store) addOwner(ctx context.Context, tx *sql.Tx, workspace WorkspaceInfo, email string) error {
	userID, err := newID(prefixUser, workspace.CreatedAt, s.rand)
	if err != nil {
		return err
	}
	now := micros(workspace.CreatedAt)
	_, err = tx.ExecContext(ctx, `INSERT INTO users (id, email, email_folded, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $4) ON CONFLICT (email_folded) DO NOTHING`, userID, email, fold(email), now)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
		SELECT $1, id, 'owner', $3 FROM users WHERE email_folded = $2`, workspace.ID, fold(email), now)
	return err
}

const workspaceColumns = `id, name, time_zone, currency, created_at, changed_at`

func scanWorkspace(row *sql.Rows, info *WorkspaceInfo) error {
	return row.Scan(&info.ID, &info.Name, &info.TimeZone, &info.Currency, at(&info.CreatedAt), at(&info.ChangedAt))
}

// Info reads the workspace's own row. ErrNotFound if there is none.
func (w *Workspace) Info(ctx context.Context) (WorkspaceInfo, error) {
	return readInfo(ctx, w.scope)
}

// Info reads the workspace's own row as the Tx sees it.
func (tx *Tx) Info(ctx context.Context) (WorkspaceInfo, error) {
	return readInfo(ctx, tx.scope)
}

func readInfo(ctx context.Context, s scope) (WorkspaceInfo, error) {
	return scanOne(ctx, s, sqlQuery{text: `SELECT ` + workspaceColumns + ` FROM workspaces WHERE id = $1`}, scanWorkspace)
}

// Workspaces lists all workspaces, oldest first. It is for the operator's command line, never for a tenant.
func (s *Store) Workspaces(ctx context.Context) ([]WorkspaceInfo, error) {
	found, err := s.reader.Statement.ConnPool.QueryContext(ctx,
		`SELECT `+workspaceColumns+` FROM workspaces ORDER BY created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("list workspaces: %w", err)
	}
	defer found.Close()
	var list []WorkspaceInfo
	for found.Next() {
		var info WorkspaceInfo
		if err := scanWorkspace(found, &info); err != nil {
			return nil, err
		}
		list = append(list, info)
	}
	return list, found.Err()
}
