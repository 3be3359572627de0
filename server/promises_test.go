package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// call makes a call of an operation as the contract shows it: with the first example of its body, and an id that
// is nobody's.
func (app *App) call(op gen.Operation, query string, headers ...string) *Answer {
	app.Helper()
	return app.Do(op.Method, "/api/v1"+strings.ReplaceAll(op.Path, "{id}", "x")+query, app.example(op), headers...)
}

// example is the first example of an operation's body, "" where it takes none.
func (app *App) example(op gen.Operation) string {
	app.Helper()
	document, err := contract()
	if err != nil {
		app.Fatal(err)
	}
	body := document.Paths.Value(op.Path).GetOperation(op.Method).RequestBody
	if body == nil {
		return ""
	}
	media := body.Value.Content["application/json"]
	value := media.Example
	for _, example := range media.Examples {
		value = example.Value.Value
	}
	text, err := json.Marshal(value)
	if err != nil || value == nil {
		app.Fatalf("%s shows no body: %v", op.ID, err)
	}
	return string(text)
}

// What a gate says, it says for every operation: none has a way around it. The scope is in TestOperations_EachNeedsItsScope.
func TestOperations_EachPassesEveryGate(t *testing.T) {
	each(t, func(app *App) {
		_, spent := app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: allScopes(), MinuteLimit: 1, DayLimit: 1000})
		app.As(spent).Get("/api/v1/me").Want(200)
		for _, op := range gen.Operations {
			app.call(op, "", "Authorization", "-").WantError(401, gen.ErrorCodeUnauthorized)
			app.As(spent).call(op, "").WantError(429, gen.ErrorCodeRateLimited)
			app.call(op, "?nobodyKnowsThis=1").WantIssue("nobodyKnowsThis")
		}
	})
}

// An outage is an envelope too, whatever was asked for.
func TestOperations_WithoutDatabaseEachIsAnEnveloped500(t *testing.T) {
	each(t, func(app *App) {
		if err := app.DB.Store.Close(); err != nil {
			app.Fatal(err)
		}
		for _, op := range gen.Operations {
			app.call(op, "").WantError(500, gen.ErrorCodeInternalError)
		}
	})
}

// An object that does not resolve is a 404 of every operation below it.
func TestOperations_UnknownIdsAre404(t *testing.T) {
	each(t, func(app *App) {
		for _, op := range gen.Operations {
			if strings.Contains(op.Path, "{id}") {
				app.call(op, "").WantError(404, gen.ErrorCodeNotFound)
			}
		}
	})
}

// Whoever has the newest state of anything need not read it again. The key itself is not among it: each call
// changes what is left of its limits.
func TestOperations_EveryReadIs304WhileNothingChanges(t *testing.T) {
	each(t, func(app *App) {
		ids := app.oneOfEach()
		for _, op := range gen.Operations {
			if op.Method != http.MethodGet || op.ID == "getMe" || op.ID == "streamEvents" {
				continue
			}
			path := "/api/v1" + op.Path
			if strings.Contains(path, "{id}") {
				id := ids[strings.TrimSuffix(op.Path, "/{id}")]
				if id == "" {
					app.Fatalf("oneOfEach makes nothing for %s", op.Path)
				}
				path = strings.ReplaceAll(path, "{id}", id)
			}
			tag := app.Get(path).Want(200).Header.Get("ETag")
			app.Get(path, "If-None-Match", tag).Want(304)
		}
	})
}

