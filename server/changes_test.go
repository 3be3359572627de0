package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/thebigclass/api/gen"
)

// body is the JSON of a request.
type body = map[string]any

// Patch sends a merge patch.
func (app *App) Patch(path string, patch body) *Answer {
	app.Helper()
	encoded, err := json.Marshal(patch)
	if err != nil {
		app.Fatal(err)
	}
	return app.Do(http.MethodPatch, path, string(encoded))
}

// story is the feed so far, by types, oldest first.
func (app *App) story() []string {
	app.Helper()
	var types []string
	for _, event := range app.envelopes() {
		types = append(types, event.Type)
	}
	return types
}

// envelope is what all events have in common.
type envelope struct {
	ID, Type string
	Data     map[string]any
	Previous map[string]any `json:"previous_attributes"`
}

func (app *App) envelopes() (events []envelope) {
	app.Helper()
	for _, raw := range decode[gen.EventList](app.Get("/api/v1/events?limit=100").Want(200)).Data {
		var event envelope
		if err := json.Unmarshal(raw, &event); err != nil {
			app.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// WantStory checks the whole feed, by types.
func (app *App) WantStory(want ...string) {
	app.Helper()
	if got := app.story(); !slices.Equal(got, want) {
		app.Fatalf("the feed tells %v, want %v", got, want)
	}
}

// together makes n identical calls at once and counts their statuses.
func (app *App) together(n int, call func() *Answer) map[int]int {
	var mu sync.Mutex
	var calling sync.WaitGroup
	counts := map[int]int{}
	for range n {
		calling.Go(func() {
			status := call().Status
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	calling.Wait()
	return counts
}

// Nothing of another workspace can be read or changed, and nobody learns that it exists.
func TestChanges_IdsOfAnotherWorkspaceAre404(t *testing.T) {
	each(t, func(app *App) {
		other := app.Other()
		course := other.Course()
		enrollment, order := other.Enrollment(course.ID), other.Order(course.ID)
		session := other.NewSession().ID
		mine, myCourse := app.Student().ID, app.Course().ID
		calls := []struct {
			method, path string
			body         string
		}{
			{"PATCH", "/students/" + enrollment.StudentID, `{"displayName":"x"}`},
			{"DELETE", "/students/" + enrollment.StudentID, ""},
			{"GET", "/enrollments/" + enrollment.ID, ""},
			{"POST", "/enrollments/" + enrollment.ID + "/revoke", ""},
			{"POST", "/enrollments/" + enrollment.ID + "/progress", `{"completedLessonIds":["les_x"]}`},
			{"GET", "/orders/" + order.ID, ""},
			{"POST", "/orders/" + order.ID + "/refunds", ""},
			{"PATCH", "/courses/" + course.ID, `{"title":"x"}`},
			{"POST", "/courses/" + course.ID + "/publish", ""},
			{"POST", "/courses/" + course.ID + "/archive", ""},
			{"GET", "/live-sessions/" + session, ""},
			{"PATCH", "/live-sessions/" + session, `{"title":"x"}`},
			{"POST", "/live-sessions/" + session + "/start", ""},
			{"POST", "/live-sessions/" + session + "/end", ""},
			{"POST", "/live-sessions/" + session + "/recordings", `{"url":"https://media.example.com/1"}`},
			{"POST", "/live-sessions", `{"title":"x","courseId":"` + course.ID + `","scheduledAt":"2026-06-01T03:30:00Z","durationMinutes":60}`},
			{"POST", "/certificates", `{"studentId":"` + enrollment.StudentID + `","courseId":"` + myCourse + `"}`},
			{"POST", "/certificates", `{"studentId":"` + mine + `","courseId":"` + course.ID + `"}`},
		}
		for _, call := range calls {
			app.Do(call.method, "/api/v1"+call.path, call.body).WantError(404, gen.ErrorCodeNotFound)
		}
		app.WantStory()
		other.WantStory()
	})
}
