package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func (s *school) batch(items []store.BatchItem, invite bool) (outcomes []store.BatchOutcome) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		outcomes, err = tx.EnrollBatch(s.tb.Context(), items, invite)
		return err
	})
	return outcomes
}

func fates(outcomes []store.BatchOutcome) string {
	var all []string
	for _, o := range outcomes {
		all = append(all, o.Status)
	}
	return strings.Join(all, " ")
}

func TestEnrollBatch_ItemsSucceedOrFailAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		course, second, draft := s.course(2), s.course(1), s.draft(1)
		student, foreign := s.student(), other.student()
		revoked := s.enroll(student.ID, second.ID)
		s.tx(func(tx *store.Tx) error {
			_, _, err := tx.Revoke(t.Context(), revoked.ID, ptr("left"), store.SourceManual)
			return err
		})
		got := s.batch([]store.BatchItem{
			{StudentID: &student.ID, CourseID: course.ID},
			{Email: "STUDENT-" + student.Email[len("student-"):], DisplayName: "Ignored", CourseID: course.ID},
			{StudentID: &student.ID, CourseID: second.ID},
			{StudentID: &foreign.ID, CourseID: course.ID},
			{StudentID: ptr("stu_unknown"), CourseID: course.ID},
			{StudentID: &student.ID, CourseID: other.course(1).ID},
			{StudentID: &student.ID, CourseID: draft.ID},
			{Email: "nobody@example.com", DisplayName: "Nobody", CourseID: draft.ID},
			{Email: "Zoe@example.com", DisplayName: "Zoë", CourseID: course.ID},
			{Email: "zoe@EXAMPLE.com", DisplayName: "Other", CourseID: second.ID},
			{Email: "zoe@example.com", DisplayName: "Other", CourseID: course.ID},
		}, true)
		want := "created existing reinstated failed failed failed failed failed created created existing"
		if fates(got) != want {
			t.Fatalf("outcomes %s, want %s", fates(got), want)
		}
		for i, notFound := range map[int]bool{3: true, 4: true, 5: true, 6: false, 7: false} {
			refusal, invalid := errors.AsType[*store.Invalid](got[i].Err)
			if errors.Is(got[i].Err, store.ErrNotFound) != notFound || !notFound && (!invalid || refusal.Field != "/courseId") {
				t.Errorf("item %d: %v", i, got[i].Err)
			}
		}
		made := got[8].NewStudent
		if made == nil || made.Status != store.StudentInvited || made.DisplayName != "Zoë" || got[9].NewStudent != nil {
			t.Fatalf("new students %+v and %+v", made, got[9].NewStudent)
		}
		if zoe := s.reread(made.ID); len(zoe.Enrollments) != 2 || zoe.Progress.CoursesEnrolled != 2 {
			t.Errorf("stored %+v", zoe)
		}
		page, err := s.Students(t.Context(), store.StudentQuery{Email: ptr("nobody@example.com")})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("a failed item made a student: %v %v", page.Items, err)
		}
		if n := s.rereadCourse(course.ID).EnrolledCount; n != 2 {
			t.Errorf("enrolledCount %d, want 2", n)
		}
		wantRebuildChangesNothing(t, db, s.Workspace)
	})
}

// An item does what a call of its own would do, so both leave the same rows.
func TestEnrollBatch_StoresWhatEnrollStores(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(2), s.student()
		outcome := s.batch([]store.BatchItem{{StudentID: &student.ID, CourseID: course.ID}}, false)[0]
		stored, err := s.Enrollment(t.Context(), outcome.Enrollment.ID)
		if err != nil || fmt.Sprintf("%+v", stored) != fmt.Sprintf("%+v", outcome.Enrollment) {
			t.Errorf("returned %+v\nstored %+v, %v", outcome.Enrollment, stored, err)
		}
		single := s.enroll(s.student().ID, course.ID)
		single.ID, single.StudentID = stored.ID, stored.StudentID
		single.CreatedAt, single.UpdatedAt, single.EnrolledAt = stored.CreatedAt, stored.UpdatedAt, stored.EnrolledAt
		single.History[0].At = stored.History[0].At
		if fmt.Sprintf("%+v", stored) != fmt.Sprintf("%+v", single) {
			t.Errorf("by batch %+v\nby itself %+v", stored, single)
		}
	})
}

// everyOutcome makes items for all kinds of outcomes, n of each.
func (s *school) everyOutcome(n int) (items []store.BatchItem) {
	s.tb.Helper()
	course, left := s.course(1), s.course(1)
	for i := range n {
		student := s.student()
		revoked := s.enroll(student.ID, left.ID)
		s.tx(func(tx *store.Tx) error {
			_, _, err := tx.Revoke(s.tb.Context(), revoked.ID, nil, store.SourceManual)
			return err
		})
		items = append(items,
			store.BatchItem{StudentID: &student.ID, CourseID: course.ID},
			store.BatchItem{Email: student.Email, CourseID: course.ID},
			store.BatchItem{StudentID: &student.ID, CourseID: left.ID},
			store.BatchItem{StudentID: ptr("stu_unknown"), CourseID: course.ID},
			store.BatchItem{Email: fmt.Sprintf("new-%d-%d@example.com", n, i), DisplayName: "New", CourseID: course.ID})
	}
	return items
}

