package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"
)

// RequestGroup is what a process saw of requests in about a second, of any workspaces.
type RequestGroup struct {
	Requests []Request
	Counts   map[RequestSlot]Outcomes
	// Trim names keys of which more than KeptRequests lines may be stored by now.
	Trim []KeyRef
}

// KeyRef names a key without a workspace at hand.
type KeyRef struct {
	WorkspaceID string `json:"w"`
	KeyID       string `json:"k"`
}

// RequestSlot is what requests are counted by until their workspace's time zone is known. Quarter is Unix time divided
// by 15 minutes: the time zones of the world are whole quarters of an hour away from UTC.
type RequestSlot struct {
	KeyRef
	Quarter int64
}

// NewRequestSlot is where a request is counted.
func NewRequestSlot(r Request) RequestSlot {
	return RequestSlot{KeyRef: KeyRef{WorkspaceID: r.WorkspaceID, KeyID: r.KeyID}, Quarter: r.At.Unix() / quarterSeconds}
}

const quarterSeconds = 15 * 60

// RecordRequests writes a group in one transaction of at most five statements. It is no domain write: it takes no
// workspace, moves no version, and a crash of the database may forget it. A group whose commit failed in doubt may be
// counted twice when it is written again; its lines are not.
func (s *Store) RecordRequests(ctx context.Context, group RequestGroup) error {
	return wrap("record requests", s.inTxWith(ctx, forgettable, func(db connection) error {
		if err := s.keepCounts(ctx, db, group.Counts); err != nil {
			return err
		}
		lines := make([]requestRow, len(group.Requests))
		for i, r := range group.Requests {
			lines[i] = newRequestRow(r)
		}
		if err := writeMany(ctx, s, db, insertRequests, lines); err != nil {
			return err
		}
		return s.trimRequests(ctx, db, group.Trim)
	}))
}

// writeMany runs a statement that crosses tenants over many rows at once: {rows $1} is the list.
func writeMany[T any](ctx context.Context, s *Store, db connection, text string, list []T) error {
	if len(list) == 0 {
		return nil
	}
	rows, err := jsonRows(list)
	if err == nil {
		_, err = db.ExecContext(ctx, s.sql(text), rows)
	}
	return noun(err)
}

// requestRow is a line as statements take it.
type requestRow struct {
	KeyRef
	At      int64  `json:"a"`
	ID      string `json:"i"`
	Method  string `json:"m"`
	Route   string `json:"r"`
	Status  int    `json:"s"`
	Took    int64  `json:"t"`
	Address string `json:"d"`
}

func newRequestRow(r Request) requestRow {
	return requestRow{
		KeyRef: KeyRef{WorkspaceID: r.WorkspaceID, KeyID: r.KeyID}, At: micros(r.At), ID: r.ID, Method: r.Method,
		Route: r.Route, Status: r.Status, Took: r.Took.Microseconds(), Address: r.Address,
	}
}

// insertRequests keeps one line of two that a client sent with one request id in the same microsecond.
const insertRequests = `INSERT INTO request_log (workspace_id, key_id, created_at, id, method, route, status, microseconds, address)
	SELECT r.value->>'w', r.value->>'k', CAST(r.value->>'a' AS bigint), r.value->>'i', r.value->>'m', r.value->>'r',
		CAST(r.value->>'s' AS bigint), CAST(r.value->>'t' AS bigint), r.value->>'d'
	FROM {rows $1} WHERE true ON CONFLICT DO NOTHING`

// countRow is an hour of a key, or of the workspace, as statements take it.
type countRow struct {
	KeyRef
	Hour      int64 `json:"h"`
	Succeeded int64 `json:"s"`
	Unchanged int64 `json:"u"`
	Rejected  int64 `json:"r"`
	Limited   int64 `json:"l"`
	Failed    int64 `json:"f"`
}

// addCounts goes by the primary key, in the order in which keepCounts puts the rows: processes that count the same
// keys must lock them in the same order.
const addCounts = `INSERT INTO request_counts (workspace_id, key_id, hour, succeeded, unchanged, rejected, limited, failed)
	SELECT r.value->>'w', r.value->>'k', CAST(r.value->>'h' AS bigint), CAST(r.value->>'s' AS bigint),
		CAST(r.value->>'u' AS bigint), CAST(r.value->>'r' AS bigint), CAST(r.value->>'l' AS bigint), CAST(r.value->>'f' AS bigint)
	FROM {rows $1} WHERE true
	ON CONFLICT (workspace_id, key_id, hour) DO UPDATE SET succeeded = request_counts.succeeded + excluded.succeeded,
		unchanged = request_counts.unchanged + excluded.unchanged, rejected = request_counts.rejected + excluded.rejected,
		limited = request_counts.limited + excluded.limited, failed = request_counts.failed + excluded.failed`

// keepCounts adds the counts to the hours of their workspaces, for each key and for the workspace.
func (s *Store) keepCounts(ctx context.Context, db connection, counts map[RequestSlot]Outcomes) error {
	if len(counts) == 0 {
		return nil
	}
	zones, err := s.zonesOf(ctx, db, counts)
	if err != nil {
		return err
	}
	type hour struct {
		KeyRef
		at int64
	}
	sums := make(map[hour]Outcomes, len(counts)+len(zones))
	for slot, outcomes := range counts {
		begins := micros(HourIn(zones[slot.WorkspaceID], time.Unix(slot.Quarter*quarterSeconds, 0)))
		for _, ref := range []KeyRef{slot.KeyRef, {WorkspaceID: slot.WorkspaceID}} {
			sum := sums[hour{ref, begins}]
			sum.Add(outcomes)
			sums[hour{ref, begins}] = sum
		}
	}
	rows := make([]countRow, 0, len(sums))
	for h, sum := range sums {
		rows = append(rows, countRow{KeyRef: h.KeyRef, Hour: h.at, Succeeded: sum.Succeeded, Unchanged: sum.Unchanged,
			Rejected: sum.Rejected, Limited: sum.Limited, Failed: sum.Failed})
	}
	slices.SortFunc(rows, func(a, b countRow) int {
		return cmp.Or(strings.Compare(a.WorkspaceID, b.WorkspaceID), strings.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Hour, b.Hour))
	})
	return writeMany(ctx, s, db, addCounts, rows)
}

// zonesOf reads the time zones of the workspaces that were counted.
func (s *Store) zonesOf(ctx context.Context, db connection, counts map[RequestSlot]Outcomes) (map[string]*time.Location, error) {
	names := make(map[string]KeyRef)
	for slot := range counts {
		names[slot.WorkspaceID] = KeyRef{WorkspaceID: slot.WorkspaceID}
	}
	rows, err := jsonRows(slices.Collect(maps.Values(names)))
	if err != nil {
		return nil, err
	}
	type zoned struct{ id, zone string }
	found, err := readAll(ctx, db, sqlQuery{
		text: s.sql(`SELECT w.id, w.time_zone FROM {rows $1} JOIN workspaces w ON w.id = r.value->>'w'`),
		args: []any{rows}, capacity: len(names),
	}, func(row *sql.Rows, z *zoned) error { return row.Scan(&z.id, &z.zone) })
	if err != nil {
		return nil, err
	}
	zones := make(map[string]*time.Location, len(names))
	for id := range names {
		zones[id] = time.UTC
	}
	for _, workspace := range found {
		if known, err := zone(workspace.zone); err == nil { // no group may fail for ever
			zones[workspace.id] = known
		}
	}
	return zones, nil
}
