package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// school is a workspace with what the tests of the domain need again and again.
type school struct {
	*storetest.DB
	*store.Workspace
	tb    testing.TB
	count int
}

func newSchool(tb testing.TB, db *storetest.DB) *school {
	tb.Helper()
	return &school{DB: db, Workspace: db.NewWorkspace(tb), tb: tb}
}

// tx runs do in a transaction that must succeed, a second after the one before.
func (s *school) tx(do func(tx *store.Tx) error) {
	s.tb.Helper()
	s.Clock.Advance(time.Second)
	storetest.Tx(s.tb, s.Workspace, do)
}

// course makes a published course with the given number of lessons, two a module.
func (s *school) course(lessons int) store.CourseDetail {
	s.tb.Helper()
	course := s.draft(lessons)
	s.tx(func(tx *store.Tx) (err error) {
		course.Course, _, err = tx.Publish(s.tb.Context(), course.ID)
		return err
	})
	return course
}

func (s *school) draft(lessons int) (course store.CourseDetail) {
	s.tb.Helper()
	s.count++
	in := store.NewCourse{Slug: fmt.Sprintf("course-%d", s.count), Title: fmt.Sprintf("Course %d", s.count),
		Visibility: "public", Level: "all", Language: "en", PriceAmount: 5000, CertificateEnabled: true,
		Instructor: store.Instructor{ID: "usr_1", Name: "Asha"}}
	for i := range lessons {
		if i%2 == 0 {
			in.Modules = append(in.Modules, store.NewModule{Title: "Module", Unlock: "immediate"})
		}
		module := &in.Modules[len(in.Modules)-1]
		module.Lessons = append(module.Lessons, store.NewLesson{Title: "Lesson", Type: "video", DurationSeconds: 60})
	}
	s.tx(func(tx *store.Tx) (err error) {
		course, err = tx.CreateCourse(s.tb.Context(), in)
		return err
	})
	return course
}

func (s *school) student() (student store.Student) {
	s.tb.Helper()
	s.count++
	s.tx(func(tx *store.Tx) (err error) {
		student, _, err = tx.CreateStudent(s.tb.Context(), store.NewStudent{
			Email: fmt.Sprintf("student-%d@example.com", s.count), DisplayName: "Student"})
		return err
	})
	return student
}

func (s *school) enroll(studentID, courseID string) (enrollment store.Enrollment) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		enrollment, _, err = tx.Enroll(s.tb.Context(), store.NewEnrollment{StudentID: studentID, CourseID: courseID})
		return err
	})
	return enrollment
}

// order records a paid order of the student for the courses, 5,000 each.
func (s *school) order(student store.Student, paymentID string, courseIDs ...string) store.Order {
	s.tb.Helper()
	in := store.NewOrder{Email: student.Email, Name: student.DisplayName, Currency: "EUR", Gateway: "razorpay",
		PaymentID: &paymentID, GatewayFeeAmount: ptr(int64(121)), PlatformFeeAmount: ptr(int64(0))}
	for _, id := range courseIDs {
		in.Items = append(in.Items, store.OrderItem{ProductID: &id, Kind: "course", Title: "Course", Amount: 5000})
	}
	return s.record(in).Order
}

// record records an order that must be accepted.
func (s *school) record(in store.NewOrder) (effects store.OrderEffects) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		effects, _, err = tx.RecordOrder(s.tb.Context(), in)
		return err
	})
	return effects
}

func (s *school) refund(in store.NewRefund) store.Order {
	s.tb.Helper()
	return s.giveBack(in).Order
}

// giveBack is refund with all that it changed.
func (s *school) giveBack(in store.NewRefund) (effects store.OrderEffects) {
	s.tb.Helper()
	s.tx(func(tx *store.Tx) (err error) {
		effects, _, err = tx.Refund(s.tb.Context(), in)
		return err
	})
	return effects
}

// complete completes the first n lessons of the course.
func (s *school) complete(e store.Enrollment, course store.CourseDetail, n int) (after store.Enrollment) {
	s.tb.Helper()
	var ids []string
	for _, module := range course.Modules {
		for _, lesson := range module.Lessons {
			ids = append(ids, lesson.ID)
		}
	}
	s.tx(func(tx *store.Tx) (err error) {
		after, _, err = tx.CompleteLessons(s.tb.Context(), e.ID, ids[:n])
		return err
	})
	return after
}

// reread reads a student as a request would.
func (s *school) reread(id string) store.Student {
	s.tb.Helper()
	student, err := s.Workspace.Student(s.tb.Context(), id)
	if err != nil {
		s.tb.Fatal(err)
	}
	return student
}

func (s *school) rereadCourse(id string) store.CourseDetail {
	s.tb.Helper()
	course, err := s.Workspace.Course(s.tb.Context(), id, true)
	if err != nil {
		s.tb.Fatal(err)
	}
	return course
}

func ptr[T any](value T) *T { return &value }

// walk reads a list to its end in pages of seven.
func walk[T any](tb testing.TB, page func(store.ListOptions) (store.Page[T], error)) []T {
	tb.Helper()
	return walkWith(tb, store.ListOptions{Limit: 7}, page)
}

// walkWith reads a list to its end, beginning with opt.
func walkWith[T any](tb testing.TB, opt store.ListOptions, page func(store.ListOptions) (store.Page[T], error)) (all []T) {
	tb.Helper()
	for {
		got, err := page(opt)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, got.Items...)
		if got.NextCursor == nil {
			return all
		}
		opt.Cursor = *got.NextCursor
	}
}
