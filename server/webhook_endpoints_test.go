package server_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/webhooks/delivery"
)

func TestWebhookEndpoints_ShowTheirSecretOnce(t *testing.T) {
	each(t, func(app *App) {
		body := map[string]any{"url": "https://crm.example.com/hooks", "label": "CRM", "events": []string{"order.paid", "order.refunded"}}
		first := app.Post("/api/v1/webhook-endpoints", body, "Idempotency-Key", "make").Want(201)
		made := decode[gen.CreatedWebhookEndpointResponse](first).Data
		if !strings.HasPrefix(made.Secret, "whsec_") || made.Status != gen.WebhookEndpointStatusActive || *made.Label != "CRM" {
			app.Errorf("made %+v", made)
		}
		if again := app.Post("/api/v1/webhook-endpoints", body, "Idempotency-Key", "make").Want(201); string(again.Body) != string(first.Body) {
			app.Errorf("a repeat of the call that was lost on the way answers %s", again.Body)
		}
		path := "/api/v1/webhook-endpoints/" + made.ID
		for _, answer := range []*Answer{app.Get(path).Want(200), app.Get("/api/v1/webhook-endpoints").Want(200), app.Do("PATCH", path, `{"label":null}`).Want(200)} {
			if strings.Contains(string(answer.Body), "whsec_") || !strings.Contains(string(answer.Body), made.ID) {
				app.Errorf("got %s", answer.Body)
			}
		}
		if strings.Contains(app.Log.String(), made.Secret) {
			app.Error("the secret is in the log")
		}
	})
}

func TestWebhookEndpoints_RefuseDestinationsAndSubscriptions(t *testing.T) {
	each(t, func(app *App) {
		kept := app.Endpoint("https://crm.example.com/hooks")
		for _, url := range []string{
			"https://10.1.2.3/", "https://169.254.169.254/latest", "https://[::1]:8443/x", "ftp://example.com", "https://user:pass@example.com/",
			"https://example.com/#part", "https://0x7f.1/", "example.com",
		} {
			app.Post("/api/v1/webhook-endpoints", map[string]any{"url": url, "events": []string{"*"}}).WantIssue("/url")
			app.Do("PATCH", "/api/v1/webhook-endpoints/"+kept.ID, fmt.Sprintf(`{"url":%q}`, url)).WantIssue("/url")
		}
		for _, events := range []string{`[]`, `["*","order.paid"]`} {
			app.Post("/api/v1/webhook-endpoints", `{"url":"https://example.com","events":`+events+`}`).WantIssue("/events")
		}
		for _, kind := range []string{"webhook.test", "order.created", "ORDER.PAID"} {
			app.Post("/api/v1/webhook-endpoints", map[string]any{"url": "https://example.com", "events": []string{kind}}).WantIssue("/events/0")
		}
		now := decode[gen.WebhookEndpointResponse](app.Get("/api/v1/webhook-endpoints/" + kept.ID).Want(200)).Data
		if now.URL != kept.URL || !now.UpdatedAt.Equal(kept.UpdatedAt) {
			app.Errorf("a refused patch changed the endpoint: %+v", now)
		}
	})
}

func TestWebhookEndpoints_AreAtMostTwenty(t *testing.T) {
	each(t, func(app *App) {
		var last string
		for i := range 20 {
			last = app.Endpoint(fmt.Sprintf("https://example.com/%d", i)).ID
		}
		body := map[string]any{"url": "https://example.com/21", "events": []string{"*"}}
		app.Post("/api/v1/webhook-endpoints", body).WantIssue("")
		app.Other().Endpoint("https://example.com") // another workspace has its own twenty
		app.Do("DELETE", "/api/v1/webhook-endpoints/"+last, "").Want(200)
		app.Post("/api/v1/webhook-endpoints", body).Want(201)
		if page := decode[gen.WebhookEndpointList](app.Get("/api/v1/webhook-endpoints?limit=15").Want(200)); len(page.Data) != 15 || !page.Pagination.HasMore {
			app.Errorf("%d endpoints, more %v", len(page.Data), page.Pagination.HasMore)
		}
	})
}

