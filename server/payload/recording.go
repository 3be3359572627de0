package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Recording is the recording of a live session: where it is, never the file.
func Recording(r store.Recording) gen.Recording {
	return gen.Recording{
		ID:              r.ID,
		LiveSessionID:   r.LiveSessionID,
		CourseID:        r.CourseID,
		Title:           r.Title,
		URL:             r.URL,
		URLExpiresAt:    utcOrNull(r.URLExpiresAt),
		DurationSeconds: numberOrNull(r.DurationSeconds),
		SizeBytes:       r.SizeBytes,
		MimeType:        r.MimeType,
		StartedAt:       utcOrNull(r.StartedAt),
		EndedAt:         utcOrNull(r.EndedAt),
		CreatedAt:       utc(r.CreatedAt),
		UpdatedAt:       utc(r.UpdatedAt),
	}
}
