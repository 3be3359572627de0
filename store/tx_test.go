package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Every Tx is later than the one before it, even while the clock stands still or goes back.
func TestTx_TimeStrictlyIncreases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		makeProbes(t, db)
		last := time.Time{}
		for i, step := range []time.Duration{0, 0, -time.Hour, time.Second, -time.Microsecond, 0} {
			db.Clock.Advance(step)
			storetest.Tx(t, workspace, func(tx *store.Tx) error {
				if !tx.Now().After(last) {
					t.Errorf("step %d: %v is not after %v", i, tx.Now(), last)
				}
				last = tx.Now()
				return addProbe(t.Context(), tx, fmt.Sprint("step", i))
			})
		}
	})
}

// The version of a workspace is what caches and ETags hang on: it moves with every change and only then.
func TestTx_ThatChangesNothingLeavesTheVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		makeProbes(t, db)
		before := version(t, workspace)
		storetest.Tx(t, workspace, func(tx *store.Tx) error {
			n, err := tx.Exec(t.Context(), `UPDATE probes SET updated_at = 1 WHERE workspace_id = $1`)
			if n != 0 {
				t.Errorf("%d rows changed in an empty table", n)
			}
			return err
		})
		if after := version(t, workspace); !after.Equal(before) {
			t.Errorf("a Tx without a change moved the version from %v to %v", before, after)
		}
		storetest.Tx(t, workspace, func(tx *store.Tx) error { return addProbe(t.Context(), tx, "one") })
		if after := version(t, workspace); !after.After(before) {
			t.Errorf("a change left the version at %v", after)
		}
	})
}

func TestTx_FailureAndPanicUndoEverything(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		makeProbes(t, db)
		refusal := errors.New("refused")
		err := workspace.Tx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(addProbe(t.Context(), tx, "failed"), refusal)
		})
		if !errors.Is(err, refusal) {
			t.Errorf("got %v, want the refusal", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = workspace.Tx(t.Context(), func(tx *store.Tx) error {
				_ = addProbe(t.Context(), tx, "panicked")
				panic("in the middle")
			})
		}()
		storetest.Tx(t, workspace, func(tx *store.Tx) error { return addProbe(t.Context(), tx, "kept") })
		if got := allProbes(t, db, workspace); len(got) != 1 || got[0] != "kept" {
			t.Errorf("rows %v, want the kept one alone", got)
		}
		if n := db.Lines(); n != 0 {
			t.Errorf("%d workspaces are still held", n)
		}
	})
}

func TestTx_OfAMissingWorkspaceIsNotFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		err := db.Workspace("org_missing").Tx(t.Context(), func(*store.Tx) error { return nil })
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
}

// Those who wait for a busy workspace hold no connection: another workspace goes on.
func TestTx_BusyWorkspaceDoesNotDrainThePool(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	busy, other := db.NewWorkspace(t), db.NewWorkspace(t)
	makeProbes(t, db)
	held, release := make(chan struct{}), make(chan struct{})
	var calls sync.WaitGroup
	calls.Go(func() {
		_ = busy.Tx(t.Context(), func(*store.Tx) error { close(held); <-release; return nil })
	})
	<-held
	for i := range 100 {
		calls.Go(func() {
			err := busy.Tx(t.Context(), func(tx *store.Tx) error { return addProbe(t.Context(), tx, fmt.Sprint(i)) })
			if err != nil {
				t.Errorf("waiting Tx %d: %v", i, err)
			}
		})
	}
	storetest.Tx(t, other, func(tx *store.Tx) error { return addProbe(t.Context(), tx, "other") })
	close(release)
	calls.Wait()
	if n := len(allProbes(t, db, busy)); n != 100 {
		t.Errorf("%d rows, want 100", n)
	}
}

// The one-writer rule is what makes a sync by updatedSince complete: whatever commits, commits later than all that
// a reader has seen. The second half runs the same work without the rule, to show that this test would notice.
func TestTx_IncrementalReaderMissesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		db.Clock.Run(time.Now) //nolint:forbidigo // a race of writers against a reader needs the clock that runs
		workspace, replica := db.NewWorkspace(t), db.Open(t)
		makeProbes(t, db)
		doors := []*store.Workspace{workspace, replica.Workspace(workspace.ID())}
		skipped := skippedRows(t, db, workspace, func(i int, do func(*store.Tx) error) error {
			return doors[i%2].Tx(t.Context(), do)
		})
		if skipped != 0 {
			t.Errorf("the reader missed %d rows", skipped)
		}
	})
}