func TestWebhookEndpoints_ChangeWhatThePatchNames(t *testing.T) {
	each(t, func(app *App) {
		made := app.Endpoint("https://example.com/a", "order.paid")
		path := "/api/v1/webhook-endpoints/" + made.ID
		patched := func(body string) gen.WebhookEndpoint {
			return decode[gen.WebhookEndpointResponse](app.Do("PATCH", path, body).Want(200)).Data
		}
		got := patched(`{"label":"Books","events":["*"],"url":"http://127.0.0.1:9/b"}`)
		if *got.Label != "Books" || got.Events[0] != "*" || got.URL != "http://127.0.0.1:9/b" || got.Status != gen.WebhookEndpointStatusActive {
			app.Errorf("got %+v", got)
		}
		off := patched(`{"status":"disabled"}`)
		if off.Status != gen.WebhookEndpointStatusDisabled || off.DisabledReason == nil || *off.DisabledReason != "manual" || *off.Label != "Books" {
			app.Errorf("got %+v", off)
		}
		if again := patched(`{"status":"disabled"}`); !again.UpdatedAt.Equal(off.UpdatedAt) {
			app.Error("disabling twice changed the endpoint")
		}
		if on := patched(`{"status":"active","label":null}`); on.Status != gen.WebhookEndpointStatusActive || on.DisabledReason != nil || on.Label != nil {
			app.Errorf("got %+v", on)
		}
		app.Do("PATCH", path, `{"url":null}`).WantIssue("/url")
		app.Do("PATCH", path, `{"secret":"x"}`).Want(422)
	})
}

// An id of another workspace must answer like one that never was.
func TestWebhooks_ForeignIdsAre404(t *testing.T) {
	each(t, func(app *App) {
		other := app.Other()
		endpoint := other.Endpoint("https://example.com")
		other.NewStudent()
		delivery := other.Deliveries("")[0]
		for _, call := range [][3]string{
			{"GET", "/webhook-endpoints/" + endpoint.ID, ""},
			{"PATCH", "/webhook-endpoints/" + endpoint.ID, `{"label":"mine"}`},
			{"DELETE", "/webhook-endpoints/" + endpoint.ID, ""},
			{"POST", "/webhook-endpoints/" + endpoint.ID + "/test", ""},
			{"GET", "/webhook-deliveries/" + delivery.ID, ""},
			{"POST", "/webhook-deliveries/" + delivery.ID + "/redeliver", ""},
			{"GET", "/events/" + delivery.EventID, ""},
			{"GET", "/events/evt_x", ""},
		} {
			app.Do(call[0], "/api/v1"+call[1], call[2]).WantError(404, gen.ErrorCodeNotFound)
		}
		if n := len(app.Deliveries("?endpointId=" + endpoint.ID)); n != 0 {
			app.Errorf("the filter finds %d deliveries of another workspace", n)
		}
		if got := decode[gen.WebhookEndpointResponse](other.Get("/api/v1/webhook-endpoints/" + endpoint.ID).Want(200)).Data; got.Label != nil {
			app.Errorf("another workspace changed it: %+v", got)
		}
	})
}

func TestWebhookEndpoints_DeletingEndsThemAndKeepsTheLog(t *testing.T) {
	each(t, func(app *App) {
		endpoint := app.Endpoint("https://example.com")
		app.NewStudent()
		path := "/api/v1/webhook-endpoints/" + endpoint.ID
		gone := decode[struct{ Data map[string]any }](app.Do("DELETE", path, "").Want(200)).Data
		if gone["id"] != endpoint.ID || gone["deletedAt"] == nil {
			app.Errorf("got %v", gone)
		}
		app.Do("DELETE", path, "").WantError(404, gen.ErrorCodeNotFound)
		app.Get(path).WantError(404, gen.ErrorCodeNotFound)
		app.Post(path+"/test", "").WantError(404, gen.ErrorCodeNotFound)
		deliveries := app.Deliveries("?endpointId=" + endpoint.ID)
		if len(deliveries) != 1 || deliveries[0].Status != gen.DeliveryStatusCanceled || deliveries[0].NextAttemptAt != nil {
			app.Fatalf("the log has %+v", deliveries)
		}
		app.Delivery(deliveries[0].ID)
		app.Post("/api/v1/webhook-deliveries/"+deliveries[0].ID+"/redeliver", "").WantIssue("")
		app.NewStudent()
		if n := len(app.Deliveries("")); n != 1 {
			app.Errorf("%d deliveries, want none to an endpoint that is gone", n)
		}
	})
}

