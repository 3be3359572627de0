package payload

import (
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Student is a student with progress and all enrollments.
func Student(s store.Student) gen.Student {
	metadata := s.Metadata
	if metadata == nil {
		metadata = map[string]string{}
	}
	return gen.Student{
		ID:          s.ID,
		Email:       s.Email,
		DisplayName: s.DisplayName,
		Phone:       s.Phone,
		Status:      gen.StudentStatus(s.Status),
		ExternalID:  s.ExternalID,
		Metadata:    metadata,
		Tags:        list(s.Tags),
		Source:      textOr(s.Source, store.SourceAPI),
		LastSeenAt:  utcOrNull(s.LastSeenAt),
		Progress: gen.StudentProgress{
			CoursesEnrolled:    s.Progress.CoursesEnrolled,
			CoursesCompleted:   s.Progress.CoursesCompleted,
			LessonsCompleted:   s.Progress.LessonsCompleted,
			AveragePercent:     float64(s.Progress.AveragePercent),
			LastActivityAt:     utcOrNull(s.Progress.LastActivityAt),
			CertificatesEarned: s.Progress.CertificatesEarned,
		},
		Enrollments: List(s.Enrollments, Enrollment),
		CreatedAt:   utc(s.CreatedAt),
		UpdatedAt:   utc(s.UpdatedAt),
	}
}

// DeletedStudent is what is left of an erased student.
func DeletedStudent(id string, at time.Time) gen.DeletedStudent {
	return gen.DeletedStudent{ID: id, DeletedAt: utc(at)}
}
