package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

const (
	// rekeyBatch is how many values are sealed anew in one transaction, so that locks are short.
	rekeyBatch = 100
	// rekeyPasses bounds how often Rekey comes back for what was written meanwhile.
	rekeyPasses = 5
)

// Rekeyed is how far a Rekey is.
type Rekeyed struct {
	Total     int      // values that were sealed under another key than the first when it began
	Done      int      // values that were sealed anew
	Unopened  int      // values that no key of the ring opens; they stay as they are
	Endpoints []string // whose signing secrets are among the unopened
}

// ErrStillSealing is a Rekey that never finds an end, because somebody goes on sealing under another key.
var ErrStillSealing = errors.New("values go on being sealed under another key: a running server has another first key")

// sealedTable is a table with a column "sealed". The workspace and two more columns tell its rows apart.
type sealedTable struct {
	name string
	key  [2]string
	from [2]any // below every value of the two
}

var sealedTables = []sealedTable{
	{secretsTable, [2]string{"endpoint_id", "number"}, [2]any{"", int64(0)}},
	{answersTable, [2]string{"key_id", "key"}, [2]any{"", ""}},
	{formsTable, [2]string{"form", "session_id"}, [2]any{"", ""}},
}

// place names a row of the table for Seal and Open: moved to another row, what was sealed does not open.
func place(table, workspaceID string, key ...any) string {
	text := table + "/" + workspaceID
	for _, column := range key {
		text += fmt.Sprintf("/%v", column)
	}
	return text
}

// Rekey seals everything in the database that is not sealed under the first key of the ring anew under that one. It
// may be interrupted and called again, and servers may work meanwhile: it holds the locks of one batch at a time, and
// passes over rows that somebody else holds until it comes back. report hears of each batch.
func (s *Store) Rekey(ctx context.Context, report func(Rekeyed)) (Rekeyed, error) {
	var sum Rekeyed
	total, err := s.countStale(ctx)
	if err != nil {
		return sum, err
	}
	sum.Total = total
	for range rekeyPasses {
		sum.Unopened, sum.Endpoints = 0, nil
		for _, table := range sealedTables {
			if err := s.rekeyTable(ctx, table, &sum, report); err != nil {
				return sum, fmt.Errorf("rekey %s: %w", table.name, err)
			}
		}
		left, err := s.countStale(ctx)
		if err != nil || left <= sum.Unopened {
			return sum, err
		}
	}
	return sum, ErrStillSealing
}

func (s *Store) countStale(ctx context.Context) (int, error) {
	count, first := 0, s.keyring.underFirst()
	for _, table := range sealedTables {
		found, err := readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
			text: `SELECT count(*) FROM ` + table.name + ` WHERE substr(sealed, 1, $1) <> $2`, args: []any{len(first), first},
		}, func(row *sql.Rows, n *int) error { return row.Scan(whole(n)) })
		if err != nil {
			return 0, fmt.Errorf("count what %s has sealed: %w", table.name, err)
		}
		count += found[0]
	}
	return count, nil
}

// sealedRow is a row of a sealedTable.
type sealedRow struct {
	workspaceID string
	key         [2]any
	sealed      []byte
}

func (s *Store) rekeyTable(ctx context.Context, table sealedTable, sum *Rekeyed, report func(Rekeyed)) error {
	last := sealedRow{key: table.from}
	for {
		done := *sum
		var batch []sealedRow
		err := s.inTx(ctx, func(db connection) (err error) {
			if batch, err = s.staleRows(ctx, db, table, last); err != nil {
				return err
			}
			return s.reseal(ctx, db, table, batch, &done)
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		*sum, last = done, batch[len(batch)-1]
		report(*sum)
		if len(batch) < rekeyBatch { // more would be of somebody who is sealing right now
			return nil
		}
	}
}

// staleRows reads and locks the next rows behind last, by primary key. Rows that somebody else holds are passed over,
// so that nobody ever waits for us who holds what we want.
func (s *Store) staleRows(ctx context.Context, db connection, table sealedTable, last sealedRow) ([]sealedRow, error) {
	first := s.keyring.underFirst()
	columns := "workspace_id, " + table.key[0] + ", " + table.key[1]
	text := `SELECT ` + columns + `, sealed FROM ` + table.name + `
		WHERE (` + columns + `) > ($1, $2, $3) AND substr(sealed, 1, $4) <> $5 ORDER BY ` + columns + ` LIMIT $6`
	if s.dialect == PostgreSQL {
		text += ` FOR NO KEY UPDATE SKIP LOCKED`
	}
	return readAll(ctx, db, sqlQuery{
		text: text, args: []any{last.workspaceID, last.key[0], last.key[1], len(first), first, rekeyBatch}, capacity: rekeyBatch,
	}, func(row *sql.Rows, r *sealedRow) error {
		return row.Scan(&r.workspaceID, &r.key[0], &r.key[1], &r.sealed)
	})
}

func (s *Store) reseal(ctx context.Context, db connection, table sealedTable, batch []sealedRow, sum *Rekeyed) error {
	update := `UPDATE ` + table.name + ` SET sealed = $4
		WHERE workspace_id = $1 AND ` + table.key[0] + ` = $2 AND ` + table.key[1] + ` = $3`
	for _, row := range batch {
		where := place(table.name, row.workspaceID, row.key[:]...)
		plain, err := s.keyring.Open(where, row.sealed)
		if err != nil {
			sum.Unopened++
			if id := fmt.Sprint(row.key[0]); table.name == secretsTable && !slices.Contains(sum.Endpoints, id) {
				sum.Endpoints = append(sum.Endpoints, id)
			}
			continue
		}
		sealed := s.keyring.Seal(where, plain)
		if _, err := db.ExecContext(ctx, update, row.workspaceID, row.key[0], row.key[1], sealed); err != nil {
			return noun(err)
		}
		sum.Done++
	}
	return nil
}
