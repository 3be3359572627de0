package server_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/jobs"
	"github.com/thebigclass/api/webhooks"
)

func recoveryOf(a *Answer) gen.WebhookRecovery {
	a.Helper()
	return decode[gen.WebhookRecoveryResponse](a).Data
}

// since is a body of recover that begins so long before now.
func (app *App) since(ago time.Duration) map[string]any {
	return map[string]any{"since": app.DB.Clock.Now().Add(-ago).Format(time.RFC3339Nano)}
}

// What happened while an endpoint was off reaches it by one call, and the call by its repeat is the same one.
func TestRecovery_ReachesTheReceiver(t *testing.T) {
	each(t, func(app *App) {
		receiver := app.receiver()
		endpoint := app.Endpoint(receiver.URL, "student.created")
		path := "/api/v1/webhook-endpoints/" + endpoint.ID
		app.Do("PATCH", path, `{"status":"disabled"}`).Want(200)
		student := app.NewStudent()
		app.Do("PATCH", path, `{"status":"active"}`).Want(200)
		app.DB.Clock.Advance(7 * 24 * time.Hour)
		recorded := app.deliver()
		body := app.since(8 * 24 * time.Hour)
		first := app.Post(path+"/recover", body, "Idempotency-Key", "week").Want(201)
		made := recoveryOf(first)
		if made.State != gen.WebhookRecoveryStateQueued || made.Total != 1 || made.EndpointID != endpoint.ID || made.FinishedAt != nil {
			app.Errorf("made %+v", made)
		}
		if again := app.Post(path+"/recover", body, "Idempotency-Key", "week").Want(201); string(again.Body) != string(first.Body) ||
			again.Header.Get("Idempotent-Replayed") != "true" {
			app.Errorf("a repeat answers %s", again.Body)
		}
		work := jobs.New(app.DB.Store, slog.New(slog.DiscardHandler), "")
		if !work.StepRecoveries(app.Context()) || work.StepRecoveries(app.Context()) {
			app.Error("the job did not come to its end in one round")
		}
		got := receiver.want("student.created", endpoint.Secret)
		app.recorded(recorded)
		if !strings.Contains(string(got.Body), student.ID) {
			app.Errorf("received %s", got.Body)
		}
		delivery := app.Delivery(got.Header.Get(webhooks.HeaderDelivery))
		if delivery.Status != gen.DeliveryStatusSucceeded || delivery.Attempts[0].Trigger != gen.AttemptTriggerRecovery {
			app.Errorf("the log has %+v", delivery)
		}
		done := recoveryOf(app.Get("/api/v1/webhook-recoveries/" + made.ID).Want(200))
		if done.State != gen.WebhookRecoveryStateCompleted || done.Queued != 1 || done.Skipped != 0 || done.FinishedAt == nil {
			app.Errorf("it shows %+v", done)
		}
	})
}

func TestRecovery_Refusals(t *testing.T) {
	each(t, func(app *App) {
		endpoint := app.Endpoint("https://example.com")
		path := "/api/v1/webhook-endpoints/" + endpoint.ID + "/recover"
		for body, field := range map[string]string{
			`{}`: "/since", `{"since":"yesterday"}`: "/since", `{"since":null}`: "/since", `{"since":"2026-03-02T10:00:00Z","until":1}`: "/until",
			`{"since":"2026-03-02T10:00:00Z","events":[]}`: "/events", `{"since":"2026-03-02T10:00:00Z","events":["*"]}`: "/events/0",
			`{"since":"2026-03-02T10:00:00Z","events":["webhook.test"]}`: "/events/0",
		} {
			app.Post(path, body).WantIssue(field)
		}
		app.Post(path, app.since(-time.Minute)).WantIssue("/since")
		app.Post(path, app.since(30*24*time.Hour+time.Minute)).WantIssue("/since")
		app.Do("PATCH", strings.TrimSuffix(path, "/recover"), `{"status":"disabled"}`).Want(200)
		app.Post(path, app.since(0)).WantIssue("")
		app.Do("PATCH", strings.TrimSuffix(path, "/recover"), `{"status":"active"}`).Want(200)
		made := recoveryOf(app.Post(path, app.since(time.Hour)).Want(201))
		app.Post(path, app.since(time.Hour)).WantIssue("")
		app.Do("DELETE", strings.TrimSuffix(path, "/recover"), "").Want(200)
		app.Post(path, app.since(time.Hour)).WantError(404, gen.ErrorCodeNotFound)
		if ended := recoveryOf(app.Get("/api/v1/webhook-recoveries/" + made.ID).Want(200)); ended.State != gen.WebhookRecoveryStateFailed || ended.FinishedAt == nil {
			app.Errorf("after its endpoint was deleted: %+v", ended)
		}
	})
}

// What belongs to another workspace answers like what never was, byte for byte apart from the request id.
func TestRecovery_ForeignIdsAre404(t *testing.T) {
	each(t, func(app *App) {
		other := app.Other()
		endpoint := other.Endpoint("https://example.com")
		made := recoveryOf(other.Post("/api/v1/webhook-endpoints/"+endpoint.ID+"/recover", app.since(0)).Want(201))
		id := []string{"X-Request-Id", "the-same-for-all"}
		unknown := app.Get("/api/v1/webhook-recoveries/whr_01HXZM6R8S0T2V4W6X8Y0Z2A4B", id...)
		unknown.WantError(404, gen.ErrorCodeNotFound)
		for _, answer := range []*Answer{
			app.Get("/api/v1/webhook-recoveries/"+made.ID, id...), app.Get("/api/v1/webhook-recoveries/x", id...),
			app.Post("/api/v1/webhook-endpoints/"+endpoint.ID+"/recover", app.since(0), id...),
			app.Post("/api/v1/webhook-endpoints/whe_x/recover", app.since(0), id...),
		} {
			if answer.Status != 404 || string(answer.Body) != string(unknown.Body) {
				app.Errorf("%d %s, an unknown one is %s", answer.Status, answer.Body, unknown.Body)
			}
		}
		if got := recoveryOf(other.Get("/api/v1/webhook-recoveries/" + made.ID).Want(200)); got.State != gen.WebhookRecoveryStateQueued {
			app.Errorf("another workspace changed it: %+v", got)
		}
	})
}
