package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"
)

// A slot that began this long ago has closed: whoever counted in it has committed or given up.
const closedSlot = 2 * time.Hour

// foldedWriter is whom the counts of closed slots belong to. It is the word of the index that finds the others.
const foldedWriter = "all"

// foldedCount is one count of a closed slot, of one writer or of all.
type foldedCount struct {
	countKey
	slot, count int64
}

// FoldDeliveryCounts adds at most batch counts of closed slots up under one writer, and returns how many went into
// sums. Writers are named anew by every process, so that without it a chart would read a row for each that ever was.
// It is one transaction: no reader sees a sum without its parts or beside them, and a count that is still added to is
// waited for.
func (s *Store) FoldDeliveryCounts(ctx context.Context, batch int) (folded int64, err error) {
	err = s.inTx(ctx, func(db connection) error {
		parts, err := readAll(ctx, db, sqlQuery{
			text: s.sql(`DELETE FROM delivery_counts WHERE (workspace_id, slot, outcome, writer) IN (
					SELECT workspace_id, slot, outcome, writer FROM delivery_counts
					WHERE writer <> 'all' AND slot < {now} - $1 ORDER BY slot LIMIT $2 {lock})
				RETURNING workspace_id, slot, outcome, count`),
			args: []any{closedSlot.Microseconds(), batch}, capacity: batch,
		}, func(row *sql.Rows, c *foldedCount) error {
			return row.Scan(&c.workspaceID, &c.slot, &c.outcome, &c.count)
		})
		if err != nil {
			return err
		}
		folded = int64(len(parts))
		_, err = execRows(ctx, db, countOne, sums(parts), func(c foldedCount) []any {
			return []any{c.workspaceID, c.slot, c.outcome, foldedWriter, c.count}
		})
		return err
	})
	return folded, wrap("fold delivery counts", err)
}

// sums are in the order of their key, so that two that fold at once wait for each other in one direction.
func sums(parts []foldedCount) []foldedCount {
	byKey := map[foldedCount]int64{}
	for _, part := range parts {
		key := part
		key.count = 0
		byKey[key] += part.count
	}
	all := slices.SortedFunc(maps.Keys(byKey), func(a, b foldedCount) int {
		return cmp.Or(cmp.Compare(a.workspaceID, b.workspaceID), cmp.Compare(a.slot, b.slot), cmp.Compare(a.outcome, b.outcome))
	})
	for i := range all {
		all[i].count = byKey[all[i]]
	}
	return all
}
