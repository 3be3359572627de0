package server_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Every record that the store can make is what the contract says: the harness
// validates each answer.
func TestOperations_ShowEveryRecordAsTheContractSays(t *testing.T) {
	each(t, func(app *App) {
		course, draft, archived := app.Course(), app.Draft(), app.Archived()
		enrollment, order := app.Enrollment(course.ID), app.Order(course.ID)

		if list := decode[gen.CourseList](app.Get("/api/v1/courses").Want(200)); len(list.Data) != 1 || list.Data[0].ID != course.ID {
			app.Errorf("the list shows %d courses, want the published one", len(list.Data))
		}
		for status, want := range map[string]string{"draft": draft.ID, "archived": archived.ID, "published": course.ID} {
			list := decode[gen.CourseList](app.Get("/api/v1/courses?status=" + status).Want(200))
			if len(list.Data) != 1 || list.Data[0].ID != want {
				app.Errorf("status %s lists %d courses", status, len(list.Data))
			}
		}
		for _, id := range []string{course.ID, draft.ID, archived.ID} {
			detail := decode[gen.CourseDetailResponse](app.Get("/api/v1/courses/" + id).Want(200)).Data
			if len(detail.Modules) != 2 || len(detail.Modules[0].Lessons) != 2 {
				app.Errorf("course %s has the wrong outline: %+v", id, detail.Modules)
			}
		}
		student := decode[gen.StudentResponse](app.Get("/api/v1/students/" + enrollment.StudentID).Want(200)).Data
		if len(student.Enrollments) != 1 || student.Progress.CoursesEnrolled != 1 || len(student.Enrollments[0].History) != 1 {
			app.Errorf("the student shows %+v", student)
		}
		orders := decode[gen.OrderList](app.Get("/api/v1/orders").Want(200)).Data
		if len(orders) != 1 || orders[0].ID != order.ID || len(orders[0].Refunds) != 1 || len(orders[0].Entitlements) != 1 {
			app.Errorf("the order shows %+v", orders)
		}
		if net := orders[0].NetAmount; net == nil || *net != 500_000-12_154-1_000 {
			app.Errorf("net is %v", net)
		}
		app.Get("/api/v1/students").Want(200)
		app.Get("/api/v1/analytics/summary").Want(200)
		app.Get("/api/v1/analytics/summary?window=all").Want(200)
		me := decode[gen.MeResponse](app.Get("/api/v1/me").Want(200)).Data
		if me.Key.ID != app.Key.ID || me.Workspace.ID != app.Workspace.ID() || len(me.Key.Scopes) != len(allScopes()) || !slices.IsSorted(me.Key.Scopes) {
			app.Errorf("me is %+v", me)
		}
	})
}

// A key without write:courses must not learn what is being prepared.
func TestCourses_DraftsNeedWriteCourses(t *testing.T) {
	each(t, func(app *App) {
		draft, archived := app.Draft(), app.Archived()
		_, secret := app.LimitedKey(gen.ScopeReadCourses)
		reader := app.As(secret)
		reader.Get("/api/v1/courses/"+draft.ID).WantError(404, gen.ErrorCodeNotFound)
		reader.Get("/api/v1/courses/" + archived.ID).Want(200)
		for _, status := range []string{"draft", "archived"} {
			if body := reader.Get("/api/v1/courses?status="+status).WantError(403, gen.ErrorCodeForbidden); body.Message != "This key lacks the scope write:courses." {
				app.Errorf("the 403 does not name the scope: %s", body.Message)
			}
		}
		reader.Get("/api/v1/courses?status=published").Want(200)
		app.Get("/api/v1/courses/" + draft.ID).Want(200)
		reader.Get("/api/v1/courses/"+draft.ID).WantError(404, gen.ErrorCodeNotFound) // not from the writer's cache
	})
}

func TestOperations_EachNeedsItsScope(t *testing.T) {
	each(t, func(app *App) {
		for _, op := range gen.Operations {
			if op.Scope == "" {
				continue
			}
			var others []string
			for _, scope := range allScopes() {
				if scope != op.Scope {
					others = append(others, scope)
				}
			}
			_, secret := app.LimitedKey(others...)
			answer := app.As(secret).Do(op.Method, "/api/v1"+filled(op.Path), "{}")
			if body := answer.WantError(403, gen.ErrorCodeForbidden); body.Message != "This key lacks the scope "+op.Scope+"." {
				app.Errorf("%s: the 403 does not name the scope: %s", op.ID, body.Message)
			}
		}
	})
}

