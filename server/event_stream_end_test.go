package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// A key that has ended reads nothing more: the next look, a second later, ends its streams.
func TestEventStream_EndsWithItsKey(t *testing.T) {
	each(t, func(app *App) {
		for name, end := range map[string]func(key store.Key){
			"revoked": func(key store.Key) {
				storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) error { return tx.RevokeKey(app.Context(), key.ID, "test") })
			},
			"expired": func(key store.Key) { app.DB.Clock.Set(*key.ExpiresAt) },
			"scope removed": func(key store.Key) {
				app.DB.Exec(app.T, `UPDATE api_keys SET scopes = $1 WHERE id = $2`, "read:courses", key.ID)
			},
		} {
			expiry := app.DB.Clock.Now().Add(time.Hour)
			key, secret := app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: []string{gen.ScopeReadEvents}, ExpiresAt: &expiry})
			limited, hand := app.As(secret).ticking()
			s := limited.Stream()
			s.begin()
			hand.tick(poll)
			app.NewStudent()
			s.event()
			end(key)
			hand.tick(poll)
			if err := s.wantEnd(); err != nil {
				app.Errorf("%s: the stream ends with %v", name, err)
			}
		}
		if log := app.Log.String(); strings.Count(log, "the key was revoked, has expired or lost the scope") != 3 {
			app.Errorf("the log says %s", log)
		}
	})
}

// A server that stops does not wait for streams, which would never end.
func TestEventStream_EndsWhenTheServerStops(t *testing.T) {
	each(t, func(app *App) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			app.Fatal(err)
		}
		second, _ := app.ticking()
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		stopped := make(chan error, 1)
		go func() { stopped <- second.API.Serve(ctx, listener) }()
		second.URL = "http://" + listener.Addr().String()
		s, idle := second.Stream(), second.Stream()
		s.begin()
		idle.begin()
		app.NewStudent()
		s.event()
		idle.event()
		stop()
		for _, open := range []*stream{s, idle} {
			if err := open.wantEnd(); err != nil {
				app.Errorf("the stream ends with %v", err)
			}
		}
		bounded, cancel := context.WithTimeout(context.Background(), 15*time.Second) // of the 20 that others get
		defer cancel()
		select {
		case err := <-stopped:
			if err != nil {
				app.Error(err)
			}
		case <-bounded.Done():
			app.Fatal("the server waits for its streams")
		}
	})
}

// The limits on the time of a request are not meant for streams: not even for the detection of those who hang up.
func TestEventStream_OutlivesTheTimeoutsOfTheServer(t *testing.T) {
	each(t, func(app *App) {
		second, hand := app.ticking()
		listening := httptest.NewUnstartedServer(second.API.Handler())
		listening.Config = server.NewHTTPServer(second.API.Handler())
		listening.Config.ReadTimeout, listening.Config.WriteTimeout = time.Second, time.Second
		listening.Config.ReadHeaderTimeout = 0
		listening.Start()
		app.Cleanup(listening.Close)
		second.URL = listening.URL
		s := second.Stream()
		s.begin()
		for range 3 { // the server cuts off a request that began later and does not go on
			conn, err := net.Dial("tcp", listening.Listener.Addr().String())
			if err != nil {
				app.Fatal(err)
			}
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\n")
			_, _ = io.ReadAll(conn)
			_ = conn.Close()
		}
		hand.tick(poll)
		app.NewStudent()
		s.event()
		s.hangUp()
	})
}

// A reader that takes nothing is dropped, and what it did not read was never in our memory.
func TestEventStream_DropsWhoReadsNothing(t *testing.T) {
	each(t, func(app *App) {
		second, _ := app.ticking()
		second.API.SetStreamPatience(100 * time.Millisecond)
		storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) error {
			for range 300 {
				if err := tx.Emit(app.Context(), store.Event{Type: "student.deleted", Data: map[string]any{"id": strings.Repeat("x", 60_000)}}); err != nil {
					return err
				}
			}
			return nil
		})
		first, err := app.Workspace.EventsAfter(app.Context(), 0, 1)
		if err != nil {
			app.Fatal(err)
		}
		conn, err := net.Dial("tcp", strings.TrimPrefix(second.URL, "http://"))
		if err != nil {
			app.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nLast-Event-ID: %s\r\n\r\n", app.Secret, first[0].ID)
		app.logs("the reader takes nothing")
		rest, err := io.ReadAll(bufio.NewReader(conn))
		if err == nil && len(rest) > 15<<20 {
			app.Errorf("%d bytes were kept for a reader that took nothing", len(rest))
		}
	})
}

// logs waits for a line of the log.
func (app *App) logs(text string) {
	app.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		found, grown := app.Log.has(text)
		if found {
			return
		}
		select {
		case <-grown:
		case <-timer.C:
			app.Fatalf("the log never says %q: %s", text, app.Log)
		}
	}
}

// Without the database nothing can be said about the key or the feed: the client comes back when it can.
func TestEventStream_EndsWithTheDatabase(t *testing.T) {
	each(t, func(app *App) {
		elsewhere := *app.DB
		opened, err := store.Open(app.Context(), app.DB.Config())
		if err != nil {
			app.Fatal(err)
		}
		elsewhere.Store = opened
		away := *app
		away.DB = &elsewhere
		second, hand := away.ticking()
		s := second.Stream()
		s.begin()
		if err := opened.Close(); err != nil {
			app.Fatal(err)
		}
		hand.tick(poll)
		_ = s.wantEnd()
		app.logs("request failed")
	})
}

// No gate stands around the goroutine that looks after a stream.
func TestEventStream_APanicEndsItAlone(t *testing.T) {
	each(t, func(app *App) {
		parts := app.parts(slog.New(slog.NewJSONHandler(app.Log, nil)))
		parts.Ticker = func(every time.Duration) (<-chan time.Time, func()) {
			if every == poll {
				panic("secret cause")
			}
			return nil, func() {}
		}
		second := *app
		listening := httptest.NewServer(server.New(server.Config{}, parts).Handler())
		app.Cleanup(listening.Close)
		second.URL = listening.URL
		s := second.Stream()
		for range s.blocks {
		}
		app.logs("panic: secret cause")
		second.Get("/api/v1/me").Want(http.StatusOK)
	})
}

// Events that were removed before the reader came to them would be missing without a word.
func TestEventStream_EndsBeforeAGap(t *testing.T) {
	each(t, func(app *App) {
		app.NewStudent()
		app.NewStudent()
		app.NewStudent()
		ids := app.stored()
		app.DB.Exec(app.T, `DELETE FROM event_subjects WHERE event_id = $1`, ids[1])
		app.DB.Exec(app.T, `DELETE FROM events WHERE id = $1`, ids[1])
		s := app.Stream("Last-Event-ID", ids[0])
		s.begin()
		if err := s.wantEnd(); err != nil {
			app.Errorf("the stream ends with %v", err)
		}
		app.logs("what comes next is too old and removed")
	})
}
