package server_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
)

func TestIdempotencyKey_ReplaysTheFirstAnswer(t *testing.T) {
	each(t, func(app *App) {
		body := map[string]any{"email": "first@example.com", "displayName": "First"}
		first := app.Post("/api/v1/students", body, "Idempotency-Key", "k 1~!").Want(201)
		if first.Header.Get("Idempotent-Replayed") != "" {
			app.Error("the first answer claims to be a replay")
		}
		again := app.Post("/api/v1/students", body, "Idempotency-Key", "k 1~!").Want(201)
		if string(again.Body) != string(first.Body) || again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Content-Type") != "application/json" {
			app.Errorf("the replay is %v %s", again.Header, again.Body)
		}
		if again.Header.Get("X-Request-Id") == first.Header.Get("X-Request-Id") || again.Left() == first.Left() {
			app.Error("the replay has the first call's request id or counts")
		}
		if list := decode[gen.StudentList](app.Get("/api/v1/students").Want(200)); len(list.Data) != 1 {
			app.Errorf("%d students exist, want 1", len(list.Data))
		}
		app.DB.Clock.Advance(24*time.Hour + time.Second)
		app.Post("/api/v1/students", body, "Idempotency-Key", "k 1~!").Want(200) // forgotten: the natural key answers
	})
}

func TestIdempotencyKey_AnotherRequestIs422(t *testing.T) {
	each(t, func(app *App) {
		app.Post("/api/v1/students", `{"email":"a@example.com","displayName":"A"}`, "Idempotency-Key", "k").Want(201)
		app.Post("/api/v1/students", `{"email":"a@example.com","displayName":"A" }`, "Idempotency-Key", "k").WantIssue("Idempotency-Key")
		app.Post("/api/v1/enrollments", map[string]any{"studentId": app.Student().ID, "courseId": app.Course().ID}, "Idempotency-Key", "k").WantIssue("Idempotency-Key")
		_, secret := app.NewKey()
		app.As(secret).Post("/api/v1/students", `{"email":"a@example.com","displayName":"A" }`, "Idempotency-Key", "k").Want(200) // keys do not share them
	})
}

func TestIdempotencyKey_IsFreeAfterARefusal(t *testing.T) {
	each(t, func(app *App) {
		student, course := app.Student(), app.Course()
		app.Post("/api/v1/enrollments", map[string]any{"studentId": "stu_x", "courseId": course.ID}, "Idempotency-Key", "k").Want(404)
		app.Post("/api/v1/enrollments", `{}`, "Idempotency-Key", "k").Want(422)
		app.Post("/api/v1/enrollments", map[string]any{"studentId": student.ID, "courseId": course.ID}, "Idempotency-Key", "k").Want(201)
	})
}

func TestIdempotencyKey_IsPrintableASCII(t *testing.T) {
	each(t, func(app *App) {
		body := `{"email":"a@example.com","displayName":"A"}`
		for _, key := range []string{"", strings.Repeat("k", 256), "é", "tab\there"} {
			app.Post("/api/v1/students", body, "Idempotency-Key", key).WantIssue("Idempotency-Key")
		}
		app.Post("/api/v1/students", body, "Idempotency-Key", "a", "Idempotency-Key", "b").WantIssue("Idempotency-Key")
		app.Post("/api/v1/students", body, "Idempotency-Key", strings.Repeat("k", 255)).Want(201)
	})
}

// statuses makes n calls at once and counts their answers.
func (app *App) statuses(n int, call func() *Answer) map[int]int {
	app.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	counts := map[int]int{}
	for range n {
		group.Go(func() {
			status := call().Status
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	group.Wait()
	return counts
}

func TestIdempotencyKey_ConcurrentTwinsHaveOneEffect(t *testing.T) {
	each(t, func(app *App) {
		body := map[string]any{"email": "twin@example.com", "displayName": "Twin"}
		counts := app.statuses(20, func() *Answer { return app.Post("/api/v1/students", body, "Idempotency-Key", "twins") })
		if counts[201] != 20 {
			app.Errorf("twins got %v, want 20 times the same 201", counts)
		}
		if list := decode[gen.StudentList](app.Get("/api/v1/students").Want(200)); len(list.Data) != 1 {
			app.Errorf("%d students exist, want 1", len(list.Data))
		}
	})
}

func TestCreateEnrollment_50ParallelCallsMakeOneRow(t *testing.T) {
	each(t, func(app *App) {
		pair := map[string]any{"studentId": app.Student().ID, "courseId": app.Course().ID}
		counts := app.statuses(50, func() *Answer { return app.Post("/api/v1/enrollments", pair) })
		if counts[201] != 1 || counts[200] != 49 {
			app.Errorf("got %v, want one 201 and 49 times 200", counts)
		}
		student := decode[gen.StudentResponse](app.Get("/api/v1/students/" + pair["studentId"].(string)).Want(200)).Data
		if len(student.Enrollments) != 1 || len(student.Enrollments[0].History) != 1 {
			app.Errorf("the student has %+v", student.Enrollments)
		}
	})
}