// A batch of 100 must not hold the workspace ten times as long as one of 10, so the number of its statements is fixed:
// at most 25, with its begin, its lock and its commit, the claim and the answer of its request, every event with its
// deliveries, and the invitations.
func TestEnrollBatch_StatementsDoNotGrowWithItems(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		key, _ := db.NewKey(t, s.Workspace, store.NewKey{})
		s.tx(func(tx *store.Tx) error {
			_, _, err := tx.CreateEndpoint(t.Context(), store.NewEndpoint{URL: "https://example.com", Events: []string{"*"}})
			return err
		})
		counts := map[int]int{}
		for _, n := range []int{2, 20} {
			items := s.everyOutcome(n)
			var texts *[]string
			s.tx(func(tx *store.Tx) error {
				texts = tx.CountStatements()
				answer := store.IdempotencyKey{KeyID: key.ID, Key: fmt.Sprint(n)}
				if _, err := tx.ClaimAnswer(t.Context(), answer); err != nil {
					return err
				}
				outcomes, err := tx.EnrollBatch(t.Context(), items, true)
				if err != nil {
					return err
				}
				if err := emitBatch(t, tx, outcomes); err != nil {
					return err
				}
				if err := invite(t, tx, outcomes); err != nil {
					return err
				}
				return tx.KeepAnswer(t.Context(), answer, store.Answer{Status: 200, Body: []byte("{}")})
			})
			counts[n] = 3 + len(*texts)
			if counts[n] > 25 {
				t.Errorf("%d statements for %d items:\n%s", counts[n], len(items), strings.Join(*texts, "\n"))
			}
		}
		if counts[2] != counts[20] {
			t.Errorf("%d statements for 10 items and %d for 100", counts[2], counts[20])
		}
	})
}

func invite(t *testing.T, tx *store.Tx, outcomes []store.BatchOutcome) error {
	t.Helper()
	var mails []store.NewEmail
	for _, o := range outcomes {
		if o.NewStudent != nil {
			mails = append(mails, store.NewEmail{Kind: "invite", Recipients: []string{o.NewStudent.Email}, StudentID: &o.NewStudent.ID})
		}
	}
	return tx.Mail(t.Context(), mails...)
}

func emitBatch(t *testing.T, tx *store.Tx, outcomes []store.BatchOutcome) error {
	t.Helper()
	for _, o := range outcomes {
		if o.NewStudent != nil {
			if err := tx.Emit(t.Context(), store.Event{Type: "student.created", Data: o.NewStudent, Subjects: []string{o.NewStudent.ID}}); err != nil {
				return err
			}
		}
		if o.Status != store.BatchCreated && o.Status != store.BatchReinstated {
			continue
		}
		e := store.Event{Type: "enrollment.created", Data: o.Enrollment, Subjects: []string{o.Enrollment.StudentID}}
		if err := tx.Emit(t.Context(), e); err != nil {
			return err
		}
	}
	return nil
}

func TestEnrollBatch_NobodyHasMoreThanFiveHundred(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		first, student := s.course(1), s.student()
		s.enroll(student.ID, first.ID)
		s.crowd(student.ID, first.ID, 498)
		second, third := s.course(1), s.course(1)
		got := s.batch([]store.BatchItem{{StudentID: &student.ID, CourseID: second.ID},
			{Email: student.Email, CourseID: third.ID}, {StudentID: &student.ID, CourseID: second.ID}}, false)
		if fates(got) != "created failed existing" {
			t.Errorf("outcomes %s: %v", fates(got), got[1].Err)
		}
	})
}

// crowd gives a student n ended enrollments in courses that are copies of one.
func (s *school) crowd(studentID, courseID string, n int) {
	s.tb.Helper()
	course := s.rereadCourse(courseID)
	s.tx(func(tx *store.Tx) error {
		for i := range n {
			id := fmt.Sprintf("crs_copy%d", i)
			_, err := tx.Exec(s.tb.Context(), `INSERT INTO courses (workspace_id, id, created_at, updated_at, slug, title, status,
					visibility, level, language, tags, price_amount, price_currency, instructor_id, instructor_name, module_count,
					lesson_count, duration_seconds, enrolled_count, certificate_enabled)
				SELECT workspace_id, CAST($3 AS text), created_at, updated_at, CAST($3 AS text), title, status, visibility, level,
					language, tags, price_amount, price_currency, instructor_id, instructor_name, module_count, lesson_count,
					duration_seconds, 0, certificate_enabled FROM courses WHERE workspace_id = $1 AND id = $2`, course.ID, id)
			if err != nil {
				return err
			}
			_, err = tx.Exec(s.tb.Context(), `INSERT INTO enrollments (workspace_id, id, created_at, updated_at, student_id,
					course_id, course_title, status, source, progress_percent, completed_lesson_count, total_lesson_count,
					enrolled_at, history)
				SELECT workspace_id, CAST($3 AS text), created_at, updated_at, student_id, CAST($4 AS text), course_title,
					'revoked', source, 0, 0, 0, enrolled_at, history
				FROM enrollments WHERE workspace_id = $1 AND student_id = $2 AND status = 'active' LIMIT 1`,
				studentID, fmt.Sprintf("enr_copy%d", i), id)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
