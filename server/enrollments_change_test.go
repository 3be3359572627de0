package server_test

import (
	"fmt"
	"testing"

	"github.com/thebigclass/api/gen"
)

// lessons are the ids of the course's lessons, in their order.
func (app *App) lessons(courseID string) (ids []string) {
	app.Helper()
	for _, module := range decode[gen.CourseDetailResponse](app.Get("/api/v1/courses/" + courseID).Want(200)).Data.Modules {
		for _, lesson := range module.Lessons {
			ids = append(ids, lesson.ID)
		}
	}
	return ids
}

func TestRevokeEnrollment_EndsOnceAndReinstates(t *testing.T) {
	each(t, func(app *App) {
		made := app.Enrollment(app.Course().ID)
		path := "/api/v1/enrollments/" + made.ID
		counts := app.together(20, func() *Answer { return app.Post(path+"/revoke", body{"reason": "left"}) })
		if counts[200] != 20 {
			app.Errorf("20 calls answered %v", counts)
		}
		app.Post(path+"/revoke", body{"reason": "other"}).Want(200)
		if shown := decode[gen.EnrollmentResponse](app.Get(path).Want(200)).Data; *shown.RevokedReason != "left" || shown.Status != gen.EnrollmentStatusRevoked {
			app.Errorf("the enrollment is %+v", shown)
		}
		app.Post(path+"/progress", body{"completedLessonIds": app.lessons(made.CourseID)}).Want(422)
		app.Post("/api/v1/enrollments", body{"studentId": made.StudentID, "courseId": made.CourseID}).Want(201)
		app.WantStory("enrollment.revoked", "enrollment.created")
	})
}

// Progress alone is nobody's news; the certificate at its end is, once.
func TestRecordProgress_LastLessonIssuesTheCertificateOnce(t *testing.T) {
	each(t, func(app *App) {
		course := app.Course()
		app.Patch("/api/v1/courses/"+course.ID, body{"certificateEnabled": true}).Want(200)
		made, lessons := app.Enrollment(course.ID), app.lessons(course.ID)
		path := "/api/v1/enrollments/" + made.ID + "/progress"
		app.Post(path, body{"completedLessonIds": lessons[:1]}).Want(200)
		app.Post(path, body{"completedLessonIds": app.lessons(app.Course().ID)[:1]}).WantIssue("/completedLessonIds/0")
		app.Post(path, body{"completedLessonIds": []string{"les_unknown"}}).WantError(404, gen.ErrorCodeNotFound)
		app.WantStory()
		for range 2 {
			done := decode[gen.EnrollmentResponse](app.Post(path, body{"completedLessonIds": lessons}).Want(200)).Data
			if done.Status != gen.EnrollmentStatusCompleted || done.CertificateID == nil || done.ProgressPercent != 100 {
				app.Errorf("the enrollment is %+v", done)
			}
		}
		app.Post("/api/v1/certificates", body{"studentId": made.StudentID, "courseId": course.ID}).Want(200)
		app.WantStory("certificate.issued")
	})
}

// Items succeed or fail alone, and each tells of itself in its place.
func TestBatchEnroll_EveryOutcomeInOneBatchOfAHundred(t *testing.T) {
	each(t, func(app *App) {
		course, draft := app.Course().ID, app.Draft().ID
		existing, revoked := app.Enrollment(course), app.Enrollment(course)
		app.Post("/api/v1/enrollments/"+revoked.ID+"/revoke", "").Want(200)
		items := []body{
			{"studentId": existing.StudentID, "courseId": course},
			{"studentId": revoked.StudentID, "courseId": course},
			{"studentId": "stu_unknown", "courseId": course},
			{"studentId": existing.StudentID, "courseId": draft},
			{"email": "new@example.com", "displayName": "New", "courseId": course},
			{"email": "NEW@example.com", "displayName": "Twice", "courseId": course},
			{"email": "draft@example.com", "displayName": "Nobody", "courseId": draft},
		}
		want := []string{"existing", "reinstated", "failed", "failed", "created", "existing", "failed"}
		story := []string{"enrollment.revoked", "enrollment.created", "student.created", "enrollment.created"}
		for i := len(items); i < 100; i++ {
			items = append(items, body{"studentId": app.Student().ID, "courseId": course})
			want, story = append(want, "created"), append(story, "enrollment.created")
		}
		results := decode[gen.EnrollmentBatchResponse](app.Post("/api/v1/enrollments/batch", body{"items": items}).Want(200)).Data
		for i, result := range results {
			if result.Index != i || string(result.Status) != want[i] || (result.Error == nil) != (result.Enrollment != nil) {
				app.Errorf("item %d is %+v, want %s", i, result, want[i])
			}
		}
		if e := results[2].Error; e.Code != gen.ErrorCodeNotFound {
			app.Errorf("the unknown student is %+v", e)
		}
		if e := results[3].Error; e.Code != gen.ErrorCodeInvalidRequest || (*e.Details)[0].Field != "/items/3/courseId" {
			app.Errorf("the draft is %+v", e)
		}
		app.WantStory(story...)
	})
}

func TestBatchEnroll_RefusesItemsThatNameTheirStudentBadly(t *testing.T) {
	each(t, func(app *App) {
		course := app.Course().ID
		for i, item := range []body{
			{"courseId": course},
			{"courseId": course, "email": "a@example.com"},
			{"courseId": course, "displayName": "A", "studentId": "stu_1"},
			{"courseId": course, "displayName": "A", "studentId": "stu_1", "email": "a@example.com"},
		} {
			good := body{"courseId": course, "email": fmt.Sprintf("b%d@example.com", i), "displayName": "B"}
			app.Post("/api/v1/enrollments/batch", body{"items": []body{good, item}}).WantIssue("/items/1")
		}
		app.WantStory()
	})
}
