package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const (
	// stopGrace is how long answers may take that are under way when the program
	// is stopped.
	stopGrace = 5 * time.Second

	readTimeout = 30 * time.Second

	// remembered is how many ids are kept in memory without --store.
	remembered = 100_000
)

// serve receives until ctx ends.
func serve(ctx context.Context, o options, c console) (err error) {
	log := slog.New(slog.NewTextHandler(c.errs, nil))
	r := &receiver{out: c.out, now: c.now}
	config := webhooks.Config{Secrets: o.secrets, Now: c.now, Log: log, Dedupe: webhooks.NewMemory(remembered)}
	if o.store != "" {
		if r.journal, err = openJournal(o.store, log); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.journal.close()) }()
		config.Dedupe = r.journal
	}
	if o.forward != "" {
		r.forwarder = newForwarder(o.forward, forwardTimeout)
	}
	handler, err := webhooks.NewHandler(config, r.work)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Listening on http://%s, on any path. Ctrl-C stops.\n", listener.Addr())
	if r.journal != nil {
		fmt.Fprintf(c.out, "%s holds %d events.\n", o.store, r.journal.len())
	}
	return serveUntil(ctx, listener, &http.Server{
		Handler:     answering{next: handler, status: o.status, delay: o.delay},
		ReadTimeout: readTimeout,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		// Stopping ends delays and forwarding; what was not done then is answered
		// 500 and so comes again.
		BaseContext: func(net.Listener) context.Context { return ctx },
	})
}

// serveUntil serves until ctx ends, and returns after the last answer.
func serveUntil(ctx context.Context, listener net.Listener, server *http.Server) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
