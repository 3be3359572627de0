package server

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// newCourse reads the body. What is absent is for the store to fill in.
func newCourse(body gen.CourseCreate) store.NewCourse {
	fresh := store.NewCourse{
		Slug:               valueOr(body.Slug, ""),
		Title:              body.Title,
		Subtitle:           body.Subtitle,
		Description:        body.Description,
		Visibility:         string(valueOr(body.Visibility, "")),
		Level:              string(valueOr(body.Level, "")),
		Language:           valueOr(body.Language, ""),
		Category:           body.Category,
		Tags:               valueOr(body.Tags, nil),
		ThumbnailURL:       body.ThumbnailURL,
		Instructor:         store.Instructor{ID: valueOr(body.InstructorID, "")},
		CertificateEnabled: valueOr(body.CertificateEnabled, false),
		Modules:            payload.List(valueOr(body.Modules, nil), newModule),
	}
	if price := body.Price; price != nil {
		fresh.PriceAmount, fresh.Currency, fresh.CompareAtAmount = price.Amount, valueOr(price.Currency, ""), price.CompareAtAmount
	}
	return fresh
}

func newModule(module gen.ModuleInput) store.NewModule {
	return store.NewModule{
		ID:          valueOr(module.ID, ""),
		Title:       module.Title,
		Description: module.Description,
		Unlock:      string(valueOr(module.Unlock, "")),
		Lessons:     payload.List(valueOr(module.Lessons, nil), newLesson),
	}
}

func newLesson(lesson gen.LessonInput) store.NewLesson {
	return store.NewLesson{
		ID:              valueOr(lesson.ID, ""),
		Title:           lesson.Title,
		Type:            string(lesson.Type),
		DurationSeconds: valueOr(lesson.DurationSeconds, 0),
		IsPreview:       valueOr(lesson.IsPreview, false),
	}
}

// coursePatch reads the body. The price is a merge patch within it.
func coursePatch(body gen.CoursePatch) store.CoursePatch {
	patch := store.CoursePatch{
		Slug:               patched(body.Slug),
		Title:              patched(body.Title),
		Subtitle:           patchedOrNull(body.Subtitle),
		Description:        patchedOrNull(body.Description),
		Visibility:         patched((*string)(body.Visibility)),
		Level:              patched((*string)(body.Level)),
		Language:           patched(body.Language),
		Category:           patchedOrNull(body.Category),
		Tags:               patchedOrEmpty(body.Tags),
		ThumbnailURL:       patchedOrNull(body.ThumbnailURL),
		CertificateEnabled: patched(body.CertificateEnabled),
	}
	if price := body.Price; price != nil {
		patch.PriceAmount, patch.Currency = patched(price.Amount), patched(price.Currency)
		patch.CompareAtAmount = patchedOrNull(price.CompareAtAmount)
	}
	if body.InstructorID != nil {
		patch.Instructor = store.To(store.Instructor{ID: *body.InstructorID})
	}
	if body.Modules != nil {
		patch.Modules = store.To(payload.List(*body.Modules, newModule))
	}
	return patch
}
