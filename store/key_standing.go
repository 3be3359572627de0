package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// KeyStanding is a key with what its users ask about it at this moment.
type KeyStanding struct {
	Key
	// Creator is the e-mail of the member who made the key, or CreatedBy where that is nobody's id.
	Creator    string
	ReplacedBy string // the id of the key that took its place; "" if none did
	// LastAddress is where its newest call came from; "" if the log has none.
	LastAddress string
	// Minute and Day are what the rate headers of the key's last call would show if it were made now.
	Minute, Day Window
	// AsOf is the time of the clock that decides, at which the quota was read.
	AsOf time.Time
}

// Live reports whether a call with the key is let in.
func (k KeyStanding) Live() bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || k.ExpiresAt.After(k.AsOf))
}

// standingColumns find the newest line of each key by the primary key of the log.
const standingColumns = keyColumns + `, COALESCE(k.replaced_by, ''), COALESCE(u.email, k.created_by), COALESCE((
		SELECT l.address FROM request_log l WHERE l.workspace_id = k.workspace_id AND l.key_id = k.id
		ORDER BY l.created_at DESC, l.id DESC LIMIT 1), '')`

const standingTables = `api_keys k LEFT JOIN users u ON u.id = k.created_by`

// endedNow and liveNow are about the clock that decides.
const (
	endedNow = `(k.revoked_at IS NOT NULL OR k.expires_at <= {now})`
	liveNow  = `k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > {now})`
)

func scanStanding(row *sql.Rows, k *KeyStanding) error {
	var scopes string
	return k.read(&scopes, row.Scan(append(k.Key.targets(&scopes), &k.ReplacedBy, &k.Creator, &k.LastAddress)...))
}

// LiveKeys are the keys that calls can be made with, at most MaxLiveKeys, newest first, with what is left of their
// quotas. Two statements, of which one reads the counters.
func (w *Workspace) LiveKeys(ctx context.Context) ([]KeyStanding, error) {
	keys, err := scanAll(ctx, w.scope, sqlQuery{
		text: w.store.sql(`SELECT ` + standingColumns + ` FROM ` + standingTables + `
			WHERE k.workspace_id = $1 AND ` + liveNow + ` ORDER BY k.created_at DESC, k.id DESC`),
	}, scanStanding)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return keys, w.stand(ctx, keys)
}

// EndedKeys lists the keys that were revoked or have expired, newest first, without their quotas.
func (w *Workspace) EndedKeys(ctx context.Context, opt ListOptions) (Page[KeyStanding], error) {
	list := listing[KeyStanding]{
		name: "ended keys", columns: standingColumns, from: standingTables, alias: "k", scan: scanStanding,
		stand:      func(k *KeyStanding) (time.Time, time.Time, string) { return k.CreatedAt, k.CreatedAt, k.ID },
		conditions: w.store.sql(" AND " + endedNow),
	}
	opt.UpdatedSince = nil
	return list.read(ctx, w, opt)
}

// FindKey is one key, live or ended, without what the counters say: LastUsedAt, the quotas and AsOf are empty.
// ErrNotFound for a key of another workspace.
func (w *Workspace) FindKey(ctx context.Context, id string) (KeyStanding, error) {
	return findKey(ctx, w.scope, id)
}

// FindKey is the same in a transaction.
func (tx *Tx) FindKey(ctx context.Context, id string) (KeyStanding, error) {
	return findKey(ctx, tx.scope, id)
}

func findKey(ctx context.Context, in scope, id string) (KeyStanding, error) {
	key, err := scanOne(ctx, in, sqlQuery{
		text: `SELECT ` + standingColumns + ` FROM ` + standingTables + ` WHERE k.workspace_id = $1 AND k.id = $2`,
		args: []any{id},
	}, scanStanding)
	return key, wrap("find key", err)
}

// Key is FindKey with what the counters say, in a second statement.
func (w *Workspace) Key(ctx context.Context, id string) (KeyStanding, error) {
	key, err := w.FindKey(ctx, id)
	if err != nil {
		return KeyStanding{}, err
	}
	one := []KeyStanding{key}
	err = w.stand(ctx, one)
	return one[0], err
}

// stand adds what the counters say.
func (w *Workspace) stand(ctx context.Context, keys []KeyStanding) error {
	ids := make([]string, len(keys))
	for i := range keys {
		ids[i] = keys[i].ID
	}
	uses, err := w.store.keyUses(ctx, ids)
	if err != nil {
		return err
	}
	for i := range keys {
		key, use := &keys[i], uses[keys[i].ID]
		now := use.usage.at(use.now).admission(key.Key, use.now, true)
		key.LastUsedAt, key.Minute, key.Day, key.AsOf = use.lastUsedAt, now.Minute, now.Day, now.Now
	}
	return nil
}

// keyUse is the counters of a key and the time at which they were read.
type keyUse struct {
	usage
	lastUsedAt *time.Time // nil: never
	now        int64
}

// readUses reads the counters' table by its primary key. The keys come from its own answer, also those without a row.
const readUses = `SELECT r.value->>'k', COALESCE(u.minute, 0), COALESCE(u.minute_count, 0), COALESCE(u.day, 0),
		COALESCE(u.day_count, 0), u.last_used_at, {now}
	FROM {rows $1} LEFT JOIN api_key_usage u ON u.key_id = r.value->>'k'`

// keyUses reads the counters of any number of keys with one statement.
func (s *Store) keyUses(ctx context.Context, keyIDs []string) (map[string]keyUse, error) {
	if len(keyIDs) == 0 {
		return nil, nil
	}
	refs := make([]KeyRef, len(keyIDs))
	for i, id := range keyIDs {
		refs[i].KeyID = id
	}
	rows, err := jsonRows(refs)
	if err != nil {
		return nil, err
	}
	type keyedUse struct {
		id string
		keyUse
	}
	found, err := readAll(ctx, s.engine.counters(), sqlQuery{text: s.sql(readUses), args: []any{rows}, capacity: len(refs)},
		func(row *sql.Rows, u *keyedUse) error {
			return row.Scan(&u.id, &u.minute, &u.minuteCount, &u.day, &u.dayCount, atOrNil(&u.lastUsedAt), &u.now)
		})
	uses := make(map[string]keyUse, len(found))
	for _, use := range found {
		if use.lastUsedAt != nil && use.lastUsedAt.UnixMicro() == 0 {
			use.lastUsedAt = nil // the row was opened, and its call then refused or lost
		}
		uses[use.id] = use.keyUse
	}
	return uses, wrap("read the counters of keys", err)
}
