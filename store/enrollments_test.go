package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func TestEnroll_FiftyAtOnceMakeOneRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(2), s.student()
		var made, existing atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				err := s.Tx(t.Context(), func(tx *store.Tx) error {
					_, created, err := tx.Enroll(t.Context(), store.NewEnrollment{StudentID: student.ID, CourseID: course.ID})
					if created {
						made.Add(1)
					} else if err == nil {
						existing.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 || existing.Load() != 49 {
			t.Errorf("%d made and %d found one, want 1 and 49", made.Load(), existing.Load())
		}
		if got := s.reread(student.ID).Enrollments; len(got) != 1 || got[0].Status != store.EnrollmentActive {
			t.Errorf("enrollments %+v, want a single active one", got)
		}
		if got := s.rereadCourse(course.ID).EnrolledCount; got != 1 {
			t.Errorf("enrolledCount %d, want 1", got)
		}
	})
}

func TestEnroll_RevokedIsReinstatedWithItsProgress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(3), s.student()
		first := s.enroll(student.ID, course.ID)
		s.complete(first, course, 1)
		s.tx(func(tx *store.Tx) error {
			_, _, err := tx.Revoke(t.Context(), first.ID, ptr("left"), store.SourceManual)
			return err
		})
		if got := s.reread(student.ID); got.Progress.CoursesEnrolled != 0 || *got.Enrollments[0].RevokedReason != "left" {
			t.Errorf("after revoking %+v", got)
		}
		again := s.enroll(student.ID, course.ID)
		if again.ID != first.ID || again.Status != store.EnrollmentActive || again.RevokedAt != nil {
			t.Errorf("reinstated %+v", again)
		}
		if again.ProgressPercent != 33.33 || again.CompletedLessonCount != 1 {
			t.Errorf("progress %v after %d lessons, want it kept", again.ProgressPercent, again.CompletedLessonCount)
		}
		var actions []string
		for _, entry := range s.reread(student.ID).Enrollments[0].History {
			actions = append(actions, entry.Action)
		}
		if len(actions) != 3 || actions[0] != "reinstated" || actions[1] != "revoked" || actions[2] != "enrolled" {
			t.Errorf("history %v, want newest first", actions)
		}
	})
}

func TestEnroll_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		student, course, draft := s.student(), s.course(1), s.draft(1)
		archived := s.course(1)
		s.tx(func(tx *store.Tx) error {
			_, _, err := tx.Archive(t.Context(), archived.ID)
			return err
		})
		foreign, stranger := other.course(1), other.student()
		past := s.Clock.Now().Add(-time.Hour)
		for name, c := range map[string]struct {
			in    store.NewEnrollment
			field string // "" is ErrNotFound
		}{
			"draft":           {store.NewEnrollment{StudentID: student.ID, CourseID: draft.ID}, "/courseId"},
			"archived":        {store.NewEnrollment{StudentID: student.ID, CourseID: archived.ID}, "/courseId"},
			"past expiry":     {store.NewEnrollment{StudentID: student.ID, CourseID: course.ID, ExpiresAt: &past}, "/expiresAt"},
			"foreign course":  {store.NewEnrollment{StudentID: student.ID, CourseID: foreign.ID}, ""},
			"foreign student": {store.NewEnrollment{StudentID: stranger.ID, CourseID: course.ID}, ""},
			"other type":      {store.NewEnrollment{StudentID: course.ID, CourseID: course.ID}, ""},
		} {
			err := s.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.Enroll(t.Context(), c.in)
				return err
			})
			refusal, invalid := errors.AsType[*store.Invalid](err)
			if c.field == "" && !errors.Is(err, store.ErrNotFound) || c.field != "" && (!invalid || refusal.Field != c.field) {
				t.Errorf("%s: %v, want a refusal of %q", name, err, c.field)
			}
		}
	})
}

func TestEnrollment_HistoryKeepsTheNewestTwenty(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		for range 12 {
			s.expire(s.enrollFor(student.ID, course.ID, time.Hour).ID, time.Hour)
		}
		e := s.reread(student.ID).Enrollments[0]
		if len(e.History) != 20 || e.History[0].Action != store.ActionExpired || *e.RevokedReason != "expired" {
			t.Errorf("%d entries, the newest %s, want 20 and expired", len(e.History), e.History[0].Action)
		}
	})
}

// Whatever a GET shows must move its updatedAt, or an incremental reader keeps the old state for ever.
func TestEnroll_MovesUpdatedAtOfAllItShowsIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(2), s.student()
		check := func(doing string, e store.Enrollment, courseToo bool) {
			t.Helper()
			now := s.reread(student.ID)
			if !now.UpdatedAt.After(student.UpdatedAt) || !now.Enrollments[0].UpdatedAt.Equal(e.UpdatedAt) {
				t.Errorf("%s: student %v -> %v, enrollment %v", doing, student.UpdatedAt, now.UpdatedAt, e.UpdatedAt)
			}
			after := s.rereadCourse(course.ID)
			if after.UpdatedAt.After(course.UpdatedAt) != courseToo {
				t.Errorf("%s: course %v -> %v", doing, course.UpdatedAt, after.UpdatedAt)
			}
			student, course = now, after
		}
		e := s.enroll(student.ID, course.ID)
		check("enrol", e, true)
		check("progress", s.complete(e, course, 1), false)
		check("completion", s.complete(e, course, 2), false)
		if student.Progress.CertificatesEarned != 1 || student.Enrollments[0].CertificateID == nil {
			t.Errorf("no certificate after completion: %+v", student.Progress)
		}
		s.tx(func(tx *store.Tx) (err error) {
			e, _, err = tx.Revoke(t.Context(), e.ID, nil, store.SourceManual)
			return err
		})
		check("revoke", e, true)
	})
}

// enrollFor enrols a student for a time.
func (s *school) enrollFor(studentID, courseID string, length time.Duration) (enrollment store.Enrollment) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		end := tx.Now().Add(length)
		enrollment, _, err = tx.Enroll(s.tb.Context(), store.NewEnrollment{StudentID: studentID, CourseID: courseID,
			ExpiresAt: &end})
		return err
	})
	return enrollment
}

// expire lets time pass and expires the enrollment if it is due then.
func (s *school) expire(id string, after time.Duration) (enrollment store.Enrollment, ended bool) {
	s.tb.Helper()
	s.Clock.Advance(after)
	s.tx(func(tx *store.Tx) (err error) {
		enrollment, ended, err = tx.Expire(s.tb.Context(), id)
		return err
	})
	return enrollment, ended
}

// Whoever finds an enrollment due may be late: it may have been revoked meanwhile, or given again for longer.
func TestExpire_OnlyWhatIsStillDue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		e := s.enrollFor(student.ID, course.ID, time.Hour)
		if _, ended := s.expire(e.ID, 59*time.Minute); ended {
			t.Error("expired a minute early")
		}
		if e, ended := s.expire(e.ID, time.Minute); !ended || e.Status != store.EnrollmentExpired || e.RevokedAt == nil {
			t.Errorf("ended %t: %+v", ended, e)
		}
		if _, ended := s.expire(e.ID, 0); ended {
			t.Error("expired twice")
		}
		again := s.enrollFor(student.ID, course.ID, 48*time.Hour)
		if _, ended := s.expire(e.ID, time.Hour); again.ID != e.ID || ended {
			t.Error("expired what was given again")
		}
		endless := s.enroll(s.student().ID, course.ID)
		if _, ended := s.expire(endless.ID, 1000*time.Hour); ended {
			t.Error("expired what has no end")
		}
	})
}
