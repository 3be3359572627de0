package recipe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const (
	// stopGrace is how long answers may take that are under way when the program is stopped.
	stopGrace   = 5 * time.Second
	readTimeout = 30 * time.Second
)

// run receives and works until ctx ends.
func (r Recipe) run(ctx context.Context, addr, folder string, c Console) (err error) {
	settings := &Settings{Console: c, Folder: folder}
	secrets := settings.secrets()
	work, err := r.Open(ctx, settings)
	if err = errors.Join(settings.check(), err); err != nil {
		return err
	}
	box, err := openInbox(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.close()) }()
	if err := box.claim(ctx, folder); err != nil {
		return err
	}
	w := &worker{recipe: r, work: work, inbox: box, wake: make(chan struct{}, 1), Console: c}
	handler, err := webhooks.NewHandler(webhooks.Config{Secrets: secrets, Now: c.Now, Log: c.Log}, w.take)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%s takes %v on http://%s, on any path. Ctrl-C stops.\n", r.Name, r.Events, listener.Addr())
	return w.serve(ctx, listener, handler)
}

// take stores a delivery: it is answered only when the event is on the disk.
func (w *worker) take(ctx context.Context, d webhooks.Delivery) error {
	if !slices.Contains(w.recipe.Events, d.Event.Type) {
		return nil
	}
	if err := w.inbox.put(ctx, d.Event.ID, d.Event.Type, d.Body, w.Now()); err != nil {
		return err
	}
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// serve ends when ctx does or one of the two halves fails, and returns after both have ended.
func (w *worker) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := &http.Server{
		Handler: handler, ReadTimeout: readTimeout, ErrorLog: slog.NewLogLogger(w.Log.Handler(), slog.LevelWarn),
	}
	worked, served := make(chan error, 1), make(chan error, 1)
	go func() { defer stop(); worked <- w.run(ctx) }()
	go func() { defer stop(); served <- server.Serve(listener) }()
	<-ctx.Done()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	err := server.Shutdown(grace)
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return errors.Join(err, <-worked)
}
