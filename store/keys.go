package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of a new key that names none, and the number of live keys that one workspace may have.
const (
	DefaultMinuteLimit = 60
	DefaultDayLimit    = 1000
	MaxLiveKeys        = 100
)

// The longest name and note of a key, in characters.
const (
	maxKeyName = 200
	maxKeyNote = 1000
)

// Key is an API key without its secret, which only the caller of CreateKey ever sees.
type Key struct {
	ID          string
	WorkspaceID string
	Name        string
	Note        string
	Hint        string // the first characters of the token, to recognise it by
	Scopes      []string
	MinuteLimit int
	DayLimit    int
	CreatedAt   time.Time
	CreatedBy   string
	ExpiresAt   *time.Time // from this moment on the key is refused
	LastUsedAt  *time.Time
	RevokedAt   *time.Time
	RevokedBy   string
}

// NewKey is what a caller decides about a key. Limits of 0 are the defaults.
type NewKey struct {
	Name        string
	Note        string
	Scopes      []string
	ExpiresAt   *time.Time
	MinuteLimit int
	DayLimit    int
	CreatedBy   string
}

// CreateKey makes a key and returns its secret, which cannot be had again: only its SHA-256 is stored.
func (tx *Tx) CreateKey(ctx context.Context, in NewKey) (Key, string, error) {
	if err := tx.checkNewKey(ctx, in); err != nil {
		return Key{}, "", err
	}
	id, err := tx.newID(prefixKey)
	if err != nil {
		return Key{}, "", err
	}
	secret, err := newToken(tx.store.rand)
	if err != nil {
		return Key{}, "", err
	}
	key := Key{
		ID: id, WorkspaceID: tx.WorkspaceID(), Name: in.Name, Note: in.Note, Hint: secret[:hintLength],
		Scopes: in.Scopes, MinuteLimit: in.MinuteLimit, DayLimit: in.DayLimit,
		CreatedAt: tx.now, CreatedBy: in.CreatedBy, ExpiresAt: in.ExpiresAt,
	}
	if key.MinuteLimit == 0 {
		key.MinuteLimit = DefaultMinuteLimit
	}
	if key.DayLimit == 0 {
		key.DayLimit = DefaultDayLimit
	}
	return key, secret, tx.insertKey(ctx, key, sha256.Sum256([]byte(secret)))
}

// checkNewKey holds the rules that a key's attributes must meet whoever asks.
func (tx *Tx) checkNewKey(ctx context.Context, in NewKey) error {
	switch {
	case strings.TrimSpace(in.Name) == "":
		return &Invalid{Field: "/name", Issue: "must not be empty"}
	case strings.ContainsFunc(in.Name, unicode.IsControl) || !utf8.ValidString(in.Name):
		return &Invalid{Field: "/name", Issue: "must be one line of text"}
	case strings.Contains(in.Note, "\x00") || !utf8.ValidString(in.Note):
		return &Invalid{Field: "/note", Issue: "must be text"}
	case utf8.RuneCountInString(in.Name) > maxKeyName:
		return &Invalid{Field: "/name", Issue: fmt.Sprintf("must have at most %d characters", maxKeyName)}
	case utf8.RuneCountInString(in.Note) > maxKeyNote:
		return &Invalid{Field: "/note", Issue: fmt.Sprintf("must have at most %d characters", maxKeyNote)}
	case len(in.Scopes) == 0:
		return &Invalid{Field: "/scopes", Issue: "must name at least one scope"}
	case slices.ContainsFunc(in.Scopes, func(scope string) bool { return scope == "" || strings.ContainsAny(scope, " \t\r\n") }):
		return &Invalid{Field: "/scopes", Issue: "must be names of scopes"}
	case in.MinuteLimit < 0:
		return &Invalid{Field: "/minuteLimit", Issue: "must not be negative"}
	case in.DayLimit < 0:
		return &Invalid{Field: "/dayLimit", Issue: "must not be negative"}
	case in.ExpiresAt != nil && !in.ExpiresAt.After(tx.now):
		return &Invalid{Field: "/expiresAt", Issue: "must be in the future"}
	}
	live, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT count(*) FROM api_keys
			WHERE workspace_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
		args: []any{micros(tx.now)},
	}, func(row *sql.Rows, n *int) error { return row.Scan(n) })
	if err == nil && live >= MaxLiveKeys {
		return &Invalid{Field: "", Issue: fmt.Sprintf("the workspace has %d live keys: revoke one first", live)}
	}
	return err
}

func (tx *Tx) insertKey(ctx context.Context, key Key, hash [32]byte) error {
	_, err := tx.scope.exec(ctx, `INSERT INTO api_keys (workspace_id, id, token_hash, hint, name, note, scopes,
			minute_limit, day_limit, created_at, created_by, expires_at, revoked_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '')`,
		key.ID, hash[:], key.Hint, key.Name, key.Note, strings.Join(key.Scopes, " "),
		key.MinuteLimit, key.DayLimit, micros(key.CreatedAt), key.CreatedBy, microsOrNil(key.ExpiresAt))
	return err
}

// RevokeKey ends a key for good: it is refused from the very next call on, on every process. Revoking a revoked key
// changes nothing.
func (tx *Tx) RevokeKey(ctx context.Context, id, by string) error {
	n, err := tx.scope.exec(ctx, `UPDATE api_keys SET revoked_at = $3, revoked_by = $4
		WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL`, id, micros(tx.now), by)
	if err != nil || n > 0 {
		return err
	}
	_, err = scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT id FROM api_keys WHERE workspace_id = $1 AND id = $2`, args: []any{id},
	}, func(row *sql.Rows, found *string) error { return row.Scan(found) })
	return err
}

const keyColumns = `k.id, k.workspace_id, k.name, k.note, k.hint, k.scopes, k.minute_limit, k.day_limit,
	k.created_at, k.created_by, k.expires_at, k.revoked_at, k.revoked_by`

// targets are in the order of keyColumns. read makes the scopes a list.
func (k *Key) targets(scopes *string) []any {
	return []any{&k.ID, &k.WorkspaceID, &k.Name, &k.Note, &k.Hint, scopes, &k.MinuteLimit, &k.DayLimit,
		at(&k.CreatedAt), &k.CreatedBy, atOrNil(&k.ExpiresAt), atOrNil(&k.RevokedAt), &k.RevokedBy}
}

func (k *Key) read(scopes *string, err error) error {
	k.Scopes = strings.Fields(*scopes)
	return err
}

func scanKey(row *sql.Rows, key *Key) error {
	var scopes string
	return key.read(&scopes, row.Scan(key.targets(&scopes)...))
}

// Keys lists all keys, revoked ones included, newest first. LastUsedAt is exact as of the last admitted call.
func (w *Workspace) Keys(ctx context.Context) ([]Key, error) {
	keys, err := scanAll(ctx, w.scope, sqlQuery{
		text: `SELECT ` + keyColumns + ` FROM api_keys k WHERE k.workspace_id = $1 ORDER BY k.created_at DESC, k.id DESC`,
	}, scanKey)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = key.ID
	}
	uses, err := w.store.keyUses(ctx, ids)
	for i := range keys {
		keys[i].LastUsedAt = uses[keys[i].ID].lastUsedAt
	}
	return keys, err
}
