package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (s *school) create(in store.NewCourse) (course store.CourseDetail) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		course, err = tx.CreateCourse(s.tb.Context(), in)
		return err
	})
	return course
}

func (s *school) edit(id string, patch store.CoursePatch) (course store.CourseDetail, changed bool) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		course, changed, err = tx.UpdateCourse(s.tb.Context(), id, patch)
		return err
	})
	return course, changed
}

// outlineOf is the outline of a course as a caller would send it back.
func outlineOf(course store.CourseDetail) []store.NewModule {
	outline := []store.NewModule{}
	for _, m := range course.Modules {
		module := store.NewModule{ID: m.ID, Title: m.Title, Description: m.Description, Unlock: m.Unlock}
		for _, l := range m.Lessons {
			module.Lessons = append(module.Lessons, store.NewLesson{ID: l.ID, Title: l.Title, Type: l.Type,
				DurationSeconds: l.DurationSeconds, IsPreview: l.IsPreview})
		}
		outline = append(outline, module)
	}
	return outline
}

func TestCreateCourse_SlugIsUniqueAndMadeOfTheTitle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		for _, c := range []struct{ title, slug string }{
			{"  Kathak: First Steps! ", "kathak-first-steps"}, {"Kathak first steps", "kathak-first-steps-2"},
			{"kathak_first_steps", "kathak-first-steps-3"}, {"हिन्दी कथक", "हिन्दी-कथक"}, {"?!", "course"}, {"…", "course-2"},
			{strings.Repeat("ab ", 60), strings.Repeat("ab-", 33) + "a"},
		} {
			if got := s.create(store.NewCourse{Title: c.title}).Slug; got != c.slug {
				t.Errorf("%q became %q, want %q", c.title, got, c.slug)
			}
		}
		other.create(store.NewCourse{Title: "A", Slug: "kathak-first-steps"})
		for range 30 {
			s.create(store.NewCourse{Title: "Again"})
		}
		for _, slug := range []string{"course", "Upper", "a--b", "-a", "a b", "a/b"} {
			field, refused := s.refusal(func(tx *store.Tx) error {
				_, err := tx.CreateCourse(t.Context(), store.NewCourse{Title: "A", Slug: slug})
				return err
			})
			if !refused || field != "/slug" {
				t.Errorf("slug %q: refused %v at %q", slug, refused, field)
			}
		}
	})
}

func TestCreateCourse_FillsInWhatItsAuthorLeavesOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		made := s.create(store.NewCourse{Title: "A", Modules: []store.NewModule{{Title: "M"}}})
		got := s.rereadCourse(made.ID)
		if got.Status != store.CourseDraft || got.Visibility != "public" || got.Level != "all" || got.Language != "en" ||
			got.Price.Currency != "EUR" || got.Tags == nil || got.Modules[0].Unlock != store.UnlockImmediate {
			t.Errorf("%+v", got)
		}
		if !strings.HasPrefix(got.Instructor.ID, "usr_") || got.Instructor.Name != "Test School" {
			t.Errorf("instructor %+v", got.Instructor)
		}
		field, refused := s.refusal(func(tx *store.Tx) error {
			_, err := tx.CreateCourse(t.Context(), store.NewCourse{Title: "A", Currency: "USD"})
			return err
		})
		if !refused || field != "/price/currency" {
			t.Errorf("another currency: %v %q", refused, field)
		}
	})
}

