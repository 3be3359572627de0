package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// wantReady asks /readyz of a server with the roles.
func (app *App) wantReady(roles []server.Role, path string, status int, parts ...string) {
	app.Helper()
	app.DB.Clock.Advance(time.Second) // one look serves a second
	api := server.New(server.Config{Roles: roles}, app.parts(app.logger()))
	answer := httptest.NewRecorder()
	api.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(app.Context(), "GET", path, nil))
	if answer.Code != status {
		app.Errorf("%s with roles %v answers %d, want %d: %s", path, roles, answer.Code, status, answer.Body)
	}
	for _, part := range parts {
		if !strings.Contains(answer.Body.String(), part) {
			app.Errorf("%s with roles %v lacks %s: %s", path, roles, part, answer.Body)
		}
	}
}

var (
	allRoles     []server.Role
	apiOnly      = []server.Role{server.RoleAPI}
	deliveryOnly = []server.Role{server.RoleDelivery}
)

// Deliveries that nobody sends turn those red who should; a process that answers calls alone goes on.
func TestHealth_TurnsRedWhereDeliveriesStall(t *testing.T) {
	each(t, func(app *App) {
		app.Endpoint("http://127.0.0.1:9/hook")
		app.NewStudent()
		app.DB.Clock.Advance(58 * time.Second)
		app.wantReady(allRoles, "/readyz", 200, `"ready":true`, `"healthy":true`, `"queue":"ok"`)
		app.DB.Clock.Advance(time.Minute)
		app.wantReady(allRoles, "/readyz", 200, `"ready":true`, `"healthy":false`, `"queue":"late by 2m0s"`)
		app.DB.Clock.Advance(4 * time.Minute)
		app.wantReady(allRoles, "/readyz", 503, `"ready":false`, `"healthy":false`, `"queue":"stalled for 6m1s"`, `"database":"ok"`)
		app.wantReady(deliveryOnly, "/readyz", 503, `"queue":"stalled for`)
		app.wantReady(apiOnly, "/readyz", 200, `"ready":true`, `"healthy":false`, `"queue":"stalled for`)
		app.wantReady(allRoles, "/readyz?exclude=queue", 200, `"ready":true`, `"healthy":false`, `"queue":"stalled for`)
		claims, err := app.DB.ClaimDeliveries(app.Context(), 1)
		if err != nil || len(claims) != 1 {
			app.Fatalf("claimed %d, %v", len(claims), err)
		}
		app.wantReady(allRoles, "/readyz", 200, `"healthy":true`, `"queue":"ok"`)
	})
}

// A receiver that hangs makes its own deliveries late for hours. They are seen, and nobody else pays for them.
func TestHealth_AHangingEndpointIsSeenAndTakesNobodyOut(t *testing.T) {
	each(t, func(app *App) {
		app.Endpoint("http://127.0.0.1:9/hook")
		storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) error {
			for range 29 { // more than may be under way
				if err := tx.Emit(app.Context(), store.Event{Type: "student.deleted", Data: map[string]any{"id": "stu_1"}}); err != nil {
					return err
				}
			}
			return nil
		})
		for range 40 {
			claims, err := app.DB.ClaimDeliveries(app.Context(), 100)
			if err != nil {
				app.Fatal(err)
			}
			app.DB.Clock.Advance(14 * time.Second)
			app.hangs(claims)
		}
		app.wantReady(allRoles, "/readyz", 200, `"ready":true`, `"healthy":false`, `"queue":"late by 6m`)
		app.wantReady(deliveryOnly, "/readyz", 200, `"queue":"late by 6m`)
	})
}

// hangs records attempts that timed out and are due again at once, as after an hour of retries.
func (app *App) hangs(claims []store.Claim) {
	app.Helper()
	var outcomes []store.Outcome
	for _, claim := range claims {
		reason, again := "timeout", time.Duration(0)
		outcomes = append(outcomes, store.Outcome{
			Claim: claim, Attempt: store.Attempt{At: app.DB.Clock.Now(), Error: &reason}, RetryIn: &again,
		})
	}
	if _, err := app.DB.CompleteDeliveries(app.Context(), outcomes); err != nil {
		app.Fatal(err)
	}
}
