package server_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// feed reads a page of the feed.
func (app *App) feed(query string) (events []gen.StudentCreatedEvent, next *string) {
	app.Helper()
	list := decode[gen.EventList](app.Get("/api/v1/events" + query).Want(200))
	for _, raw := range list.Data {
		var event gen.StudentCreatedEvent
		if err := json.Unmarshal(raw, &event); err != nil {
			app.Fatal(err)
		}
		events = append(events, event)
	}
	return events, list.Pagination.NextCursor
}

// A reader that keeps its cursor misses nothing, whatever is emitted meanwhile.
func TestEvents_AreReadInTheOrderOfCommits(t *testing.T) {
	each(t, func(app *App) {
		var want []string
		for range 5 {
			want = append(want, app.NewStudent().ID)
			app.DB.Clock.Advance(time.Second)
		}
		app.Other().NewStudent()
		first, next := app.feed("?limit=3")
		want = append(want, app.NewStudent().ID)
		second, end := app.feed("?limit=3&cursor=" + *next)
		all := append(first, second...)
		if len(all) != len(want) || end != nil {
			app.Fatalf("%d events, want %d", len(all), len(want))
		}
		for i, event := range all {
			if event.Data.ID != want[i] || event.Type != "student.created" {
				app.Errorf("event %d is %s of %s", i, event.Type, event.Data.ID)
			}
		}
		since, _ := app.feed("?since=" + all[4].CreatedAt.Format(time.RFC3339Nano))
		if len(since) != 2 || since[0].ID != all[4].ID {
			app.Errorf("since finds %d events", len(since))
		}
		if none, _ := app.feed("?type=order.paid"); len(none) != 0 {
			app.Errorf("the filter by type finds %d events", len(none))
		}
		app.Get("/api/v1/events?type=webhook.test").WantIssue("type")
		app.Get("/api/v1/events?type=student.created&cursor=" + *next).WantIssue("cursor")
	})
}

// No change, no event: what a call refuses or repeats is nobody's news.
func TestEvents_TellOnlyOfChanges(t *testing.T) {
	each(t, func(app *App) {
		app.Endpoint("https://example.com")
		student := app.NewStudent()
		course := app.Course()
		pair := map[string]any{"studentId": student.ID, "courseId": course.ID}
		app.Post("/api/v1/enrollments", pair).Want(201)
		app.Post("/api/v1/enrollments", pair).Want(200)
		app.Post("/api/v1/students", map[string]any{"email": student.Email, "displayName": "Again"}).Want(200)
		app.Post("/api/v1/students", map[string]any{"email": "no address", "displayName": "X"}).Want(422)
		app.Post("/api/v1/enrollments", map[string]any{"studentId": student.ID, "courseId": "crs_x"}).Want(404)
		app.Post("/api/v1/enrollments", map[string]any{"studentId": student.ID, "courseId": app.Draft().ID}).Want(422)
		body := map[string]any{"email": "once@example.com", "displayName": "Once"}
		app.Post("/api/v1/students", body, "Idempotency-Key", "k").Want(201)
		app.Post("/api/v1/students", body, "Idempotency-Key", "k").Want(201)
		var types []string
		events, _ := app.feed("")
		for _, event := range events {
			types = append(types, string(event.Type))
		}
		if want := `["student.created","enrollment.created","student.created"]`; marshal(app.T, types) != want {
			app.Errorf("the feed has %v, want %s", types, want)
		}
		if n := len(app.Deliveries("")); n != 3 {
			app.Errorf("%d deliveries, want one for each event", n)
		}
	})
}

// A transaction that fails after it has emitted leaves nothing to deliver.
func TestEvents_GoWithTheirTransaction(t *testing.T) {
	each(t, func(app *App) {
		app.Endpoint("https://example.com")
		failed := errors.New("failed")
		err := app.Workspace.Tx(app.Context(), func(tx *store.Tx) error {
			student, _, err := tx.CreateStudent(app.Context(), store.NewStudent{Email: "gone@example.com", DisplayName: "Gone", Status: store.StudentActive})
			if err != nil {
				return err
			}
			return errors.Join(tx.Emit(app.Context(), payload.StudentCreated(student)), failed)
		})
		if !errors.Is(err, failed) {
			app.Fatal(err)
		}
		if events, _ := app.feed(""); len(events) != 0 || len(app.Deliveries("")) != 0 {
			app.Errorf("%d events and %d deliveries of a change that never was", len(events), len(app.Deliveries("")))
		}
	})
}

func TestCreateStudent_InvitesByEMailOnce(t *testing.T) {
	each(t, func(app *App) {
		body := map[string]any{"email": "meera@example.com", "displayName": "Meera", "sendInvite": true}
		app.Post("/api/v1/students", body).Want(201)
		app.Post("/api/v1/students", body).Want(200)
		claimed, err := app.DB.Store.ClaimEmails(app.Context(), 10)
		if err != nil || len(claimed) != 1 || claimed[0].Recipients[0] != "meera@example.com" || claimed[0].Kind != "student.invited" {
			app.Errorf("the outbox has %+v, %v", claimed, err)
		}
	})
}

// A client may hold the feed against what it received: the bytes of an event are those that were signed.
func TestEvents_ShowTheBytesThatWereSigned(t *testing.T) {
	each(t, func(app *App) {
		body := map[string]any{"email": "asha@example.com", "displayName": "Asha & <Nair> \u2028"}
		app.Post("/api/v1/students", body).Want(201)
		stored, err := app.Workspace.Events(app.Context(), store.EventQuery{Limit: 1})
		if err != nil {
			app.Fatal(err)
		}
		want := string(stored.Items[0].Body)
		if got := string(decode[gen.EventList](app.Get("/api/v1/events").Want(200)).Data[0]); got != want {
			app.Errorf("the feed shows\n%s\nstored is\n%s", got, want)
		}
		if got := string(decode[gen.EventResponse](app.Get("/api/v1/events/" + stored.Items[0].ID).Want(200)).Data); got != want {
			app.Errorf("the event shows\n%s\nstored is\n%s", got, want)
		}
	})
}
