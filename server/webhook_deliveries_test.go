package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/webhooks"
)

// What a receiver gets is what GET answers, signed, under the id that the feed and the log have.
func TestDelivery_CarriesTheObjectThatGetAnswers(t *testing.T) {
	each(t, func(app *App) {
		receiver := app.receiver()
		endpoint := app.Endpoint(receiver.URL, "student.created", "enrollment.created")
		recorded := app.deliver()
		student := app.NewStudent()
		got := receiver.want("student.created", endpoint.Secret)
		app.recorded(recorded)

		var event gen.StudentCreatedEvent
		if err := json.Unmarshal(got.Body, &event); err != nil || event.Data.ID != student.ID || event.WorkspaceID != app.Workspace.ID() {
			app.Errorf("received %s, %v", got.Body, err)
		}
		var sent, shown struct{ Data any }
		_ = json.Unmarshal(got.Body, &sent)
		_ = json.Unmarshal(app.Get("/api/v1/students/"+student.ID).Want(200).Body, &shown)
		if want, _ := json.Marshal(shown.Data); string(want) != marshal(app.T, sent.Data) {
			app.Errorf("sent %v, GET answers %s", sent.Data, want)
		}
		feed := app.Get("/api/v1/events/" + event.ID).Want(200)
		if stored := decode[struct{ Data any }](feed).Data; marshal(app.T, stored) != marshal(app.T, decodeBytes(app.T, got.Body)) {
			app.Errorf("the feed has %v, sent was %s", stored, got.Body)
		}
		delivery := app.Delivery(got.Header.Get(webhooks.HeaderDelivery))
		if delivery.Status != gen.DeliveryStatusSucceeded || delivery.EventID != event.ID || len(delivery.Attempts) != 1 || *delivery.LastStatusCode != 204 {
			app.Fatalf("the log has %+v", delivery)
		}
		attempt := delivery.Attempts[0]
		if attempt.Trigger != "auto" || attempt.Error != nil || *attempt.RequestBody != string(got.Body) || attempt.RequestHeaders["X-TBC-Event"] != "student.created" {
			app.Errorf("the attempt is %+v", attempt)
		}
	})
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decodeBytes(t *testing.T, body []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// A redelivery is the same event in the same bytes, so that a receiver can tell that it has seen it.
func TestDelivery_RedeliverSendsTheSameBytesWithANewSignature(t *testing.T) {
	each(t, func(app *App) {
		receiver := app.receiver()
		receiver.answer(http.StatusBadRequest)
		endpoint := app.Endpoint(receiver.URL, "student.created")
		recorded := app.deliver()
		app.NewStudent()
		first := receiver.want("student.created", endpoint.Secret)
		app.recorded(recorded)
		id := first.Header.Get(webhooks.HeaderDelivery)
		if failed := app.Delivery(id); failed.Status != gen.DeliveryStatusFailed || failed.NextAttemptAt != nil || *failed.Attempts[0].Error != "answered 400" || *failed.Attempts[0].StatusCode != 400 {
			app.Fatalf("after a 400: %+v", failed)
		}
		app.DB.Clock.Advance(24 * time.Hour)
		receiver.answer(http.StatusOK)
		app.Post("/api/v1/webhook-deliveries/"+id+"/redeliver", "", "Idempotency-Key", "again").Want(200)
		second := receiver.want("student.created", endpoint.Secret)
		app.recorded(recorded)
		replayed := app.Post("/api/v1/webhook-deliveries/"+id+"/redeliver", "", "Idempotency-Key", "again").Want(200)
		if replayed.Header.Get("Idempotent-Replayed") != "true" {
			app.Error("the call was made twice")
		}
		if string(second.Body) != string(first.Body) || second.Header.Get(webhooks.HeaderDelivery) != id || second.Header.Get(webhooks.HeaderAttempt) != "2" ||
			second.Header.Get(webhooks.HeaderSignature) == first.Header.Get(webhooks.HeaderSignature) {
			app.Errorf("first %+v, second %+v", first.Header, second.Header)
		}
		now := app.Delivery(id)
		if now.Status != gen.DeliveryStatusSucceeded || len(now.Attempts) != 2 || now.Attempts[0].Number != 2 || now.Attempts[0].Trigger != "manual" {
			app.Errorf("after the redelivery: %+v", now)
		}
	})
}

func TestDelivery_TestReachesOneEndpointAndNoFeed(t *testing.T) {
	each(t, func(app *App) {
		receiver, other := app.receiver(), app.receiver()
		endpoint := app.Endpoint(receiver.URL, "order.paid")
		app.Endpoint(other.URL)
		recorded := app.deliver()
		queued := decode[gen.DeliveryDetailResponse](app.Post("/api/v1/webhook-endpoints/"+endpoint.ID+"/test", "").Want(200)).Data
		got := receiver.want("webhook.test", endpoint.Secret)
		app.recorded(recorded)
		if got.Header.Get(webhooks.HeaderDelivery) != queued.ID || !strings.Contains(string(got.Body), `"data":{"endpointId":"`+endpoint.ID+`"}`) {
			app.Errorf("received %+v", got)
		}
		delivery := app.Delivery(queued.ID)
		if delivery.EventType != "webhook.test" || delivery.Attempts[0].Trigger != "test" || delivery.Status != gen.DeliveryStatusSucceeded {
			app.Errorf("the log has %+v", delivery)
		}
		app.Get("/api/v1/events/"+queued.EventID).WantError(404, gen.ErrorCodeNotFound)
		if feed := decode[gen.EventList](app.Get("/api/v1/events").Want(200)); len(feed.Data) != 0 {
			app.Errorf("the feed has %s", feed.Data)
		}
		select {
		case stray := <-other.got:
			app.Errorf("another endpoint got %s", stray.Body)
		default:
		}
	})
}

func TestDelivery_FailuresAreRetriedAndLogged(t *testing.T) {
	each(t, func(app *App) {
		receiver := app.receiver()
		receiver.answer(http.StatusServiceUnavailable)
		endpoint := app.Endpoint(receiver.URL, "student.created")
		recorded := app.deliver()
		app.NewStudent()
		id := receiver.want("student.created", endpoint.Secret).Header.Get(webhooks.HeaderDelivery)
		app.recorded(recorded)
		delivery := app.Delivery(id)
		if delivery.Status != gen.DeliveryStatusPending || delivery.NextAttemptAt == nil || delivery.AttemptCount != 1 {
			app.Fatalf("after a 503: %+v", delivery)
		}
		if words := delivery.Attempts[0].Error; words == nil || *words != "answered 503" {
			app.Errorf("the attempt that failed says %v", words)
		}
		if wait := delivery.NextAttemptAt.Sub(app.DB.Clock.Now()); wait < time.Minute || wait > 66*time.Second {
			app.Errorf("the next attempt is %s away", wait)
		}
		if failing := decode[gen.WebhookEndpointResponse](app.Get("/api/v1/webhook-endpoints/" + endpoint.ID).Want(200)).Data; failing.FailingSince == nil || failing.LastFailureAt == nil {
			app.Errorf("the endpoint shows %+v", failing)
		}
		receiver.answer(http.StatusOK)
		app.DB.Clock.Advance(67 * time.Second)
		receiver.want("student.created", endpoint.Secret)
		app.recorded(recorded)
		if now := decode[gen.WebhookEndpointResponse](app.Get("/api/v1/webhook-endpoints/" + endpoint.ID).Want(200)).Data; now.FailingSince != nil || now.LastSuccessAt == nil {
			app.Errorf("the endpoint shows %+v", now)
		}
	})
}

func TestDeliveries_AreFilteredAndPaged(t *testing.T) {
	each(t, func(app *App) {
		one := app.Endpoint("https://example.com/1", "student.created")
		two := app.Endpoint("https://example.com/2")
		for range 3 {
			app.NewStudent()
		}
		all := app.Deliveries("")
		since := "&since=" + app.DB.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		for query, want := range map[string]int{
			"?endpointId=" + one.ID: 3, "?endpointId=" + two.ID: 3, "?endpointId=whe_x": 0, "?eventId=" + all[0].EventID: 2, "?eventType=student.created": 6,
			"?eventType=webhook.test": 0, "?status=pending": 6, "?status=failed": 0, "?limit=100" + since: 0, "?limit=4": 4,
		} {
			if got := app.Deliveries(query); len(got) != want {
				app.Errorf("%s lists %d deliveries, want %d", query, len(got), want)
			}
		}
		page := decode[gen.DeliveryList](app.Get("/api/v1/webhook-deliveries?limit=4").Want(200))
		rest := app.Deliveries("?limit=4&cursor=" + *page.Pagination.NextCursor)
		if len(rest) != 2 || rest[0].ID != all[4].ID {
			app.Errorf("the second page has %d deliveries", len(rest))
		}
		app.Get("/api/v1/webhook-deliveries?status=pending&cursor=" + *page.Pagination.NextCursor).WantIssue("cursor")
		for query, field := range map[string]string{"?status=sent": "status", "?eventType=order.created": "eventType", "?since=yesterday": "since", "?eventId=": "eventId"} {
			app.Get("/api/v1/webhook-deliveries" + query).WantIssue(field)
		}
	})
}
