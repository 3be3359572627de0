package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Recording is the recording of a live session: an address somewhere else, never the file.
type Recording struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	LiveSessionID   string
	CourseID        *string // the session's
	Title           string
	URL             string
	URLExpiresAt    *time.Time `gorm:"serializer:micros"`
	DurationSeconds *int64
	SizeBytes       *int64
	MimeType        *string
	StartedAt       *time.Time `gorm:"serializer:micros"`
	EndedAt         *time.Time `gorm:"serializer:micros"`
}

const recordingColumns = `workspace_id, id, created_at, updated_at, live_session_id, course_id, title, url,
	url_expires_at, duration_seconds, size_bytes, mime_type, started_at, ended_at`

func scanRecording(row *sql.Rows, r *Recording) error {
	return row.Scan(&r.WorkspaceID, &r.ID, at(&r.CreatedAt), at(&r.UpdatedAt), &r.LiveSessionID, textOrNil(&r.CourseID),
		&r.Title, &r.URL, atOrNil(&r.URLExpiresAt), amountOrNil(&r.DurationSeconds), amountOrNil(&r.SizeBytes),
		textOrNil(&r.MimeType), atOrNil(&r.StartedAt), atOrNil(&r.EndedAt))
}

// Recordings lists recordings with one query, by recordings_created or recordings_updated.
func (w *Workspace) Recordings(ctx context.Context, opt ListOptions) (Page[Recording], error) {
	list := listing[Recording]{
		name: "recordings", columns: recordingColumns, from: "recordings r", alias: "r", scan: scanRecording,
		stand: func(r *Recording) (time.Time, time.Time, string) { return r.CreatedAt, r.UpdatedAt, r.ID },
	}
	return list.read(ctx, w, opt)
}

// Recording reads a recording: one query.
func (w *Workspace) Recording(ctx context.Context, id string) (Recording, error) {
	recording, err := scanOne(ctx, w.scope, sqlQuery{
		text: `SELECT ` + recordingColumns + ` FROM recordings WHERE workspace_id = $1 AND id = $2`,
		args: []any{id}, capacity: 1,
	}, scanRecording)
	return recording, wrap("recording "+id, err)
}

// NewRecording is what a caller decides about a recording. Title nil is the session's.
type NewRecording struct {
	LiveSessionID   string
	Title           *string
	URL             string
	URLExpiresAt    *time.Time
	DurationSeconds *int64
	SizeBytes       *int64
	MimeType        *string
	StartedAt       *time.Time
	EndedAt         *time.Time
}

// CreateRecording registers a recording of a live session. A session can have several, and need not have been started
// here: who records elsewhere often tells nothing but the result. ErrNotFound if there is no such session.
func (tx *Tx) CreateRecording(ctx context.Context, in NewRecording) (Recording, error) {
	session, err := readLiveSession(ctx, tx.scope, in.LiveSessionID)
	if err != nil {
		return Recording{}, fmt.Errorf("record live session %s: %w", in.LiveSessionID, err)
	}
	if in.StartedAt != nil && in.EndedAt != nil && in.EndedAt.Before(*in.StartedAt) {
		return Recording{}, &Invalid{Field: "/endedAt", Issue: "must not be before startedAt"}
	}
	recording := Recording{WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now,
		LiveSessionID: session.ID, CourseID: session.CourseID, Title: session.Title, URL: in.URL,
		URLExpiresAt: stored(in.URLExpiresAt), DurationSeconds: in.DurationSeconds, SizeBytes: in.SizeBytes,
		MimeType: in.MimeType, StartedAt: stored(in.StartedAt), EndedAt: stored(in.EndedAt)}
	if in.Title != nil {
		recording.Title = *in.Title
	}
	if recording.ID, err = tx.newID(prefixRecording); err != nil {
		return Recording{}, err
	}
	return recording, wrap("record live session "+session.ID, insert(ctx, tx.scope, &recording))
}