func TestUpdateCourse_AbsentStaysNullClearsValueSets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		before := s.create(store.NewCourse{Title: "A", Subtitle: ptr("sub"), Description: ptr("text"), Tags: []string{"x"},
			PriceAmount: 5, CompareAtAmount: ptr(int64(9)), Modules: []store.NewModule{{Title: "M"}}})
		after, changed := s.edit(before.ID, store.CoursePatch{Subtitle: store.To[*string](nil), PriceAmount: store.To(int64(7)),
			CompareAtAmount: store.To[*int64](nil), Tags: store.To[[]string](nil), CertificateEnabled: store.To(true)})
		stored := s.rereadCourse(before.ID)
		if !changed || stored.Subtitle != nil || stored.Price.Amount != 7 || stored.Price.CompareAtAmount != nil ||
			len(stored.Tags) != 0 || !stored.CertificateEnabled || *stored.Description != "text" || stored.Slug != before.Slug {
			t.Errorf("%v %+v", changed, stored)
		}
		if !stored.UpdatedAt.Equal(after.UpdatedAt) || !stored.UpdatedAt.After(before.UpdatedAt) || len(stored.Modules) != 1 {
			t.Errorf("updatedAt %v, %d modules", stored.UpdatedAt, len(stored.Modules))
		}
		for name, patch := range map[string]store.CoursePatch{
			"nothing": {}, "the same": {Title: store.To("A"), Slug: store.To(before.Slug), Tags: store.To([]string{}),
				Instructor: store.To(before.Instructor), Modules: store.To(outlineOf(stored))},
		} {
			if _, changed := s.edit(before.ID, patch); changed || !s.rereadCourse(before.ID).UpdatedAt.Equal(after.UpdatedAt) {
				t.Errorf("a patch with %s changed the course", name)
			}
		}
		renamed, _ := s.edit(before.ID, store.CoursePatch{Title: store.To("B"), Slug: store.To("")})
		if renamed.Slug != "b" {
			t.Errorf("slug %q made of the new title", renamed.Slug)
		}
	})
}

// enrollmentIn is the student's enrollment in the course.
func enrollmentIn(student store.Student, courseID string) store.Enrollment {
	return student.Enrollments[slices.IndexFunc(student.Enrollments, func(e store.Enrollment) bool { return e.CourseID == courseID })]
}

// Learners keep what they completed, under ids that stay; what left the outline counts no longer.
func TestUpdateCourse_NewOutlineRecomputesProgress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, bystander := s.course(4), s.course(1)
		idle, half, done, gone := s.student(), s.student(), s.student(), s.student()
		s.enroll(half.ID, bystander.ID)
		s.enroll(idle.ID, course.ID)
		s.complete(s.enroll(half.ID, course.ID), course, 2)
		s.complete(s.enroll(done.ID, course.ID), course, 4)
		left := s.complete(s.enroll(gone.ID, course.ID), course, 2)
		s.tx(func(tx *store.Tx) error {
			_, _, err := tx.Revoke(t.Context(), left.ID, nil, store.SourceManual)
			return err
		})
		// The second module comes first, with a new lesson; the first keeps one of its two lessons.
		outline := outlineOf(course)
		outline[1].Lessons = append(outline[1].Lessons, store.NewLesson{Title: "New", Type: "pdf", DurationSeconds: 5})
		outline[0].Lessons = outline[0].Lessons[:1]
		slices.Reverse(outline)
		s.edit(course.ID, store.CoursePatch{Modules: store.To(outline)})
		now := s.rereadCourse(course.ID)
		if now.LessonCount != 4 || now.ModuleCount != 2 || now.DurationSeconds != 3*60+5 || now.Modules[0].ID != course.Modules[1].ID ||
			now.Modules[1].Lessons[0].ID != course.Modules[0].Lessons[0].ID || now.Modules[0].Lessons[2].Position != 3 {
			t.Errorf("%+v", now)
		}
		for name, c := range map[string]struct {
			student   store.Student
			completed int
			status    string
		}{
			"idle": {idle, 0, store.EnrollmentActive}, "half": {half, 1, store.EnrollmentActive},
			"done": {done, 3, store.EnrollmentCompleted}, "revoked": {gone, 1, store.EnrollmentRevoked},
		} {
			got := s.reread(c.student.ID)
			e := enrollmentIn(got, course.ID)
			if e.TotalLessonCount != 4 || e.CompletedLessonCount != c.completed || e.ProgressPercent != float64(25*c.completed) || e.Status != c.status {
				t.Errorf("%s: %d of %d lessons, %v %%, %s", name, e.CompletedLessonCount, e.TotalLessonCount, e.ProgressPercent, e.Status)
			}
			if moved := c.completed != 0; moved != got.UpdatedAt.Equal(now.UpdatedAt) {
				t.Errorf("%s: updatedAt %v, the edit was at %v", name, got.UpdatedAt, now.UpdatedAt)
			}
		}
		if p := s.reread(half.ID).Progress; p.AveragePercent != 12.5 || p.LessonsCompleted != 1 {
			t.Errorf("progress %+v", p)
		}
		wantRebuildChangesNothing(t, db, s.Workspace)
	})
}