// Events go on being stored while nobody listens.
func TestWebhookEndpoints_DisablingCancelsWhatWaits(t *testing.T) {
	each(t, func(app *App) {
		endpoint := app.Endpoint("https://example.com")
		path := "/api/v1/webhook-endpoints/" + endpoint.ID
		app.NewStudent()
		app.Do("PATCH", path, `{"status":"disabled"}`).Want(200)
		app.NewStudent()
		deliveries := app.Deliveries("")
		if len(deliveries) != 1 || deliveries[0].Status != gen.DeliveryStatusCanceled {
			app.Fatalf("the log has %+v", deliveries)
		}
		app.Post(path+"/test", "").WantIssue("")
		app.Post("/api/v1/webhook-deliveries/"+deliveries[0].ID+"/redeliver", "").WantIssue("")
		if feed := decode[struct{ Data []json.RawMessage }](app.Get("/api/v1/events").Want(200)); len(feed.Data) != 2 {
			app.Errorf("%d events, want both", len(feed.Data))
		}
		app.Do("PATCH", path, `{"status":"active"}`).Want(200)
		again := decode[gen.DeliveryDetailResponse](app.Post("/api/v1/webhook-deliveries/"+deliveries[0].ID+"/redeliver", "").Want(200)).Data
		if again.Status != gen.DeliveryStatusPending || again.ID != deliveries[0].ID || again.EventID != deliveries[0].EventID {
			app.Errorf("got %+v", again)
		}
	})
}

// What can be seen to be no public https address is refused when it is saved, with a sentence that says why.
func TestWebhookEndpoints_RefuseEverySpellingOfASpecialAddress(t *testing.T) {
	each(t, func(app *App) {
		parts := app.parts(slog.New(slog.DiscardHandler))
		parts.Destinations = delivery.Guard{}
		listening := httptest.NewServer(server.New(server.Config{}, parts).Handler())
		app.Cleanup(listening.Close)
		strict := *app
		strict.URL = listening.URL
		for url, issue := range map[string]string{
			"https://127.0.0.1/": "private or special", "https://[::1]/": "private or special", "https://[::ffff:127.0.0.1]/": "private or special",
			"https://[::127.0.0.1]/": "private or special", "https://[fe80::1%25eth0]/": "private or special", "https://[64:ff9b::7f00:1]/": "private or special",
			"https://[64:ff9b:1::7f00:1]/": "private or special", "https://[2002:7f00:1::]/": "private or special", "https://[2001:0:7f00:1::]/": "private or special",
			"https://100.64.0.1/": "private or special", "https://198.18.0.1/": "private or special", "https://224.0.0.1/": "private or special",
			"https://169.254.169.254/": "private or special", "https://168.63.129.16/": "private or special", "https://[fd00:ec2::254]/": "private or special",
			"https://2130706433/": "not a name", "https://0x7f000001/": "not a name", "https://0177.0.0.1/": "not a name", "https://127.1/": "not a name",
			"https://１２７.0.0.1/": "must be escaped", "https://①②⑦.0.0.1/": "must be escaped", "https://例え.example/": "must be escaped",
			"https://localhost/": "this machine", "https://user:pw@example.com/": "user or password", "https://example.com/#part": "fragment",
			"https://example.com:0/": "port", "http://example.com/": "https://",
		} {
			body := strict.Post("/api/v1/webhook-endpoints", map[string]any{"url": url, "events": []string{"*"}}).WantError(422, gen.ErrorCodeInvalidRequest)
			if body.Details == nil || len(*body.Details) != 1 || (*body.Details)[0].Field != "/url" || !strings.Contains((*body.Details)[0].Issue, issue) {
				app.Errorf("%s: details %+v, want %q", url, body.Details, issue)
			}
		}
		strict.Post("/api/v1/webhook-endpoints", map[string]any{"url": "https://example.com:8443/hook", "events": []string{"*"}}).Want(201)
	})
}
