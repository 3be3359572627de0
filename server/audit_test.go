package server_test

import (
	"strings"
	"testing"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// audited are the lines about what the calling key did, oldest first.
func (app *App) audited() (actions []string) {
	app.Helper()
	page, err := app.Workspace.AuditLog(app.Context(), store.AuditQuery{Actor: app.Key.ID, ListOptions: store.ListOptions{Limit: 100}})
	if err != nil {
		app.Fatal(err)
	}
	for _, line := range page.Items {
		if line.KeyName != app.Key.Name || line.KeyHint != app.Key.Hint || line.Address != "127.0.0.1" || line.UserAgent != "a program/1" {
			app.Errorf("the line is %+v", line)
		}
		actions = append([]string{line.Action + " " + line.TargetID}, actions...)
	}
	return actions
}

// Whatever a key changes about webhooks stands in the audit log with the key, once: not for a replay, nor for a call
// that is refused or changes nothing.
func TestAudit_TellsWhatAKeyDidToWebhooks(t *testing.T) {
	each(t, func(app *App) {
		agent := []string{"User-Agent", "a program/1"}
		const endpoints = "/api/v1/webhook-endpoints"
		body := map[string]any{"url": "https://example.com", "events": []string{"student.created"}}
		twice := append([]string{"Idempotency-Key", "make"}, agent...)
		id := decode[gen.CreatedWebhookEndpointResponse](app.Post(endpoints, body, twice...).Want(201)).Data.ID
		app.Post(endpoints, body, twice...).Want(201)
		app.Post(endpoints, map[string]any{"url": "https://10.0.0.1", "events": []string{"*"}}, agent...).Want(422)
		path := endpoints + "/" + id
		app.NewStudent()
		delivery := app.Deliveries("")[0].ID
		for _, text := range []string{`{"label":"CRM"}`, `{"label":"CRM"}`, `{"status":"disabled"}`, `{"status":"active"}`} {
			app.DB.Clock.Advance(1)
			app.Do("PATCH", path, text, agent...).Want(200)
		}
		call := func(path string, body any, status int) { app.Post(path, body, agent...).Want(status) }
		call(path+"/rotate-secret", "", 200)
		call(path+"/revoke-old-secret", "", 200)
		call(path+"/revoke-old-secret", "", 200) // there is none any more
		call(path+"/test", "", 200)
		call(path+"/recover", app.since(1), 201)
		call("/api/v1/webhook-deliveries/"+delivery+"/redeliver", "", 200)
		app.Do("DELETE", path, "", agent...).Want(200)
		var want []string
		for _, action := range []string{"created", "changed", "disabled", "enabled", "secret_rotated", "old_secret_revoked", "tested"} {
			want = append(want, "webhook_endpoint."+action+" "+id)
		}
		want = append(want, "webhook_recovery.started "+id, "webhook_delivery.redelivered "+delivery, "webhook_endpoint.deleted "+id)
		if got := app.audited(); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
