package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// signalOn is a log that sends when a line contains the text.
type signalOn struct {
	text string
	seen chan struct{}
}

func (s signalOn) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(s.text)) {
		s.seen <- struct{}{}
	}
	return len(line), nil
}

// A process that is restarted more often than the interval of the sweep removes what is old all the same: all of it,
// though a batch is smaller.
func TestServe_SweepsAtItsStart(t *testing.T) {
	each(t, func(app *App) {
		student := app.Student()
		storetest.Tx(app.T, app.Workspace, func(tx *store.Tx) error {
			for range 120 {
				if err := tx.Emit(app.Context(), payload.StudentCreated(student)); err != nil {
					return err
				}
			}
			return nil
		})
		app.DB.Clock.Advance(store.EventAge + time.Hour)
		log := signalOn{`"what":"events"`, make(chan struct{}, 1)}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			app.Fatal(err)
		}
		ctx, stop := context.WithCancel(app.Context())
		defer stop()
		served := make(chan error, 1)
		go func() {
			served <- server.New(server.Config{}, app.parts(slog.New(slog.NewJSONHandler(log, nil)))).Serve(ctx, listener)
		}()
		select {
		case <-log.seen:
		case err := <-served:
			app.Fatalf("ended with %v", err)
		case <-time.After(20 * time.Second):
			app.Fatal("nothing was removed")
		}
		left, err := app.Workspace.Events(app.Context(), store.EventQuery{Limit: 10})
		if err != nil || len(left.Items) != 0 {
			app.Errorf("%d events are left, %v", len(left.Items), err)
		}
		stop()
		if err := <-served; err != nil {
			app.Error(err)
		}
	})
}
