package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Live session states. A session only ever goes forward.
const (
	SessionScheduled = "scheduled"
	SessionLive      = "live"
	SessionEnded     = "ended"
)

// LiveSession is a live class. The store starts and ends it only when it is told to, never by the clock.
type LiveSession struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	CourseID        *string // nil if it stands alone
	Title           string
	Provider        *string
	ScheduledAt     time.Time `gorm:"serializer:micros"`
	DurationMinutes int       // as planned, 1 to 1,440
	JoinURL         *string
	Status          string
	StartedAt       *time.Time `gorm:"serializer:micros"`
	EndedAt         *time.Time `gorm:"serializer:micros"`
	DurationSeconds *int64     // as it was, nil until the end
	AttendeeCount   *int64     // nil until it is known
}

const liveSessionColumns = `workspace_id, id, created_at, updated_at, course_id, title, provider, scheduled_at,
	duration_minutes, join_url, status, started_at, ended_at, duration_seconds, attendee_count`

func scanLiveSession(row *sql.Rows, s *LiveSession) error {
	return row.Scan(&s.WorkspaceID, &s.ID, at(&s.CreatedAt), at(&s.UpdatedAt), textOrNil(&s.CourseID), &s.Title,
		textOrNil(&s.Provider), at(&s.ScheduledAt), whole(&s.DurationMinutes), textOrNil(&s.JoinURL), &s.Status,
		atOrNil(&s.StartedAt), atOrNil(&s.EndedAt), amountOrNil(&s.DurationSeconds), amountOrNil(&s.AttendeeCount))
}

// LiveSessions lists live sessions with one query, by live_sessions_created or live_sessions_updated.
func (w *Workspace) LiveSessions(ctx context.Context, opt ListOptions) (Page[LiveSession], error) {
	list := listing[LiveSession]{
		name: "live sessions", columns: liveSessionColumns, from: "live_sessions l", alias: "l", scan: scanLiveSession,
		stand: func(s *LiveSession) (time.Time, time.Time, string) { return s.CreatedAt, s.UpdatedAt, s.ID },
	}
	return list.read(ctx, w, opt)
}

// LiveSession reads a live session: one query.
func (w *Workspace) LiveSession(ctx context.Context, id string) (LiveSession, error) {
	session, err := readLiveSession(ctx, w.scope, id)
	return session, wrap("live session "+id, err)
}

func readLiveSession(ctx context.Context, s scope, id string) (LiveSession, error) {
	return scanOne(ctx, s, sqlQuery{
		text: `SELECT ` + liveSessionColumns + ` FROM live_sessions WHERE workspace_id = $1 AND id = $2`,
		args: []any{id}, capacity: 1,
	}, scanLiveSession)
}

// NewLiveSession is what a caller decides about a live session.
type NewLiveSession struct {
	CourseID        *string
	Title           string
	Provider        *string
	ScheduledAt     time.Time
	DurationMinutes int
	JoinURL         *string
}

// CreateLiveSession schedules a live session. The time may be past: sessions are also entered afterwards.
// ErrNotFound if the workspace does not have the course.
func (tx *Tx) CreateLiveSession(ctx context.Context, in NewLiveSession) (LiveSession, error) {
	if err := tx.wantCourse(ctx, in.CourseID); err != nil {
		return LiveSession{}, fmt.Errorf("create live session: %w", err)
	}
	session := LiveSession{WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now, CourseID: in.CourseID,
		Title: in.Title, Provider: in.Provider, ScheduledAt: *stored(&in.ScheduledAt), DurationMinutes: in.DurationMinutes,
		JoinURL: in.JoinURL, Status: SessionScheduled}
	var err error
	if session.ID, err = tx.newID(prefixLiveSession); err != nil {
		return LiveSession{}, err
	}
	return session, wrap("create live session", insert(ctx, tx.scope, &session))
}

// wantCourse reports ErrNotFound unless the course exists, or none is named.
func (tx *Tx) wantCourse(ctx context.Context, id *string) error {
	if id == nil {
		return nil
	}
	_, err := readCourse(ctx, tx.scope, *id)
	return wrap("course "+*id, err)
}

// LiveSessionPatch is a merge patch of a live session.
type LiveSessionPatch struct {
	CourseID        Change[*string]
	Title           Change[string]
	Provider        Change[*string]
	ScheduledAt     Change[time.Time]
	DurationMinutes Change[int]
	JoinURL         Change[*string]
}

