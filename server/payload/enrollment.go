package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Enrollment is a student's access to a course with its progress and history.
func Enrollment(e store.Enrollment) gen.Enrollment {
	return gen.Enrollment{
		ID:                   e.ID,
		StudentID:            e.StudentID,
		CourseID:             e.CourseID,
		CourseTitle:          e.CourseTitle,
		Status:               gen.EnrollmentStatus(e.Status),
		Source:               gen.EnrollmentSource(e.Source),
		Note:                 e.Note,
		OrderID:              e.OrderID,
		ProgressPercent:      float64(e.ProgressPercent),
		CompletedLessonCount: e.CompletedLessonCount,
		TotalLessonCount:     e.TotalLessonCount,
		EnrolledAt:           utc(e.EnrolledAt),
		CompletedAt:          utcOrNull(e.CompletedAt),
		RevokedAt:            utcOrNull(e.RevokedAt),
		RevokedReason:        e.RevokedReason,
		ExpiresAt:            utcOrNull(e.ExpiresAt),
		CertificateID:        e.CertificateID,
		History:              List(e.History, historyEntry),
		CreatedAt:            utc(e.CreatedAt),
		UpdatedAt:            utc(e.UpdatedAt),
	}
}

func historyEntry(h store.HistoryEntry) gen.EnrollmentHistoryEntry {
	return gen.EnrollmentHistoryEntry{Action: gen.EnrollmentAction(h.Action), At: utc(h.At), Source: gen.EnrollmentSource(h.Source)}
}
