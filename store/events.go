package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

const prefixEvent = "evt_"

// EventAge is how long events and deliveries are kept.
const EventAge = 30 * 24 * time.Hour

// Event is something that happened in the workspace, as the domain tells it.
type Event struct {
	Type string
	// Data marshals to the object that GET answers. It must be a JSON object.
	Data any
	// Previous holds former values of members of Data; nil unless the event is an update.
	Previous map[string]any
	// Subjects are the ids of the students whom the event is about: erasing one of them rewrites it.
	Subjects []string
}

// StoredEvent is an event in the feed of its workspace.
type StoredEvent struct {
	ID        string
	Seq       int64 // from 1, without gaps, in the order of commits
	Type      string
	CreatedAt time.Time
	Body      json.RawMessage // the exact bytes that are signed
}

// pendingEvent is an event of a Tx that has yet to be written.
type pendingEvent struct {
	id, kind string
	body     []byte
	subjects []string
	trace    *string // see Tx.trace
}

// Emit adds an event to the transaction: it and its deliveries are committed with the change, or not at all. The
// body is made here and now. The rows are written when the Tx ends, all events of it together, so that a batch
// costs as many statements as a single change.
func (tx *Tx) Emit(ctx context.Context, e Event) error {
	id, err := tx.newID(prefixEvent)
	if err != nil {
		return err
	}
	body, err := tx.envelope(id, e).encode()
	if err != nil {
		return fmt.Errorf("emit %s: %w", e.Type, err)
	}
	tx.emitted = append(tx.emitted, pendingEvent{
		id: id, kind: e.Type, body: body, subjects: e.Subjects, trace: tx.trace(ctx, id, e.Type),
	})
	return nil
}

func (tx *Tx) envelope(id string, e Event) envelope {
	return envelope{
		ID: id, Type: e.Type, CreatedAt: tx.now.Format(wireTime), Workspace: tx.WorkspaceID(),
		Data: e.Data, Previous: e.Previous,
	}
}

// eventRow and subjectRow are rows as statements take them.
type eventRow struct {
	ID   string `json:"i"`
	Seq  int64  `json:"s"`
	Type string `json:"t"`
	Body string `json:"b"`
	At   int64  `json:"a"`

	Trace *string `json:"p,omitempty"`
}

type subjectRow struct {
	EventID   string `json:"i"`
	StudentID string `json:"s"`
}

const (
	insertEvents = `INSERT INTO events (workspace_id, id, seq, type, body, created_at, trace)
		SELECT $1, value->>'i', CAST(value->>'s' AS bigint), value->>'t', value->>'b', CAST(value->>'a' AS bigint),
			value->>'p'
		FROM {rows $2}`
	insertSubjects = `INSERT INTO event_subjects (workspace_id, event_id, student_id)
		SELECT DISTINCT $1, value->>'i', value->>'s' FROM {rows $2}`
)

// flush writes what was emitted so far.
func (tx *Tx) flush(ctx context.Context) error {
	if len(tx.emitted) == 0 {
		return nil
	}
	events := tx.emitted
	tx.emitted, tx.told = nil, true
	first, err := tx.takeNumbers(ctx, len(events))
	if err != nil {
		return err
	}
	var rows []eventRow
	var subjects []subjectRow
	for i, event := range events {
		rows = append(rows, eventRow{event.id, first + int64(i), event.kind, string(event.body), micros(tx.now), event.trace})
		for _, studentID := range event.subjects {
			subjects = append(subjects, subjectRow{event.id, studentID})
		}
	}
	if err := writeRows(ctx, tx, insertEvents, rows); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	if err := writeRows(ctx, tx, insertSubjects, subjects); err != nil {
		return fmt.Errorf("write the subjects of events: %w", err)
	}
	return tx.queueForSubscribers(ctx, events)
}

