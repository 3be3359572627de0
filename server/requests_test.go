package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/requestlog"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// recording starts the app anew with a recorder that writes when the test says so.
func (app *App) recording(db *store.Store) *requestlog.Recorder {
	app.Helper()
	recorder := requestlog.New(requestlog.Config{Store: db, Log: slog.New(slog.DiscardHandler)})
	parts := app.parts(app.logger())
	parts.Requests = recorder
	app.API, app.URL = app.listen(server.Config{}, parts)
	return recorder
}

func (app *App) requests(keyID string) []store.Request {
	app.Helper()
	page, err := app.Workspace.KeyRequests(app.Context(), keyID, store.ListOptions{Limit: 100})
	if err != nil {
		app.Fatal(err)
	}
	return page.Items
}

// The log tells what was called and what came of it, never what was in it.
func TestRequests_AreRecordedWithoutPathQueryOrBody(t *testing.T) {
	each(t, func(app *App) {
		recorder := app.recording(app.DB.Store)
		limited, secret := app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: []string{"read:courses"}, MinuteLimit: 5})
		as := app.As(secret)
		as.Get("/api/v1/courses/crs_secret-path", "X-Request-Id", "my-own-request-id").Want(404)
		as.Get("/api/v1/courses?tag=secret-query").Want(422)
		as.Post("/api/v1/students", `{"email":"secret-body@example.com"}`).Want(403)
		as.Get("/api/v1/nowhere/secret-path").Want(404)
		as.Get("/api/v1/courses").Want(200)
		as.Get("/api/v1/courses").Want(429)
		app.As("tbc_" + secret).Get("/api/v1/courses").Want(401)
		app.Get("/healthz").Want(200)
		if err := recorder.Flush(app.Context()); err != nil {
			app.Fatal(err)
		}
		got := map[string]int{}
		for _, r := range app.requests(limited.ID) {
			got[fmt.Sprint(r.Method, r.Route, r.Status)]++
			if r.Address != "127.0.0.1" || !r.At.Equal(app.DB.Clock.Now()) || len(r.ID) < 8 {
				app.Errorf("recorded %+v", r)
			}
		}
		for _, want := range []string{
			"GET/api/v1/courses/:id404", "GET/api/v1/courses422", "POST/api/v1/students403", "GET/api/v1/courses200", "GET/api/v1/courses429",
		} {
			if got[want] != 1 {
				app.Errorf("recorded %v, want %s once", got, want)
			}
		}
		if len(got) != 6 {
			app.Errorf("recorded %v, want 6 requests", got)
		}
		found, err := app.Workspace.FindRequests(app.Context(), "my-own-request-id")
		if err != nil || len(found) != 1 || found[0].Status != 404 || found[0].KeyID != limited.ID {
			app.Errorf("found %+v, %v", found, err)
		}
		hours, err := app.Workspace.RequestCounts(app.Context(), limited.ID, storetest.Start.Add(-time.Hour), storetest.Start.Add(time.Hour))
		if want := (store.Outcomes{Succeeded: 1, Rejected: 4, Limited: 1}); err != nil || len(hours) != 1 || hours[0].Outcomes != want {
			app.Errorf("counted %+v, %v, want %+v", hours, err, want)
		}
	})
}

// What nobody could record yet when the stop came is recorded by the stop.
func TestRequests_GracefulStopLosesNone(t *testing.T) {
	each(t, func(app *App) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			app.Fatal(err)
		}
		ctx, stop := context.WithCancel(app.Context())
		defer stop()
		served := make(chan error, 1)
		api := server.New(server.Config{}, app.parts(app.logger()))
		go func() { served <- api.Serve(ctx, listener) }()
		app.URL = "http://" + listener.Addr().String()
		const callers, each = 8, 10
		var calls sync.WaitGroup
		for range callers {
			calls.Go(func() {
				for range each {
					app.Get("/api/v1/me")
				}
			})
		}
		calls.Wait()
		stop()
		if err := <-served; err != nil {
			app.Fatal(err)
		}
		hours, err := app.Workspace.RequestCounts(app.Context(), "", storetest.Start.Add(-time.Hour), storetest.Start.Add(time.Hour))
		if lines := len(app.requests(app.Key.ID)); err != nil || lines != callers*each || len(hours) != 1 || hours[0].Succeeded != callers*each {
			app.Errorf("%d lines, counted %+v, %v; want %d", lines, hours, err, callers*each)
		}
	})
}

// The log is no part of an answer: while it cannot be written, every request is answered as ever.
func TestRequests_ALogThatCannotBeWrittenFailsNoRequest(t *testing.T) {
	each(t, func(app *App) {
		gone, err := store.Open(app.Context(), app.DB.Config())
		if err != nil {
			app.Fatal(err)
		}
		recorder := app.recording(gone)
		if err := gone.Close(); err != nil {
			app.Fatal(err)
		}
		for range 20 {
			app.Get("/api/v1/me").Want(200)
			if err := recorder.Flush(app.Context()); err == nil {
				app.Fatal("a closed database took a group")
			}
		}
	})
}