func TestTx_WithoutTheOneWriterRuleAReaderSkipsRows(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	db.Clock.Run(time.Now) //nolint:forbidigo // a race of writers against a reader needs the clock that runs
	workspace := db.NewWorkspace(t)
	makeProbes(t, db)
	skipped := 0
	for round := 0; skipped == 0 && round < 20; round++ {
		skipped = skippedRows(t, db, workspace, func(_ int, do func(*store.Tx) error) error {
			return workspace.TxWithoutLock(t.Context(), do)
		})
	}
	if skipped == 0 {
		t.Error("the reader missed nothing without the rule: the test of the rule proves nothing")
	}
}

// skippedRows lets 8 writers commit 20 rows each while a reader follows by (updated_at, id), and counts the rows
// that the reader never saw.
func skippedRows(t *testing.T, db *storetest.DB, w *store.Workspace, transact func(int, func(*store.Tx) error) error) int {
	t.Helper()
	reader := openRaw(t, db)
	start := version(t, w).UnixMicro()
	from, fromID := newestProbe(t, reader, w.ID())
	done := make(chan struct{})
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for j := range 20 {
				err := transact(i, func(tx *store.Tx) error {
					return addProbe(t.Context(), tx, fmt.Sprintf("%d/%d/%d", start, i, j))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	seen := followFrom(t, reader, w.ID(), place{from, fromID}, done)
	written := 0
	for _, id := range allProbes(t, db, w) {
		if strings.HasPrefix(id, fmt.Sprint(start)) {
			written++
		}
	}
	return written - len(seen)
}

// place is where a reader stands.
type place struct {
	at int64
	id string
}

// followFrom reads forward until the writers are done and nothing new comes.
func followFrom(t *testing.T, reader *sql.DB, workspaceID string, from place, done <-chan struct{}) map[string]bool {
	t.Helper()
	at, id := from.at, from.id
	seen := map[string]bool{}
	for last := false; ; {
		found, err := reader.QueryContext(t.Context(), `SELECT id, updated_at FROM probes
			WHERE workspace_id = $1 AND (updated_at, id) > ($2, $3) ORDER BY updated_at, id LIMIT 100`, workspaceID, at, id)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; found.Next(); n++ {
			if err := found.Scan(&id, &at); err != nil {
				t.Fatal(err)
			}
			seen[id] = true
		}
		_ = found.Close()
		if n == 0 && last {
			return seen
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
}

func newestProbe(t *testing.T, reader *sql.DB, workspaceID string) (at int64, id string) {
	t.Helper()
	err := reader.QueryRowContext(t.Context(), `SELECT updated_at, id FROM probes WHERE workspace_id = $1
		ORDER BY updated_at DESC, id DESC LIMIT 1`, workspaceID).Scan(&at, &id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return at, id
}

// makeProbes adds a table that only these tests know, with the columns that every listed table has.
func makeProbes(t *testing.T, db *storetest.DB) {
	t.Helper()
	_, err := openRaw(t, db).ExecContext(t.Context(), `CREATE TABLE probes (workspace_id text NOT NULL, id text NOT NULL,
		updated_at bigint NOT NULL, PRIMARY KEY (workspace_id, id))`)
	if err != nil {
		t.Fatal(err)
	}
}

func addProbe(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO probes (workspace_id, id, updated_at) VALUES ($1, $2, $3)`, id, tx.Now().UnixMicro())
	return err
}

func allProbes(t *testing.T, db *storetest.DB, w *store.Workspace) (ids []string) {
	t.Helper()
	found, err := openRaw(t, db).QueryContext(t.Context(), `SELECT id FROM probes WHERE workspace_id = $1`, w.ID())
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func version(t *testing.T, w *store.Workspace) time.Time {
	t.Helper()
	info, err := w.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.ChangedAt
}

// openRaw looks at the database from outside the store.
func openRaw(t *testing.T, db *storetest.DB) *sql.DB {
	t.Helper()
	driver, address := "pgx", db.URL()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	raw, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}