func TestCreateStudent_RepeatedEmailAnswersTheFirstStudentUnchanged(t *testing.T) {
	each(t, func(app *App) {
		first := decode[gen.StudentResponse](app.Post("/api/v1/students", map[string]any{
			"email": "Meera@Example.com", "displayName": "Meera", "phone": "+919812345678", "metadata": map[string]string{"campaign": "monsoon"}, "tags": []string{"lead"},
		}).Want(201)).Data
		again := decode[gen.StudentResponse](app.Post("/api/v1/students", map[string]any{"email": "meera@example.COM", "displayName": "Other", "sendInvite": true}).Want(200)).Data
		if again.ID != first.ID || again.DisplayName != "Meera" || again.Status != gen.StudentStatusActive || !again.UpdatedAt.Equal(first.UpdatedAt) {
			app.Errorf("the second call changed the student: %+v", again)
		}
		invited := decode[gen.StudentResponse](app.Post("/api/v1/students", map[string]any{"email": "ravi@example.com", "displayName": "Ravi", "sendInvite": true}).Want(201)).Data
		if invited.Status != gen.StudentStatusInvited || invited.Source != "api" {
			app.Errorf("got %+v", invited)
		}
		found := decode[gen.StudentList](app.Get("/api/v1/students?email=MEERA%40example.com").Want(200)).Data
		if len(found) != 1 || found[0].ID != first.ID {
			app.Errorf("the filter by e-mail finds %d students", len(found))
		}
	})
}

func TestCreateEnrollment_FollowsTheStateOfThePair(t *testing.T) {
	each(t, func(app *App) {
		course, student := app.Course(), app.Student()
		pair := map[string]any{"studentId": student.ID, "courseId": course.ID}
		first := decode[gen.EnrollmentResponse](app.Post("/api/v1/enrollments", pair).Want(201)).Data
		if again := decode[gen.EnrollmentResponse](app.Post("/api/v1/enrollments", pair).Want(200)).Data; again.ID != first.ID || !again.UpdatedAt.Equal(first.UpdatedAt) {
			app.Errorf("a repeat changed the enrollment: %+v", again)
		}
		storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) error {
			_, _, err := tx.Revoke(app.Context(), first.ID, text("asked for it"), store.SourceManual)
			return err
		})
		reinstated := decode[gen.EnrollmentResponse](app.Post("/api/v1/enrollments", pair).Want(201)).Data
		if reinstated.ID != first.ID || reinstated.Status != gen.EnrollmentStatusActive || reinstated.RevokedAt != nil || len(reinstated.History) != 3 {
			app.Errorf("reinstated: %+v", reinstated)
		}
		for name, courseID := range map[string]string{"draft": app.Draft().ID, "archived": app.Archived().ID} {
			answer := app.Post("/api/v1/enrollments", map[string]any{"studentId": student.ID, "courseId": courseID})
			app.Logf("%s: %s", name, answer.Body)
			answer.WantIssue("/courseId")
		}
		app.Post("/api/v1/enrollments", map[string]any{"studentId": app.Student().ID, "courseId": course.ID, "expiresAt": "2020-01-01T00:00:00Z"}).WantIssue("/expiresAt")
	})
}

// filled puts an id of no object where the path wants one.
func filled(path string) string {
	if i := len(path) - len("{id}"); i > 0 && path[i:] == "{id}" {
		return path[:i] + "crs_01HXZK5Q7R9S1T3V5W7X9Y1Z3A"
	}
	return path
}

func TestAnalytics_RefusesAmbiguousWindows(t *testing.T) {
	each(t, func(app *App) {
		for _, query := range []string{
			"from=2026-01-01", "to=2026-01-01", "from=2026-01-02&to=2026-01-01", "from=2026-01-01&to=2026-01-02&window=7d",
			"from=2025-01-01&to=2026-01-02", "window=8d", "from=2026-02-30&to=2026-03-01",
		} {
			app.Get("/api/v1/analytics/summary?"+query).WantError(http.StatusUnprocessableEntity, gen.ErrorCodeInvalidRequest)
		}
		summary := decode[gen.AnalyticsSummaryResponse](app.Get("/api/v1/analytics/summary?from=2025-03-02&to=2026-03-02").Want(200)).Data
		if len(summary.Revenue.Daily) != 366 {
			app.Errorf("%d days, want 366", len(summary.Revenue.Daily))
		}
	})
}
