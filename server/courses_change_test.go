package server_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/jobs"
)

// replica is a second process that runs the jobs.
func (app *App) replica() *jobs.Jobs {
	return jobs.New(app.DB.Store, slog.New(slog.NewJSONHandler(app.Log, nil)), "https://api.example.com")
}

func TestCourse_IsPublishedAndArchivedOnce(t *testing.T) {
	each(t, func(app *App) {
		made := decode[gen.CourseDetailResponse](app.Post("/api/v1/courses", body{"title": "Kathak"}).Want(201)).Data
		path := "/api/v1/courses/" + made.ID
		counts := app.together(20, func() *Answer { return app.Post(path+"/publish", "") })
		if counts[200] != 20 {
			app.Errorf("20 calls answered %v", counts)
		}
		app.Post(path+"/publish", body{"publishAt": "2126-01-01T00:00:00Z"}).Want(422)
		app.Post(path+"/archive", "").Want(200)
		app.Post(path+"/archive", "").Want(200)
		app.Post(path+"/publish", "").Want(422)
		app.Post("/api/v1/courses", body{"title": "Other", "slug": made.Slug}).WantIssue("/slug")
		app.Patch(path, body{"title": nil}).WantIssue("/title")
		app.Post("/api/v1/courses", body{"title": "Guest", "instructorId": "usr_unknown"}).WantError(404, gen.ErrorCodeNotFound)
		app.WantStory("course.published", "course.archived")
	})
}

// Progress follows the lessons that are kept; nobody completes or reopens by an edit.
func TestUpdateCourse_OutlineIsReplacedUnderItsStudents(t *testing.T) {
	each(t, func(app *App) {
		course := app.Course()
		made, lessons := app.Enrollment(course.ID), app.lessons(course.ID)
		app.Post("/api/v1/enrollments/"+made.ID+"/progress", body{"completedLessonIds": lessons[:2]}).Want(200)
		outline := []body{{"title": "Only", "lessons": []body{
			{"id": lessons[0], "title": "Kept", "type": "video"}, {"title": "New", "type": "pdf"},
		}}}
		after := decode[gen.CourseDetailResponse](app.Patch("/api/v1/courses/"+course.ID, body{"modules": outline}).Want(200)).Data
		if after.LessonCount != 2 || after.Modules[0].Lessons[0].ID != lessons[0] {
			app.Errorf("the course is %+v", after)
		}
		enrollment := decode[gen.EnrollmentResponse](app.Get("/api/v1/enrollments/" + made.ID).Want(200)).Data
		if enrollment.TotalLessonCount != 2 || enrollment.CompletedLessonCount != 1 || enrollment.Status != gen.EnrollmentStatusActive {
			app.Errorf("the enrollment is %+v", enrollment)
		}
		stolen := []body{{"title": "Stolen", "lessons": []body{{"id": app.lessons(app.Course().ID)[0], "title": "x", "type": "pdf"}}}}
		app.Patch("/api/v1/courses/"+course.ID, body{"modules": stolen}).WantIssue("/modules/0/lessons/0/id")
		app.WantStory()
	})
}

// Two replicas and a caller may all see that it is time: one of them publishes.
func TestPublish_ScheduleHappensOnceOnAnyNumberOfReplicas(t *testing.T) {
	each(t, func(app *App) {
		path := "/api/v1/courses/" + app.Draft().ID
		due := app.DB.Clock.Now().Add(time.Hour)
		scheduled := decode[gen.CourseDetailResponse](app.Post(path+"/publish", body{"publishAt": due}).Want(200)).Data
		if scheduled.Status != gen.CourseStatusDraft || scheduled.PublishAt == nil {
			app.Errorf("the course is %+v", scheduled)
		}
		one, two := app.replica(), app.replica()
		one.Once(app.Context())
		app.WantStory()
		app.DB.Clock.Set(due)
		racing := make(chan struct{})
		for _, racer := range []func(){
			func() { one.Once(app.Context()) }, func() { two.Once(app.Context()) }, func() { app.Post(path+"/publish", "").Want(200) },
		} {
			go func() { racer(); racing <- struct{}{} }()
		}
		for range 3 {
			<-racing
		}
		app.WantStory("course.published")
		shown := decode[gen.CourseDetailResponse](app.Get(path).Want(200)).Data
		if shown.Status != gen.CourseStatusPublished || shown.PublishAt != nil {
			app.Errorf("the course is %+v", shown)
		}
	})
}

func TestPublish_CanceledScheduleNeverHappens(t *testing.T) {
	each(t, func(app *App) {
		path := "/api/v1/courses/" + app.Draft().ID
		app.Post(path+"/publish", body{"publishAt": app.DB.Clock.Now().Add(time.Hour)}).Want(200)
		app.Post(path+"/publish", body{"publishAt": nil}).Want(200)
		app.DB.Clock.Advance(2 * time.Hour)
		app.replica().Once(app.Context())
		app.WantStory()
	})
}

func TestExpiry_EndsAccessAtItsTimeAndOnce(t *testing.T) {
	each(t, func(app *App) {
		due := app.DB.Clock.Now().Add(time.Hour)
		made := decode[gen.EnrollmentResponse](app.Post("/api/v1/enrollments", body{
			"studentId": app.Student().ID, "courseId": app.Course().ID, "expiresAt": due,
		}).Want(201)).Data
		ticks, stopped := make(chan time.Time), make(chan struct{})
		go func() { app.replica().Run(app.Context(), ticks); close(stopped) }()
		for range 2 {
			ticks <- due // the second is taken only after the first was worked off
		}
		app.DB.Clock.Set(due)
		for range 3 {
			ticks <- due
		}
		shown := decode[gen.EnrollmentResponse](app.Get("/api/v1/enrollments/" + made.ID).Want(200)).Data
		if shown.Status != gen.EnrollmentStatusExpired || *shown.RevokedReason != "expired" {
			app.Errorf("the enrollment is %+v", shown)
		}
		app.WantStory("enrollment.created", "enrollment.revoked")
	})
}