// An outline is not a learner: it completes no enrollment, even if nothing is left to do, and reopens none.
func TestUpdateCourse_NewOutlineCompletesAndReopensNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, half, done := s.course(4), s.student(), s.student()
		s.complete(s.enroll(half.ID, course.ID), course, 2)
		s.complete(s.enroll(done.ID, course.ID), course, 4)
		s.edit(course.ID, store.CoursePatch{Modules: store.To(outlineOf(course)[:1])})
		if e := s.reread(half.ID).Enrollments[0]; e.ProgressPercent != 100 || e.Status != store.EnrollmentActive || e.CompletedAt != nil {
			t.Errorf("an outline completed %+v", e)
		}
		s.edit(course.ID, store.CoursePatch{Modules: store.To[[]store.NewModule](nil)})
		if e := s.reread(done.ID).Enrollments[0]; e.ProgressPercent != 0 || e.TotalLessonCount != 0 || e.Status != store.EnrollmentCompleted {
			t.Errorf("an empty outline left %+v", e)
		}
		wantRebuildChangesNothing(t, db, s.Workspace)
	})
}

func TestUpdateCourse_KeepsOnlyIDsOfItsOwnOutline(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		course, sibling, foreign := s.course(2), s.course(2), other.course(2)
		module := func(m store.Module, lessons ...store.NewLesson) store.NewModule {
			return store.NewModule{ID: m.ID, Title: "M", Lessons: lessons}
		}
		lesson := func(c store.CourseDetail) store.NewLesson {
			return store.NewLesson{ID: c.Modules[0].Lessons[0].ID, Title: "L", Type: "text"}
		}
		for name, c := range map[string]struct {
			outline []store.NewModule
			field   string // "" is ErrNotFound
		}{
			"another course's module": {[]store.NewModule{{Title: "A"}, module(sibling.Modules[0])}, "/modules/1/id"},
			"another course's lesson": {[]store.NewModule{{Title: "A", Lessons: []store.NewLesson{lesson(sibling)}}}, "/modules/0/lessons/0/id"},
			"a module twice":          {[]store.NewModule{module(course.Modules[0]), module(course.Modules[0])}, "/modules/1/id"},
			"a lesson twice":          {[]store.NewModule{module(course.Modules[0], lesson(course), lesson(course))}, "/modules/0/lessons/1/id"},
			"too many modules":        {make([]store.NewModule, 101), "/modules"},
			"too many lessons":        {[]store.NewModule{{Lessons: make([]store.NewLesson, 501)}}, "/modules"},
			"too long": {[]store.NewModule{{Lessons: []store.NewLesson{{DurationSeconds: 1 << 30}, {DurationSeconds: 1 << 30}}}},
				"/modules"},
			"a foreign module":  {[]store.NewModule{module(foreign.Modules[0])}, ""},
			"a foreign lesson":  {[]store.NewModule{{Lessons: []store.NewLesson{lesson(foreign)}}}, ""},
			"an unknown lesson": {[]store.NewModule{{Lessons: []store.NewLesson{{ID: "les_none"}}}}, ""},
		} {
			err := s.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.UpdateCourse(t.Context(), course.ID, store.CoursePatch{Modules: store.To(c.outline)})
				return err
			})
			refusal, invalid := errors.AsType[*store.Invalid](err)
			if c.field == "" && !errors.Is(err, store.ErrNotFound) || c.field != "" && (!invalid || refusal.Field != c.field) {
				t.Errorf("%s: %v, want a refusal of %q", name, err, c.field)
			}
		}
		if got := s.rereadCourse(course.ID); got.Modules[0].Lessons[0].ID != course.Modules[0].Lessons[0].ID {
			t.Error("a refused outline left traces")
		}
	})
}