// UpdateLiveSession applies a patch and reports whether that changed anything. A session that has started cannot be
// scheduled anew; everything else may be corrected for ever.
func (tx *Tx) UpdateLiveSession(ctx context.Context, id string, p LiveSessionPatch) (LiveSession, bool, error) {
	before, err := readLiveSession(ctx, tx.scope, id)
	if err != nil {
		return LiveSession{}, false, fmt.Errorf("update live session %s: %w", id, err)
	}
	after := before
	changed := p.apply(&after)
	if len(changed) == 0 {
		return before, false, nil
	}
	if _, moved := changed["scheduledAt"]; moved && before.Status != SessionScheduled {
		return LiveSession{}, false, &Invalid{Field: "/scheduledAt", Issue: "cannot change: the session is " + before.Status}
	}
	if _, moved := changed["durationMinutes"]; moved && before.Status == SessionEnded {
		return LiveSession{}, false, &Invalid{Field: "/durationMinutes", Issue: "cannot change: the session has ended"}
	}
	after.UpdatedAt = tx.now
	if _, moved := changed["courseId"]; moved {
		err = tx.moveSession(ctx, after)
	}
	if err == nil {
		err = tx.saveLiveSession(ctx, after)
	}
	return after, err == nil, wrap("update live session "+id, err)
}

// apply changes the session and returns the former values of what changed.
func (p LiveSessionPatch) apply(s *LiveSession) map[string]any {
	previous := map[string]any{}
	changeTextOrNil(previous, "courseId", &s.CourseID, p.CourseID)
	changeText(previous, "title", &s.Title, p.Title)
	changeTextOrNil(previous, "provider", &s.Provider, p.Provider)
	p.ScheduledAt.Value = *stored(&p.ScheduledAt.Value)
	change(previous, "scheduledAt", &s.ScheduledAt, p.ScheduledAt, time.Time.Equal)
	change(previous, "durationMinutes", &s.DurationMinutes, p.DurationMinutes, func(a, b int) bool { return a == b })
	changeTextOrNil(previous, "joinUrl", &s.JoinURL, p.JoinURL)
	return previous
}

// moveSession takes the recordings of a session along to its new course.
func (tx *Tx) moveSession(ctx context.Context, s LiveSession) error {
	if err := tx.wantCourse(ctx, s.CourseID); err != nil {
		return err
	}
	_, err := tx.scope.exec(ctx, `UPDATE recordings SET course_id = $3, updated_at = $4
		WHERE workspace_id = $1 AND live_session_id = $2`, s.ID, s.CourseID, micros(tx.now))
	return err
}

// StartLiveSession says that a session runs and reports whether that is new. Invalid if it is over.
func (tx *Tx) StartLiveSession(ctx context.Context, id string) (LiveSession, bool, error) {
	session, err := readLiveSession(ctx, tx.scope, id)
	switch {
	case err != nil:
		return LiveSession{}, false, fmt.Errorf("start live session %s: %w", id, err)
	case session.Status == SessionLive:
		return session, false, nil
	case session.Status == SessionEnded:
		return LiveSession{}, false, &Invalid{Field: "", Issue: "the session has ended and cannot start again"}
	}
	session.Status, session.StartedAt, session.UpdatedAt = SessionLive, &tx.now, tx.now
	return session, true, tx.saveLiveSession(ctx, session)
}

// EndLiveSession says that a session is over, with the number of those who took part if that is known, and reports
// whether that is new: a repeat changes nothing, not even the number. Invalid if it has not started.
func (tx *Tx) EndLiveSession(ctx context.Context, id string, attendees *int64) (LiveSession, bool, error) {
	session, err := readLiveSession(ctx, tx.scope, id)
	switch {
	case err != nil:
		return LiveSession{}, false, fmt.Errorf("end live session %s: %w", id, err)
	case session.Status == SessionEnded:
		return session, false, nil
	case session.Status == SessionScheduled:
		return LiveSession{}, false, &Invalid{Field: "", Issue: "the session has not started and cannot end"}
	}
	ran := int64(tx.now.Sub(*session.StartedAt) / time.Second)
	session.Status, session.EndedAt, session.UpdatedAt = SessionEnded, &tx.now, tx.now
	session.DurationSeconds, session.AttendeeCount = &ran, attendees
	return session, true, tx.saveLiveSession(ctx, session)
}

// saveLiveSession writes all that may change of a session.
func (tx *Tx) saveLiveSession(ctx context.Context, s LiveSession) error {
	n, err := rows[LiveSession](tx.scope).Where("id = ?", s.ID).
		Select("course_id", "title", "provider", "scheduled_at", "duration_minutes", "join_url", "status", "started_at",
			"ended_at", "duration_seconds", "attendee_count", "updated_at").
		Updates(ctx, s)
	return wrap("save live session "+s.ID, affected(n, err))
}
