package requestlog_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/server/requestlog"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// bench is a recorder over a fresh database, with a key to call with.
type bench struct {
	*requestlog.Recorder
	*testing.T
	db        *storetest.DB
	workspace *store.Workspace
	key       store.Key
	lost      [2]int64 // lines, and requests of the counts
}

func each(t *testing.T, test func(b *bench)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		b := &bench{T: t, db: db, workspace: db.NewWorkspace(t)}
		b.key, _ = db.NewKey(t, b.workspace, store.NewKey{})
		b.Recorder = b.recorder(0)
		test(b)
	})
}

// recorder is another one over the same database.
func (b *bench) recorder(lines int) *requestlog.Recorder {
	return requestlog.New(requestlog.Config{
		Store: b.db.Store, Log: slog.New(slog.DiscardHandler), Lines: lines,
		Lost: func(lines, counts int64) { b.lost = [2]int64{b.lost[0] + lines, b.lost[1] + counts} },
	})
}

// call is the i-th request of a key.
func (b *bench) call(keyID string, i int) store.Request {
	return store.Request{
		WorkspaceID: b.workspace.ID(), KeyID: keyID, ID: fmt.Sprintf("request-%d", i), Method: "GET", Route: "/api/v1/courses",
		At: storetest.Start.Add(time.Duration(i) * time.Microsecond), Status: 200, Took: time.Millisecond, Address: "192.0.2.7",
	}
}

