package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server"
)

// faulty are the routes of broken. They are the tests' own, and no traffic to judge the server by.
var faulty = []string{"/api/v1/panics", "/api/v1/fails", "/api/v1/slow"}

// broken serves the app with routes that fail in the ways that handlers can.
func (app *App) broken() *App {
	app.Helper()
	api := server.New(server.Config{}, app.parts(slog.New(slog.NewJSONHandler(app.Log, nil))))
	routes := api.Handler().(*echo.Echo)
	routes.GET("/api/v1/panics", func(echo.Context) error { panic("secret cause") })
	routes.GET("/api/v1/fails", func(echo.Context) error { return errors.New("secret cause") })
	routes.GET("/api/v1/slow", func(c echo.Context) error { <-c.Request().Context().Done(); return c.Request().Context().Err() })
	listening := httptest.NewServer(routes)
	app.Cleanup(listening.Close)
	other := *app
	other.URL = listening.URL
	return &other
}

// What went wrong inside is for the log; the caller gets an envelope like any other.
func TestFaults_PanicsAndErrorsAreEnveloped500s(t *testing.T) {
	each(t, func(app *App) {
		_, secret := app.LimitedKey(gen.ScopeReadCourses)
		broken := app.As(secret).broken()
		for i, path := range []string{"/panics", "/fails", "/panics"} {
			answer := broken.Get("/api/v1"+path, "X-Request-Id", "fault-"+path[1:])
			answer.WantError(500, gen.ErrorCodeInternalError)
			if strings.Contains(string(answer.Body), "secret cause") {
				app.Errorf("%s tells its cause: %s", path, answer.Body)
			}
			if want := []string{"59/999", "58/998", "57/997"}[i]; answer.Left() != want {
				app.Errorf("%s leaves %s, want %s", path, answer.Left(), want)
			}
		}
		log := app.Log.String()
		for _, want := range []string{"secret cause", "fault-panics", "fault-fails", `"stack":`, `"status":500`} {
			if !strings.Contains(log, want) {
				app.Errorf("the log lacks %s", want)
			}
		}
	})
}

func TestFaults_WithoutDatabaseTheHeadersShowTheDefaultsAndNothingLeft(t *testing.T) {
	each(t, func(app *App) {
		if err := app.DB.Store.Close(); err != nil {
			app.Fatal(err)
		}
		answer := app.Get("/api/v1/courses")
		answer.WantError(500, gen.ErrorCodeInternalError)
		now := app.DB.Clock.Now()
		minute, day := now.Truncate(time.Minute).Add(time.Minute).Unix(), now.Truncate(24*time.Hour).Add(24*time.Hour).Unix()
		for name, want := range map[string]int64{
			gen.HeaderRateLimitLimit: 60, gen.HeaderRateLimitRemaining: 0, gen.HeaderRateLimitReset: minute,
			gen.HeaderRateLimitDailyLimit: 1000, gen.HeaderRateLimitDailyReset: day,
		} {
			var got int64
			if err := json.Unmarshal([]byte(answer.Header.Get(name)), &got); err != nil || got != want {
				app.Errorf("%s is %q, want %d", name, answer.Header.Get(name), want)
			}
		}
		app.Get("/api/v1/courses", "Authorization", "Bearer tbc_x").Want(401) // needs no database
		app.wantBeside("/healthz", 200)
		if report := app.wantBeside("/readyz", 503); !strings.Contains(report, `"database":"unreachable"`) {
			app.Errorf("readyz reports %s", report)
		}
	})
}

// wantBeside calls a path beside /api/v1, without a key.
func (app *App) wantBeside(path string, status int) string {
	app.Helper()
	answer := app.Get(path, "Authorization", "-").Want(status)
	for _, name := range rateHeaders {
		if answer.Header.Get(name) != "" {
			app.Errorf("%s carries %s", path, name)
		}
	}
	return string(answer.Body)
}

func TestHealth_ReadyUntilStopping(t *testing.T) {
	each(t, func(app *App) {
		if report := app.wantBeside("/readyz", 200); report != `{"ready":true,"healthy":true,"stopping":false,"database":"ok","migrations":"ok","clock":"ok","queue":"ok"}`+"\n" {
			app.Errorf("readyz reports %s", report)
		}
		for _, path := range []string{"/healthz", "/openapi.yaml", "/openapi.json"} {
			app.wantBeside(path, 200)
			app.Do(http.MethodHead, path, "", "Authorization", "-").Want(200)
		}
		var document struct{ OpenAPI string }
		if err := json.Unmarshal([]byte(app.wantBeside("/openapi.json", 200)), &document); err != nil || document.OpenAPI != "3.1.0" {
			app.Errorf("openapi.json: %v %+v", err, document)
		}
		app.wantBeside("/nothing", 404)
	})
}

// A database whose clock is far off would make quotas and signatures wrong.
func TestHealth_SkewedClockIsNotReady(t *testing.T) {
	each(t, func(app *App) {
		later := func() time.Time { return app.DB.Clock.Now().Add(31 * time.Second) }
		parts := app.parts(slog.New(slog.DiscardHandler))
		parts.Now = later
		api := server.New(server.Config{}, parts)
		answer := httptest.NewRecorder()
		api.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(app.Context(), "GET", "/readyz", nil))
		if skewed := strings.Contains(answer.Body.String(), "skewed by 31s"); !skewed || answer.Code != 503 {
			app.Errorf("readyz answers %d %s", answer.Code, answer.Body)
		}
	})
}

// A log outlives everything; nothing in it may open an account or name a person.
func TestLog_NeverHoldsSecretsBodiesOrEmails(t *testing.T) {
	each(t, func(app *App) {
		app.Post("/api/v1/students", map[string]any{"email": "private@example.com", "displayName": "Private Person"}, "Idempotency-Key", "private-key-value").Want(201)
		app.Get("/api/v1/students?email=private%40example.com").Want(200)
		app.Get("/api/v1/courses/private@example.com").Want(404)
		app.Do("tbc_invented", "/api/v1/courses", "").Want(405)
		app.Get("/api/v1/me?key="+app.Secret, "Authorization", "Bearer "+unknownToken).Want(401)
		log := app.Log.String()
		for _, private := range []string{app.Secret, app.Secret[8:], unknownToken, "private@example.com", "private%40", "Private Person", "private-key-value", "tbc_"} {
			if strings.Contains(log, private) {
				app.Errorf("the log holds %q:\n%s", private, log)
			}
		}
		for _, want := range []string{`"route":"/api/v1/courses/:id"`, `"status":404`, `"keyId":"` + app.Key.ID, `"workspaceId":"` + app.Workspace.ID()} {
			if !strings.Contains(log, want) {
				app.Errorf("the log lacks %s:\n%s", want, log)
			}
		}
	})
}

// A caller that hangs up is no fault of ours.
func TestFaults_ACallerThatHangsUpIsNoError(t *testing.T) {
	each(t, func(app *App) {
		broken := app.broken()
		ctx, cancel := context.WithCancel(app.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", broken.URL+"/api/v1/slow", nil)
		if err != nil {
			app.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+app.Secret)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if response, err := client.Do(r); err == nil {
				_ = response.Body.Close()
			}
		}()
		cancel()
		<-done // canceled or answered: the log is what counts here
		if strings.Contains(app.Log.String(), `"level":"ERROR"`) {
			app.Errorf("the log calls it an error: %s", app.Log.String())
		}
	})
}