// oneOfEach makes an object of every kind by API, and returns the id of each by the path of its list. Every POST is
// sent twice with an Idempotency-Key: the second answer is the first one.
func (app *App) oneOfEach() map[string]string {
	app.Helper()
	ids := map[string]string{}
	post := func(list, path string, body any) string {
		app.Helper()
		key := "one-of-" + next()
		made := app.Post("/api/v1"+path, body, "Idempotency-Key", key)
		if made.Status != 200 && made.Status != 201 {
			app.Fatalf("%s answered %d: %s", made.asked, made.Status, made.Body)
		}
		again := app.Post("/api/v1"+path, body, "Idempotency-Key", key).Want(made.Status)
		if string(again.Body) != string(made.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
			app.Errorf("%s: the repeat answers %s", made.asked, again.Body)
		}
		if list == "" {
			return ""
		}
		ids[list] = decode[struct{ Data struct{ ID string } }](made).Data.ID
		return ids[list]
	}
	endpoint := post("/webhook-endpoints", "/webhook-endpoints", body{"url": app.receiver().URL, "events": []string{"*"}})
	hook := "/webhook-endpoints/" + endpoint
	post("", "/courses/"+post("/courses", "/courses", body{"title": "Old bread"})+"/archive", "")
	course := post("/courses", "/courses", body{"title": "Bread", "price": body{"amount": 50_000}})
	post("", "/courses/"+course+"/publish", body{})
	email := "asha-" + next() + "@example.com"
	student := post("/students", "/students", body{"email": email, "displayName": "Asha", "tags": []string{"lead"}})
	enrollment := post("/enrollments", "/enrollments", body{"studentId": student, "courseId": course})
	lesson := app.addLesson(course)
	post("", "/enrollments/"+enrollment+"/progress", body{"completedLessonIds": []string{lesson}})
	post("", "/enrollments/batch", body{"items": []body{{"studentId": student, "courseId": course}}})
	order := post("/orders", "/orders", body{"customer": body{"email": email, "name": "Asha"}, "currency": "EUR",
		"items": []body{{"kind": "course", "courseId": course, "amount": 50_000}}, "payment": body{"gateway": "manual"}})
	post("/certificates", "/certificates", body{"studentId": student, "courseId": course})
	post("", "/orders/"+order+"/refunds", body{"amount": 100, "reason": "Goodwill"})
	post("", "/enrollments/"+enrollment+"/revoke", body{"reason": "Asked for"})
	live := post("/live-sessions", "/live-sessions", body{"title": "Questions", "scheduledAt": "2030-01-05T12:00:00Z", "durationMinutes": 60})
	post("", "/live-sessions/"+live+"/start", body{})
	post("", "/live-sessions/"+live+"/end", body{"attendeeCount": 3})
	post("/recordings", "/live-sessions/"+live+"/recordings", body{"url": "https://example.com/questions.mp4"})
	post("", hook+"/rotate-secret", body{})
	post("", hook+"/revoke-old-secret", "")
	post("", hook+"/test", "")
	ids["/webhook-deliveries"], ids["/events"] = app.Deliveries("")[0].ID, app.stored()[0]
	post("", "/webhook-deliveries/"+ids["/webhook-deliveries"]+"/redeliver", "")
	post("/webhook-recoveries", hook+"/recover", app.since(time.Hour))
	return ids
}

// addLesson gives a course an outline of one lesson.
func (app *App) addLesson(course string) string {
	app.Helper()
	detail := decode[gen.CourseDetailResponse](app.Patch("/api/v1/courses/"+course, body{"modules": []body{
		{"title": "Start", "lessons": []body{{"title": "Flour", "type": "video"}}},
	}}).Want(200)).Data
	return detail.Modules[0].Lessons[0].ID
}

// What the contract lets a caller ask for is taken, with the contract's own examples. A cursor is good only if the
// server gave it, and half a period is none.
func TestOperations_TakeEveryParameterOfTheContract(t *testing.T) {
	each(t, func(app *App) {
		app.oneOfEach()
		app.oneOfEach() // so that there is a second page
		document, err := contract()
		if err != nil {
			app.Fatal(err)
		}
		for _, op := range gen.Operations {
			if op.Method != http.MethodGet || strings.Contains(op.Path, "{id}") {
				continue
			}
			parameters := document.Paths.Value(op.Path).Get.Parameters
			for _, p := range parameters {
				if p.Value.In != openapi3.ParameterInQuery {
					continue
				}
				query := url.Values{p.Value.Name: {exampleText(p.Value.Example)}}
				switch p.Value.Name {
				case "cursor":
					query.Set("cursor", app.secondPage(op))
				case "from", "to":
					for _, end := range []string{"from", "to"} {
						query.Set(end, exampleText(parameters.GetByInAndName("query", end).Example))
					}
				}
				app.Get("/api/v1" + op.Path + "?" + query.Encode()).Want(200)
			}
		}
	})
}

// exampleText is an example as it stands in a query.
func exampleText(example any) string {
	if text, ok := example.(string); ok {
		return text
	}
	return strings.Trim(fmt.Sprint(example), "[]")
}

// secondPage is the cursor behind the first object of a list.
func (app *App) secondPage(op gen.Operation) string {
	app.Helper()
	page := decode[struct{ Pagination gen.Pagination }](app.Get("/api/v1" + op.Path + "?limit=1").Want(200)).Pagination
	if page.NextCursor == nil {
		app.Fatalf("%s has one page", op.ID)
	}
	return *page.NextCursor
}