// takeNumbers takes the next n numbers of the workspace's sequence and returns the first. The Tx holds the row.
func (tx *Tx) takeNumbers(ctx context.Context, n int) (int64, error) {
	last, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `UPDATE workspaces SET last_event = last_event + $2 WHERE id = $1 RETURNING last_event`,
		args: []any{n},
	}, func(row *sql.Rows, last *int64) error { return row.Scan(last) })
	return last - int64(n) + 1, err
}

// EventQuery says which events of the feed to read. Limit and Cursor are those of ListOptions.
type EventQuery struct {
	Limit  int
	Cursor string
	Type   string     // "" is every type
	Since  *time.Time // events created then or later
}

const eventColumns = `e.id, e.seq, e.type, e.created_at, e.body`

func scanEvent(row *sql.Rows, event *StoredEvent) error {
	return row.Scan(&event.ID, &event.Seq, &event.Type, at(&event.CreatedAt), asBytes(&event.Body))
}

// asBytes scans a text column as it stands.
func asBytes(dst *json.RawMessage) sql.Scanner { return bytesScanner{dst} }

type bytesScanner struct{ dst *json.RawMessage }

// Scan implements sql.Scanner.
func (s bytesScanner) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("text column holds %T", value)
	}
	*s.dst = json.RawMessage(text)
	return nil
}

// Events reads the feed: in the order of commits, oldest first. An event can never appear before the place of a
// cursor that was given out, because the transactions of a workspace commit one after the other.
func (w *Workspace) Events(ctx context.Context, q EventQuery) (Page[StoredEvent], error) {
	since := ""
	if q.Since != nil {
		since = q.Since.UTC().Format(time.RFC3339Nano)
	}
	k, err := w.keyset("events", ListOptions{Limit: q.Limit, Cursor: q.Cursor}, q.Type, since)
	if err != nil {
		return Page[StoredEvent]{}, fmt.Errorf("list events: %w", err)
	}
	text := `SELECT ` + eventColumns + ` FROM events e WHERE e.workspace_id = $1 AND e.seq > $2`
	args := []any{k.sequence()}
	if q.Type != "" {
		args = append(args, q.Type)
		text += ` AND e.type = $` + strconv.Itoa(len(args)+1)
	}
	if q.Since != nil && k.after == nil {
		args = append(args, micros(*q.Since))
		text += ` AND e.seq >= (SELECT f.seq FROM events f WHERE f.workspace_id = $1 AND f.created_at >= $` +
			strconv.Itoa(len(args)+1) + ` AND f.seq IS NOT NULL ORDER BY f.created_at, f.seq LIMIT 1)`
	}
	events, err := scanAll(ctx, w.scope, sqlQuery{
		text: text + fmt.Sprintf(" ORDER BY e.seq LIMIT %d", k.limit+1), args: args, capacity: k.limit + 1,
	}, scanEvent)
	if err != nil {
		return Page[StoredEvent]{}, fmt.Errorf("list events: %w", err)
	}
	return eventPage(k, events), nil
}

// eventPage makes the cursor of a feed: its position is the sequence number in the place of a time.
func eventPage(k keyset, events []StoredEvent) Page[StoredEvent] {
	return pageOf(k, events, func(e *StoredEvent) (time.Time, time.Time, string) {
		return fromMicros(e.Seq), fromMicros(e.Seq), e.ID
	})
}

// sequence is the number after which a page of the feed begins.
func (k keyset) sequence() int64 {
	if k.after == nil {
		return 0
	}
	return micros(k.after.at)
}

// Event reads one event of the feed. ErrNotFound for the event of a test delivery: it is in no feed.
func (w *Workspace) Event(ctx context.Context, id string) (StoredEvent, error) {
	event, err := scanOne(ctx, w.scope, sqlQuery{
		text: `SELECT ` + eventColumns + ` FROM events e WHERE e.workspace_id = $1 AND e.id = $2 AND e.seq IS NOT NULL`,
		args: []any{id}, capacity: 1,
	}, scanEvent)
	if err != nil {
		return StoredEvent{}, fmt.Errorf("event %s: %w", id, err)
	}
	return event, nil
}
