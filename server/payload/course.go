// Package payload turns the store's records into the contract's objects: one
// function for each, used by REST answers and webhook bodies alike, so that the
// two cannot differ. Nullable members become null, lists are never null, times
// are UTC with at most six fractional digits.
package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Course is a course without its outline, as in lists and events.
func Course(c store.Course) gen.Course {
	return gen.Course{
		ID:                 c.ID,
		Slug:               c.Slug,
		Title:              c.Title,
		Subtitle:           c.Subtitle,
		Description:        c.Description,
		Status:             gen.CourseStatus(c.Status),
		Visibility:         gen.CourseVisibility(c.Visibility),
		Level:              gen.CourseLevel(c.Level),
		Language:           c.Language,
		Category:           c.Category,
		Tags:               list(c.Tags),
		ThumbnailURL:       c.ThumbnailURL,
		Price:              gen.Price{Amount: c.Price.Amount, Currency: c.Price.Currency, CompareAtAmount: c.Price.CompareAtAmount},
		Instructor:         gen.Instructor{ID: c.Instructor.ID, Name: c.Instructor.Name},
		ModuleCount:        c.ModuleCount,
		LessonCount:        c.LessonCount,
		DurationSeconds:    c.DurationSeconds,
		EnrolledCount:      c.EnrolledCount,
		CertificateEnabled: c.CertificateEnabled,
		PublishAt:          utcOrNull(c.PublishAt),
		PublishedAt:        utcOrNull(c.PublishedAt),
		ArchivedAt:         utcOrNull(c.ArchivedAt),
		CreatedAt:          utc(c.CreatedAt),
		UpdatedAt:          utc(c.UpdatedAt),
	}
}

// CourseDetail is a course with its outline.
func CourseDetail(detail store.CourseDetail) gen.CourseDetail {
	c := Course(detail.Course)
	return gen.CourseDetail{
		ID:                 c.ID,
		Slug:               c.Slug,
		Title:              c.Title,
		Subtitle:           c.Subtitle,
		Description:        c.Description,
		Status:             c.Status,
		Visibility:         c.Visibility,
		Level:              c.Level,
		Language:           c.Language,
		Category:           c.Category,
		Tags:               c.Tags,
		ThumbnailURL:       c.ThumbnailURL,
		Price:              c.Price,
		Instructor:         c.Instructor,
		ModuleCount:        c.ModuleCount,
		LessonCount:        c.LessonCount,
		DurationSeconds:    c.DurationSeconds,
		EnrolledCount:      c.EnrolledCount,
		CertificateEnabled: c.CertificateEnabled,
		PublishAt:          c.PublishAt,
		PublishedAt:        c.PublishedAt,
		ArchivedAt:         c.ArchivedAt,
		CreatedAt:          c.CreatedAt,
		UpdatedAt:          c.UpdatedAt,
		Modules:            List(detail.Modules, module),
	}
}

func module(m store.Module) gen.Module {
	return gen.Module{
		ID:              m.ID,
		Title:           m.Title,
		Description:     m.Description,
		Position:        m.Position,
		Unlock:          gen.ModuleUnlock(m.Unlock),
		LessonCount:     m.LessonCount,
		DurationSeconds: m.DurationSeconds,
		Lessons:         List(m.Lessons, lesson),
	}
}

func lesson(l store.Lesson) gen.Lesson {
	return gen.Lesson{
		ID:              l.ID,
		ModuleID:        l.ModuleID,
		Title:           l.Title,
		Type:            gen.LessonType(l.Type),
		Position:        l.Position,
		DurationSeconds: l.DurationSeconds,
		IsPreview:       l.IsPreview,
	}
}
