package payload

import (
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// The thirteen events of the contract, one constructor for each. Their data is
// made by the functions that make REST answers. webhook.test is no event of a
// workspace and is made by the store.

// StudentCreated tells of a new student.
func StudentCreated(s store.Student) store.Event {
	return about(gen.EventStudentCreated, Student(s), s.ID)
}

// StudentUpdated tells what a student is now, and what the members that changed were before.
func StudentUpdated(s store.Student, previous map[string]any) store.Event {
	event := about(gen.EventStudentUpdated, Student(s), s.ID)
	event.Previous = previous
	return event
}

// StudentDeleted tells that a student was erased. There is nothing personal in it.
func StudentDeleted(id string, at time.Time) store.Event {
	return about(gen.EventStudentDeleted, DeletedStudent(id, at), id)
}

// EnrollmentCreated tells that a student was enrolled, or enrolled anew.
func EnrollmentCreated(e store.Enrollment) store.Event {
	return about(gen.EventEnrollmentCreated, Enrollment(e), e.StudentID)
}

// EnrollmentRevoked tells that an enrollment was revoked or has expired.
func EnrollmentRevoked(e store.Enrollment) store.Event {
	return about(gen.EventEnrollmentRevoked, Enrollment(e), e.StudentID)
}

// OrderPaid tells of a payment.
func OrderPaid(o store.Order) store.Event {
	return about(gen.EventOrderPaid, Order(o), buyer(o)...)
}

// OrderRefunded tells of a refund, of all or of a part. It goes before the
// enrollment.revoked that it causes.
func OrderRefunded(o store.Order) store.Event {
	return about(gen.EventOrderRefunded, Order(o), buyer(o)...)
}

// buyer is the student of an order; one whose student was never made has none.
func buyer(o store.Order) []string {
	if o.StudentID == nil {
		return nil
	}
	return []string{*o.StudentID}
}

// CoursePublished tells that a course can be enrolled in.
func CoursePublished(c store.Course) store.Event {
	return about(gen.EventCoursePublished, Course(c))
}

// CourseArchived tells that a course takes nobody any more.
func CourseArchived(c store.Course) store.Event {
	return about(gen.EventCourseArchived, Course(c))
}

// LiveSessionStarted tells that people can join.
func LiveSessionStarted(s store.LiveSession) store.Event {
	return about(gen.EventLiveSessionStarted, LiveSession(s))
}

// LiveSessionEnded tells that a session is over, how long it was and how many came.
func LiveSessionEnded(s store.LiveSession) store.Event {
	return about(gen.EventLiveSessionEnded, LiveSession(s))
}

// RecordingReady tells where a recording is.
func RecordingReady(r store.Recording) store.Event {
	return about(gen.EventRecordingReady, Recording(r))
}

// CertificateIssued tells of a new certificate. Its page lies under baseURL.
func CertificateIssued(c store.Certificate, baseURL string) store.Event {
	return about(gen.EventCertificateIssued, Certificate(c, baseURL), c.StudentID)
}

// about is an event with the students whose erasure rewrites it.
func about(kind string, data any, students ...string) store.Event {
	return store.Event{Type: kind, Data: data, Subjects: students}
}

// Event is an event as it was stored and sent.
func Event(e store.StoredEvent) gen.Event { return e.Body }
