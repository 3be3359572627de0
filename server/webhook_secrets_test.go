package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
)

// rotate replaces the secret of an endpoint by API.
func (app *App) rotate(id, body string, headers ...string) gen.CreatedWebhookEndpoint {
	app.Helper()
	return decode[gen.CreatedWebhookEndpointResponse](app.Post("/api/v1/webhook-endpoints/"+id+"/rotate-secret", body, headers...).Want(200)).Data
}

func TestRotateSecret_ShowsTheNewSecretOnce(t *testing.T) {
	each(t, func(app *App) {
		made := app.Endpoint("https://example.com")
		path := "/api/v1/webhook-endpoints/" + made.ID
		rotated := app.rotate(made.ID, "", "Idempotency-Key", "rotate")
		if !strings.HasPrefix(rotated.Secret, "whsec_") || rotated.Secret == made.Secret || rotated.OldSecretExpiresAt == nil ||
			!rotated.OldSecretExpiresAt.Equal(rotated.UpdatedAt.Add(24*time.Hour)) {
			app.Errorf("rotated: %+v", rotated)
		}
		if again := app.rotate(made.ID, "", "Idempotency-Key", "rotate"); again.Secret != rotated.Secret {
			app.Error("a repeat of the call that was lost on the way replaced the secret again")
		}
		shown := app.Get(path).Want(200)
		if strings.Contains(string(shown.Body), "whsec_") || strings.Contains(app.Log.String(), rotated.Secret) {
			app.Error("the secret is shown again or in the log")
		}
		if got := decode[gen.WebhookEndpointResponse](shown).Data; !got.OldSecretExpiresAt.Equal(*rotated.OldSecretExpiresAt) {
			app.Errorf("the endpoint shows %+v", got)
		}
		if hour := app.rotate(made.ID, `{"overlapSeconds":3600}`); !hour.OldSecretExpiresAt.Equal(hour.UpdatedAt.Add(time.Hour)) {
			app.Errorf("an hour: %+v", hour)
		}
		if now := app.rotate(made.ID, `{"overlapSeconds":0}`); now.OldSecretExpiresAt != nil {
			app.Errorf("at once: %+v", now)
		}
	})
}

func TestRotateSecret_RefusesWhatItCannotDo(t *testing.T) {
	each(t, func(app *App) {
		made := app.Endpoint("https://example.com")
		path := "/api/v1/webhook-endpoints/" + made.ID
		for _, body := range []string{`{"overlapSeconds":-1}`, `{"overlapSeconds":604801}`, `{"overlapSeconds":1.5}`, `{"overlapSeconds":null}`} {
			app.Post(path+"/rotate-secret", body).WantIssue("/overlapSeconds")
		}
		app.Post(path+"/rotate-secret", `{"secret":"whsec_mine"}`).Want(422)
		app.Do("PATCH", path, `{"status":"disabled"}`).Want(200)
		if week := app.rotate(made.ID, `{"overlapSeconds":604800}`); week.Status != gen.WebhookEndpointStatusDisabled {
			app.Errorf("rotated: %+v", week)
		}
		other := app.Other()
		for _, action := range []string{"/rotate-secret", "/revoke-old-secret"} {
			other.Post(path+action, "").WantError(404, gen.ErrorCodeNotFound)
		}
		app.Do("DELETE", path, "").Want(200)
		for _, action := range []string{"/rotate-secret", "/revoke-old-secret"} {
			app.Post(path+action, "").WantError(404, gen.ErrorCodeNotFound)
		}
	})
}

func TestRevokeOldSecret_RepeatChangesNothing(t *testing.T) {
	each(t, func(app *App) {
		made := app.Endpoint("https://example.com")
		revoke := func() gen.WebhookEndpoint {
			return decode[gen.WebhookEndpointResponse](app.Post("/api/v1/webhook-endpoints/"+made.ID+"/revoke-old-secret", "").Want(200)).Data
		}
		if nothing := revoke(); !nothing.UpdatedAt.Equal(made.UpdatedAt) {
			app.Errorf("without an overlap: %+v", nothing)
		}
		app.rotate(made.ID, "")
		revoked := revoke()
		if again := revoke(); revoked.OldSecretExpiresAt != nil || !again.UpdatedAt.Equal(revoked.UpdatedAt) {
			app.Errorf("revoked %+v, again %+v", revoked, again)
		}
	})
}

// The whole way of a customer: call, change over late, forget about it.
func TestRotateSecret_ReceiverOfBothMissesNothing(t *testing.T) {
	each(t, func(app *App) {
		receiver := app.receiver()
		made := app.Endpoint(receiver.URL, "student.created")
		recorded := app.deliver()
		rotated := app.rotate(made.ID, "")
		for _, secret := range []string{made.Secret, rotated.Secret} {
			app.NewStudent()
			receiver.want("student.created", secret)
			app.recorded(recorded)
		}
		app.DB.Clock.Advance(24*time.Hour + time.Second)
		app.NewStudent()
		got := receiver.want("student.created", rotated.Secret)
		app.recorded(recorded)
		if signature := got.Header.Get("X-TBC-Signature"); strings.Count(signature, "v1=") != 1 {
			app.Errorf("after a day the old secret signs: %s", signature)
		}
		app.replica().Once(app.Context())
		now := decode[gen.WebhookEndpointResponse](app.Get("/api/v1/webhook-endpoints/" + made.ID).Want(200)).Data
		if now.OldSecretExpiresAt != nil || !now.UpdatedAt.After(rotated.UpdatedAt) {
			app.Errorf("after a day the endpoint shows %+v", now)
		}
	})
}
