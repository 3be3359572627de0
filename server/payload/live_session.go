package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// LiveSession is a live class, planned, under way or over.
func LiveSession(s store.LiveSession) gen.LiveSession {
	return gen.LiveSession{
		ID:              s.ID,
		CourseID:        s.CourseID,
		Title:           s.Title,
		Provider:        s.Provider,
		ScheduledAt:     utc(s.ScheduledAt),
		DurationMinutes: s.DurationMinutes,
		JoinURL:         s.JoinURL,
		Status:          gen.LiveSessionStatus(s.Status),
		StartedAt:       utcOrNull(s.StartedAt),
		EndedAt:         utcOrNull(s.EndedAt),
		DurationSeconds: numberOrNull(s.DurationSeconds),
		AttendeeCount:   numberOrNull(s.AttendeeCount),
		CreatedAt:       utc(s.CreatedAt),
		UpdatedAt:       utc(s.UpdatedAt),
	}
}