// An archived course keeps its learners, so it can still be corrected. A title shows as it is today in enrollments, and
// as it was on the day in certificates.
func TestUpdateCourse_TitleReachesEnrollmentsOfArchivedCourses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		s.complete(s.enroll(student.ID, course.ID), course, 1)
		s.archive(course.ID)
		after, _ := s.edit(course.ID, store.CoursePatch{Title: store.To("Renamed")})
		got := s.reread(student.ID)
		if e := got.Enrollments[0]; after.Status != store.CourseArchived || e.CourseTitle != "Renamed" || !e.UpdatedAt.Equal(after.UpdatedAt) ||
			!got.UpdatedAt.Equal(after.UpdatedAt) || e.ProgressPercent != 100 {
			t.Errorf("%+v", got)
		}
		if c, err := s.Certificate(t.Context(), *got.Enrollments[0].CertificateID); err != nil || c.CourseTitle != course.Title {
			t.Errorf("%+v %v", c, err)
		}
		wantRebuildChangesNothing(t, db, s.Workspace)
	})
}

// A course with ten thousand learners is edited while its workspace waits, so the learners are never gone through.
func TestUpdateCourse_StatementsDoNotGrowWithLearners(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		statements := func(learners int) int {
			course := s.course(6)
			for i := range learners {
				s.complete(s.enroll(s.student().ID, course.ID), course, 1+i%6)
			}
			var texts *[]string
			s.tx(func(tx *store.Tx) error {
				texts = tx.CountStatements()
				_, _, err := tx.UpdateCourse(t.Context(), course.ID, store.CoursePatch{Modules: store.To(outlineOf(course)[1:])})
				return err
			})
			return len(*texts)
		}
		if few, many := statements(1), statements(12); few != many || many > 15 {
			t.Errorf("%d statements with one learner and %d with twelve, want the same and at most 15", few, many)
		}
	})
}

// editAny renames a course, or gives it an outline with some lessons gone, some new and the modules turned round.
func (h *history) editAny(rt *rapid.T) {
	i := rapid.IntRange(0, len(h.courses)-1).Draw(rt, "course")
	if rapid.Bool().Draw(rt, "rename") {
		h.count++
		h.courses[i], _ = h.edit(h.courses[i].ID, store.CoursePatch{Title: store.To(fmt.Sprintf("Title %d", h.count))})
		return
	}
	outline := outlineOf(h.courses[i])
	for m := range outline {
		outline[m].Lessons = slices.DeleteFunc(outline[m].Lessons, func(store.NewLesson) bool { return rapid.Bool().Draw(rt, "drop") })
	}
	added := store.NewModule{Title: "More"}
	for range rapid.IntRange(0, 2).Draw(rt, "new lessons") {
		added.Lessons = append(added.Lessons, store.NewLesson{Title: "New", Type: "video", DurationSeconds: 30})
	}
	outline = append(outline, added)
	slices.Reverse(outline)
	outline = outline[:min(len(outline), 4)]
	h.courses[i], _ = h.edit(h.courses[i].ID, store.CoursePatch{Modules: store.To(outline)})
}

// wantOutlinesInEnrollments compares every enrollment with the outline and the title of its course.
func (h *history) wantOutlinesInEnrollments() {
	h.tb.Helper()
	for _, course := range h.courses {
		stored := h.rereadCourse(course.ID)
		for _, student := range h.students {
			for _, e := range h.reread(student.ID).Enrollments {
				if e.CourseID != course.ID {
					continue
				}
				percent := 0.0
				if stored.LessonCount > 0 {
					percent = float64(e.CompletedLessonCount*10_000/stored.LessonCount) / 100
				}
				if e.TotalLessonCount != stored.LessonCount || e.ProgressPercent != percent || e.CourseTitle != stored.Title {
					h.tb.Errorf("%q with %d lessons shows as %+v", stored.Title, stored.LessonCount, e)
				}
			}
		}
	}
}