func (b *bench) flush() {
	b.Helper()
	if err := b.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// logged reports whether the log has the i-th request.
func (b *bench) logged(i int) bool {
	b.Helper()
	found, err := b.workspace.FindRequests(b.Context(), fmt.Sprintf("request-%d", i))
	if err != nil {
		b.Fatal(err)
	}
	return len(found) > 0
}

func (b *bench) total(keyID string) (total int64) {
	b.Helper()
	hours, err := b.workspace.RequestCounts(b.Context(), keyID, storetest.Start.Add(-time.Hour), storetest.Start.Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	for _, hour := range hours {
		total += hour.Total()
	}
	return total
}

func (b *bench) lines(keyID string) int {
	b.Helper()
	n, cursor := 0, ""
	for {
		page, err := b.workspace.KeyRequests(b.Context(), keyID, store.ListOptions{Limit: 100, Cursor: cursor})
		if err != nil {
			b.Fatal(err)
		}
		if n += len(page.Items); page.NextCursor == nil {
			return n
		}
		cursor = *page.NextCursor
	}
}

// A key that calls 2,500 times in a second leaves its newest 500 calls; all of them are counted.
func TestRecorder_KeepsTheNewest500OfAKey(t *testing.T) {
	each(t, func(b *bench) {
		quiet, _ := b.db.NewKey(b.T, b.workspace, store.NewKey{})
		b.Add(b.call(quiet.ID, 3000))
		for i := range 2500 {
			b.Add(b.call(b.key.ID, i+1))
		}
		b.flush()
		for i, want := range map[int]bool{1: false, 2000: false, 2001: true, 2500: true, 3000: true} {
			if b.logged(i) != want {
				b.Errorf("request %d is in the log: %v, want %v", i, !want, want)
			}
		}
		if n, all := b.total(b.key.ID), b.total(""); n != 2500 || all != 2501 {
			b.Errorf("%d counted, %d in all", n, all)
		}
	})
}

func TestRecorder_TrimsAKeyThatGoesOn(t *testing.T) {
	each(t, func(b *bench) {
		for i := range 2000 {
			b.Add(b.call(b.key.ID, i))
			if i%200 == 199 {
				b.flush()
			}
		}
		if n := b.lines(b.key.ID); n != store.KeptRequests {
			b.Errorf("%d lines", n)
		}
		for i, want := range map[int]bool{0: false, 1200: false, 1500: true} {
			if b.logged(i) != want {
				b.Errorf("request %d is in the log: %v, want %v", i, !want, want)
			}
		}
	})
}

// While the database takes nothing, everything waits and nobody is hindered; when it is back nothing is missing.
func TestRecorder_WaitsForTheDatabase(t *testing.T) {
	each(t, func(b *bench) {
		b.Add(b.call(b.key.ID, 0))
		b.db.Exec(b.T, `ALTER TABLE request_log RENAME TO request_log_gone`)
		for i := range 20 {
			b.Add(b.call(b.key.ID, i+1))
			if err := b.Flush(b.Context()); err == nil {
				b.Fatal("a group was written into a table that is not there")
			}
		}
		b.db.Exec(b.T, `ALTER TABLE request_log_gone RENAME TO request_log`)
		b.flush()
		if lines, total := b.lines(b.key.ID), b.total(b.key.ID); lines != 21 || total != 21 {
			b.Errorf("%d lines and %d counted, want 21", lines, total)
		}
	})
}

// Memory is bounded: the oldest lines go first, and the counts still know of all.
func TestRecorder_DropsTheOldestLinesAndSaysSo(t *testing.T) {
	each(t, func(b *bench) {
		const waiting, over = 1000, 7
		b.Recorder = b.recorder(waiting)
		other, _ := b.db.NewKey(b.T, b.workspace, store.NewKey{})
		keys := []store.Key{b.key, other}
		for i := range waiting + over {
			b.Add(b.call(keys[i%2].ID, i))
		}
		tick := make(chan time.Time)
		var running sync.WaitGroup
		ctx, stop := context.WithCancel(b.Context())
		running.Go(func() { b.Recorder.Run(ctx, tick) })
		stop()
		running.Wait()
		if b.lost != [2]int64{over, 0} {
			b.Errorf("lost %v, want %d lines and no counts", b.lost, over)
		}
		if b.logged(over-1) || !b.logged(over) {
			b.Error("it was not the oldest lines that went")
		}
		if total := b.total(""); total != waiting+over {
			b.Errorf("%d counted, want %d", total, waiting+over)
		}
	})
}

// hold keeps everybody else from the log until release is called.
func (b *bench) hold() (release func()) {
	b.Helper()
	if b.db.Dialect() == store.PostgreSQL {
		db, err := sql.Open("pgx", b.db.URL())
		if err != nil {
			b.Fatal(err)
		}
		tx, err := db.BeginTx(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.ExecContext(b.Context(), `LOCK TABLE request_log, request_counts`); err != nil {
			b.Fatal(err)
		}
		return func() { _ = errors.Join(tx.Rollback(), db.Close()) }
	}
	held, released, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_ = b.workspace.Tx(b.Context(), func(*store.Tx) error { close(held); <-released; return nil })
	}()
	<-held
	return func() { close(released); <-done }
}

// A database that does not answer holds up the end of the process no longer than its owner allows, however much waits;
// what went is counted.
func TestRecorder_StopsInTime(t *testing.T) {
	each(t, func(b *bench) {
		b.Recorder = requestlog.New(requestlog.Config{
			Store: b.db.Store, Log: slog.New(slog.DiscardHandler), StopTimeout: 100 * time.Millisecond,
			Lost: func(lines, counts int64) { b.lost = [2]int64{b.lost[0] + lines, b.lost[1] + counts} },
		})
		const waiting = 1200
		for i := range waiting {
			b.Add(b.call(fmt.Sprintf("%s-%d", b.key.ID, i%3), i)) // of several keys, since few lines of one are kept
		}
		ended := make(chan struct{})
		release := b.hold()
		ctx, stop := context.WithCancel(b.Context())
		stop()
		go func() {
			defer close(ended)
			b.Recorder.Run(ctx, nil)
		}()
		patience := time.NewTimer(4 * time.Second) // less than one transaction may take
		defer patience.Stop()
		select {
		case <-ended:
		case <-patience.C:
			b.Error("it goes on")
		}
		release()
		<-ended
		if b.lost != [2]int64{waiting, waiting} {
			b.Errorf("lost %v, want %d of each", b.lost, waiting)
		}
	})
}
