package server_test

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// sequence makes names that are unique in the test program.
var sequence atomic.Int64

func next() string { return strconv.FormatInt(sequence.Add(1), 10) }

// Draft makes a course of two modules that nobody may see yet.
func (app *App) Draft() store.Course {
	app.Helper()
	var made store.CourseDetail
	compareAt := int64(700_000)
	storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) (err error) {
		made, err = tx.CreateCourse(app.Context(), store.NewCourse{
			Slug: "course-" + next(), Title: "Kathak Foundations", Visibility: "public", Level: "beginner", Language: "en-IN",
			Subtitle: text("Footwork & <rhythm>"), Tags: []string{"dance"}, PriceAmount: 500_000, CompareAtAmount: &compareAt,
			Instructor: store.Instructor{ID: "usr_01HXZK5Q7R9S1T3V5W7X9Y1Z3A", Name: "Asha"},
			Modules: []store.NewModule{
				{Title: "Start", Unlock: "immediate", Lessons: []store.NewLesson{
					{Title: "Welcome", Type: "video", DurationSeconds: 90, IsPreview: true}, {Title: "Notes", Type: "pdf"},
				}},
				{Title: "Deeper", Unlock: "sequential", Lessons: []store.NewLesson{{Title: "Turns", Type: "video", DurationSeconds: 600}}},
			},
		})
		return err
	})
	return made.Course
}

// Course makes a published course.
func (app *App) Course() store.Course {
	app.Helper()
	course := app.Draft()
	storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) (err error) {
		course, _, err = tx.Publish(app.Context(), course.ID)
		return err
	})
	return course
}

// Archived makes an archived course.
func (app *App) Archived() store.Course {
	app.Helper()
	course := app.Course()
	storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) (err error) {
		course, _, err = tx.Archive(app.Context(), course.ID)
		return err
	})
	return course
}

// Student makes an active student.
func (app *App) Student() store.Student {
	app.Helper()
	var student store.Student
	storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) (err error) {
		student, _, err = tx.CreateStudent(app.Context(), store.NewStudent{
			Email: "student-" + next() + "@example.com", DisplayName: "Meera", Status: store.StudentActive,
		})
		return err
	})
	return student
}

// Enrollment enrols a new student in the course.
func (app *App) Enrollment(courseID string) store.Enrollment {
	app.Helper()
	student := app.Student()
	var enrollment store.Enrollment
	storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) (err error) {
		enrollment, _, err = tx.Enroll(app.Context(), store.NewEnrollment{StudentID: student.ID, CourseID: courseID, Source: store.SourceManual})
		return err
	})
	return enrollment
}

// Order records a paid order of the course, with a refund of part of it.
func (app *App) Order(courseID string) store.Order {
	app.Helper()
	var order store.OrderEffects
	fee, refunded := int64(12_154), int64(1_000)
	storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) (err error) {
		paidAt := tx.Now()
		order, _, err = tx.RecordOrder(app.Context(), store.NewOrder{
			Email: "buyer-" + next() + "@example.com", Name: "Ravi", Status: store.OrderPaid, Currency: "EUR",
			Items:    []store.OrderItem{{ProductID: &courseID, Kind: "course", Title: "Kathak Foundations", Amount: 500_000}},
			TaxLines: []store.TaxLine{{Name: "VAT", RatePercent: 19, Amount: 79_832}}, TaxAmount: 79_832,
			GatewayFeeAmount: &fee, PlatformFeeAmount: new(int64), Gateway: "razorpay", PaymentID: text("pay_" + next()), PaidAt: &paidAt,
		})
		if err != nil {
			return fmt.Errorf("record an order: %w", err)
		}
		order, _, err = tx.Refund(app.Context(), store.NewRefund{OrderID: order.Order.ID, Amount: &refunded, Reason: text("goodwill")})
		return err
	})
	return order.Order
}

func text(s string) *string { return &s }
