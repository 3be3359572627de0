package server_test

import (
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

func TestConditionalGet_Is304UntilTheWorkspaceChanges(t *testing.T) {
	each(t, func(app *App) {
		course := app.Course()
		student := app.Student()
		for _, path := range []string{"/courses", "/courses/" + course.ID, "/students", "/students/" + student.ID, "/orders", "/courses?limit=1"} {
			path = "/api/v1" + path
			first := app.Get(path).Want(200)
			tag := first.Header.Get("ETag")
			if first.Header.Get("Cache-Control") != "private, no-cache" || first.Header.Get("Vary") != "Authorization" || tag == "" {
				app.Errorf("%s: %v", path, first.Header)
			}
			same := app.Get(path, "If-None-Match", `"other", W/`+tag).Want(304)
			if len(same.Body) != 0 || same.Header.Get("ETag") != tag || same.Header.Get("Content-Type") != "" {
				app.Errorf("%s: the 304 carries %v %q", path, same.Header, same.Body)
			}
			if again := app.Get(path).Want(200); string(again.Body) != string(first.Body) || again.Header.Get("ETag") != tag {
				app.Errorf("%s: a second read differs", path)
			}
			app.Get(path, "If-None-Match", "*").Want(200)
			app.DB.Clock.Advance(time.Second)
			storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) error {
				_, _, err := tx.Enroll(app.Context(), store.NewEnrollment{StudentID: app.studentIn(tx), CourseID: course.ID, Source: store.SourceAPI})
				return err
			})
			if changed := app.Get(path, "If-None-Match", tag).Want(200); changed.Header.Get("ETag") == tag {
				app.Errorf("%s: the tag outlived a change", path)
			}
		}
	})
}

func (app *App) studentIn(tx *store.Tx) string {
	app.Helper()
	student, _, err := tx.CreateStudent(app.Context(), store.NewStudent{Email: "in-" + next() + "@example.com", DisplayName: "In", Status: store.StudentActive})
	if err != nil {
		app.Fatal(err)
	}
	return student.ID
}

// A call that changes nothing must not make every client read everything again.
func TestConditionalGet_SurvivesACallThatChangesNothing(t *testing.T) {
	each(t, func(app *App) {
		student := app.Student()
		tag := app.Get("/api/v1/students").Want(200).Header.Get("ETag")
		app.Post("/api/v1/students", map[string]any{"email": student.Email, "displayName": "Again"}).Want(200)
		app.Get("/api/v1/students", "If-None-Match", tag).Want(304)
	})
}

// Two keys see different things: one must not get the other's body.
func TestConditionalGet_BodiesAreNotSharedBetweenKeysThatSeeDifferentThings(t *testing.T) {
	each(t, func(app *App) {
		draft := app.Draft()
		tag := app.Get("/api/v1/courses/" + draft.ID).Want(200).Header.Get("ETag")
		_, secret := app.LimitedKey(gen.ScopeReadCourses)
		app.As(secret).Get("/api/v1/courses/"+draft.ID, "If-None-Match", tag).WantError(404, gen.ErrorCodeNotFound)
		other := app.Other()
		other.Get("/api/v1/courses/"+draft.ID, "If-None-Match", tag).WantError(404, gen.ErrorCodeNotFound)
		if list := other.Get("/api/v1/courses", "If-None-Match", app.Get("/api/v1/courses").Header.Get("ETag")); list.Status != 200 {
			app.Errorf("a tag of another workspace is answered with %d", list.Status)
		}
	})
}

func TestConditionalGet_MeAndAnalyticsAreTaggedByTheirBody(t *testing.T) {
	each(t, func(app *App) {
		first := app.Get("/api/v1/analytics/summary?window=7d").Want(200)
		app.Get("/api/v1/analytics/summary?window=7d", "If-None-Match", first.Header.Get("ETag")).Want(304)
		me := app.Get("/api/v1/me").Want(200)
		if next := app.Get("/api/v1/me", "If-None-Match", me.Header.Get("ETag")).Want(200); next.Header.Get("ETag") == me.Header.Get("ETag") {
			app.Error("the counts moved and the tag did not")
		}
	})
}
