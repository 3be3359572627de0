package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// lastLine is the oldest line of a key that has one too many: it goes, with all before it.
type lastLine struct {
	KeyRef
	At int64  `json:"a"`
	ID string `json:"i"`
}

// findLastLines walks KeptRequests entries of the primary key for each key. The time and the id come as one text, so
// that it walks them once.
var findLastLines = fmt.Sprintf(`SELECT r.value->>'w', r.value->>'k', (SELECT l.created_at || ' ' || l.id FROM request_log l
		WHERE l.workspace_id = r.value->>'w' AND l.key_id = r.value->>'k'
		ORDER BY l.created_at DESC, l.id DESC LIMIT 1 OFFSET %d)
	FROM {rows $1}`, KeptRequests)

const removeLines = `DELETE FROM request_log WHERE (workspace_id, key_id, created_at, id) IN (
	SELECT l.workspace_id, l.key_id, l.created_at, l.id FROM {rows $1} JOIN request_log l
		ON l.workspace_id = r.value->>'w' AND l.key_id = r.value->>'k'
		AND (l.created_at, l.id) <= (CAST(r.value->>'a' AS bigint), r.value->>'i'))`

// trimRequests leaves the keys their last KeptRequests lines. It asks for the lines first: comparing with a subquery,
// PostgreSQL would count them anew for every line.
func (s *Store) trimRequests(ctx context.Context, db connection, keys []KeyRef) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := jsonRows(keys)
	if err != nil {
		return err
	}
	type counted struct {
		KeyRef
		last *string
	}
	found, err := readAll(ctx, db, sqlQuery{text: s.sql(findLastLines), args: []any{rows}, capacity: len(keys)},
		func(row *sql.Rows, c *counted) error { return row.Scan(&c.WorkspaceID, &c.KeyID, textOrNil(&c.last)) })
	if err != nil {
		return err
	}
	var over []lastLine
	for _, key := range found {
		if key.last == nil {
			continue
		}
		at, id, _ := strings.Cut(*key.last, " ")
		us, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return err
		}
		over = append(over, lastLine{KeyRef: key.KeyRef, At: us, ID: id})
	}
	return writeMany(ctx, s, db, removeLines, over)
}
