package store_test

import (
	"errors"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func lessonIDs(course store.CourseDetail) (ids []string) {
	for _, module := range course.Modules {
		for _, lesson := range module.Lessons {
			ids = append(ids, lesson.ID)
		}
	}
	return ids
}

func (s *school) learnt(enrollmentID string, ids ...string) (e store.Enrollment, effects store.LessonEffects) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		e, effects, err = tx.CompleteLessons(s.tb.Context(), enrollmentID, ids)
		return err
	})
	return e, effects
}

// The caller emits certificate.issued by what comes back, so it must come back exactly once.
func TestCompleteLessons_LastOneCompletesAndCertifiesOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(2), s.student()
		ids, e := lessonIDs(course), s.enroll(student.ID, course.ID)
		if after, effects := s.learnt(e.ID, ids[0], ids[0]); effects != (store.LessonEffects{Added: 1}) || after.ProgressPercent != 50 {
			t.Errorf("first lesson: %+v, %v %%", effects, after.ProgressPercent)
		}
		after, effects := s.learnt(e.ID, ids...)
		if effects.Added != 1 || !effects.Completed || effects.Certificate == nil || after.Status != store.EnrollmentCompleted ||
			*after.CertificateID != effects.Certificate.ID {
			t.Errorf("last lesson: %+v of %+v", effects, after)
		}
		again, effects := s.learnt(e.ID, ids...)
		if effects != (store.LessonEffects{}) || !again.UpdatedAt.Equal(s.reread(student.ID).Enrollments[0].UpdatedAt) {
			t.Errorf("a repeat changed something: %+v", effects)
		}
	})
}

func TestCompleteLessons_CertificateGivenByHandIsShownNotIssuedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		var given store.Certificate
		s.tx(func(tx *store.Tx) (err error) {
			given, _, err = tx.IssueCertificate(t.Context(), store.NewCertificate{StudentID: student.ID, CourseID: course.ID})
			return err
		})
		_, effects := s.learnt(s.enroll(student.ID, course.ID).ID, lessonIDs(course)...)
		stored := s.reread(student.ID).Enrollments[0]
		if effects.Certificate != nil || !effects.Completed || stored.CertificateID == nil || *stored.CertificateID != given.ID {
			t.Errorf("effects %+v, stored %+v", effects, stored)
		}
	})
}

func TestCompleteLessons_RefusesLessonsOfOthersWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		course, student := s.course(2), s.student()
		e, own := s.enroll(student.ID, course.ID), lessonIDs(course)[0]
		for name, c := range map[string]struct{ lesson, field string }{
			"another course": {lessonIDs(s.course(1))[0], "/completedLessonIds/1"},
			"unknown":        {"les_unknown", ""},
			"foreign":        {lessonIDs(other.course(1))[0], ""},
		} {
			err := s.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.CompleteLessons(t.Context(), e.ID, []string{own, c.lesson})
				return err
			})
			refusal, invalid := errors.AsType[*store.Invalid](err)
			if c.field == "" && !errors.Is(err, store.ErrNotFound) || c.field != "" && (!invalid || refusal.Field != c.field) {
				t.Errorf("%s: %v, want a refusal of %q", name, err, c.field)
			}
		}
		if s.reread(student.ID).Progress.LessonsCompleted != 0 {
			t.Error("a refused call completed a lesson")
		}
	})
}
