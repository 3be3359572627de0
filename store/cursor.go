package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
	"time"
)

// ListOptions are those that every list takes. Limit is 1 to 100 and is held by whoever validates requests.
type ListOptions struct {
	Limit  int
	Cursor string // of the page before; "" is the first page
	// UpdatedSince turns the list round: rows changed then or later, oldest change first.
	UpdatedSince *time.Time
}

// Page is a part of a list. NextCursor is nil on the last one.
type Page[T any] struct {
	Items      []T
	NextCursor *string
}

// position is where a row stands in its list: its createdAt, or its updatedAt in a list by change, and its id.
type position struct {
	at time.Time
	id string
}

// keyset is one page of a list by (created_at, id) descending, or by (updated_at, id) ascending if the caller asked
// for changes. It is served by the index (workspace_id, created_at, id) or (workspace_id, updated_at, id).
type keyset struct {
	ring    *Keyring
	binding [32]byte // of workspace, list, filters and direction: a cursor is good for these alone
	since   *time.Time
	after   *position
	limit   int
}

// keyset reads the options of a list. list is a constant name, filters are all else that shapes which rows it has,
// in a fixed order. ErrBadCursor unless the cursor was made here for the same.
func (w *Workspace) keyset(list string, opt ListOptions, filters ...string) (keyset, error) {
	k := keyset{ring: w.store.keyring, since: opt.UpdatedSince, limit: opt.Limit}
	if k.limit < 1 {
		k.limit = 25
	}
	direction := "created"
	if k.since != nil {
		direction = fmt.Sprintf("updated %d", micros(*k.since))
	}
	k.binding = bind(append([]string{w.ID(), list, direction}, filters...))
	if opt.Cursor == "" {
		return k, nil
	}
	after, err := k.open(opt.Cursor)
	k.after = after
	return k, err
}

// bind hashes the parts with their lengths, so that no two lists of parts look alike.
func bind(parts []string) [32]byte {
	h := sha256.New()
	for _, part := range parts {
		writePart(h, part)
	}
	return [32]byte(h.Sum(nil))
}

func writePart(h hash.Hash, part string) {
	h.Write(binary.AppendUvarint(nil, uint64(len(part))))
	h.Write([]byte(part))
}

// where is the condition of the page for columns of the given alias, with its arguments from $first on. It starts
// with AND or is empty. Row values only: PostgreSQL reads and drops every row before the cursor for the OR form.
func (k keyset) where(alias string, first int) (string, []any) {
	column, comparison := "created_at", "<"
	if k.since != nil {
		column, comparison = "updated_at", ">"
	}
	if k.after != nil {
		text := fmt.Sprintf(" AND (%[1]s.%[2]s, %[1]s.id) %[3]s ($%[4]d, $%[5]d)", alias, column, comparison, first, first+1)
		return text, []any{micros(k.after.at), k.after.id}
	}
	if k.since != nil {
		return fmt.Sprintf(" AND %s.updated_at >= $%d", alias, first), []any{micros(*k.since)}
	}
	return "", nil
}

// order is the ORDER BY and the LIMIT of the page: one row more than it shows, to know whether another page follows.
func (k keyset) order(alias string) string {
	if k.since != nil {
		return fmt.Sprintf(" ORDER BY %[1]s.updated_at, %[1]s.id LIMIT %[2]d", alias, k.limit+1)
	}
	return fmt.Sprintf(" ORDER BY %[1]s.created_at DESC, %[1]s.id DESC LIMIT %[2]d", alias, k.limit+1)
}

// pageOf cuts the row too many off and makes the cursor. stand tells createdAt, updatedAt and id of a row.
func pageOf[T any](k keyset, items []T, stand func(*T) (createdAt, updatedAt time.Time, id string)) Page[T] {
	if len(items) <= k.limit {
		return Page[T]{Items: items}
	}
	items = items[:k.limit]
	createdAt, updatedAt, id := stand(&items[k.limit-1])
	last := position{at: createdAt, id: id}
	if k.since != nil {
		last.at = updatedAt
	}
	next := k.seal(last)
	return Page[T]{Items: items, NextCursor: &next}
}

// A cursor is base64url of: version, 4 bytes that name the master key, 8 of the time, the id, 16 of the MAC. The
// key is derived from a master key, so cursors outlive a rotation for as long as the old key stays in the ring.
const (
	cursorVersion  = 1
	cursorKeyBytes = 4
	cursorHead     = 1 + cursorKeyBytes + 8
	cursorMAC      = 16
	maxCursor      = 512
)

func (k keyset) seal(p position) string {
	key := k.ring.keys[0]
	tag := key.cursorTag()
	raw := append([]byte{cursorVersion}, tag[:]...)
	raw = binary.BigEndian.AppendUint64(raw, uint64(micros(p.at)))
	raw = append(raw, p.id...)
	raw = append(raw, k.sign(key, raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (k keyset) open(cursor string) (*position, error) {
	if len(cursor) > maxCursor || strings.ContainsAny(cursor, "\r\n") { // the decoder skips line ends
		return nil, ErrBadCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) <= cursorHead+cursorMAC || raw[0] != cursorVersion {
		return nil, ErrBadCursor
	}
	body, mac := raw[:len(raw)-cursorMAC], raw[len(raw)-cursorMAC:]
	for _, key := range k.ring.keys {
		if key.cursorTag() == [cursorKeyBytes]byte(raw[1:]) && hmac.Equal(mac, k.sign(key, body)) {
			us := int64(binary.BigEndian.Uint64(body[1+cursorKeyBytes:]))
			return &position{at: fromMicros(us), id: string(body[cursorHead:])}, nil
		}
	}
	return nil, ErrBadCursor
}

func (k keyset) sign(key masterKey, body []byte) []byte {
	mac := hmac.New(sha256.New, key.cursor)
	mac.Write(k.binding[:])
	mac.Write(body)
	return mac.Sum(nil)[:cursorMAC]
}

// cursorTag names the key in a cursor without telling anything about it.
func (m masterKey) cursorTag() [cursorKeyBytes]byte {
	sum := sha256.Sum256([]byte("tbc cursor key " + m.id))
	return [cursorKeyBytes]byte(sum[:])
}
