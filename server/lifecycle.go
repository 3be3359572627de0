package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/thebigclass/api/server/jobs"
	"github.com/thebigclass/api/server/requestlog"
)

// stopTimeout is how long requests in flight may take after a stop was asked for.
const stopTimeout = 20 * time.Second

// Serve answers on the listener until ctx ends, then stops in order: readiness
// turns false, after the configured delay the door closes, requests in flight
// finish (20 s at most), connections close. It returns nil after a clean stop.
func (a *API) Serve(ctx context.Context, listener net.Listener) error {
	ctx, cancelAll := context.WithCancel(ctx)
	server := NewHTTPServer(a.Handler())
	server.RegisterOnShutdown(a.streams.stop) // they would never finish by themselves
	var background sync.WaitGroup
	defer background.Wait()
	defer cancelAll() // runs first: what runs beside ends also when the listener failed
	background.Go(func() { a.sweep(ctx) })
	background.Go(func() { a.runJobs(ctx) })
	background.Go(func() { jobs.New(a.store, a.log, a.config.BaseURL).FeedRecoveries(ctx) })
	recording, answered := context.WithCancel(context.WithoutCancel(ctx)) // ends after the last request, later than ctx
	defer answered()
	background.Go(func() { a.recordRequests(recording) })
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	a.readiness.stopping.Store(true)
	a.log.InfoContext(ctx, "stopping")
	delay := time.NewTimer(a.config.StopDelay)
	defer delay.Stop()
	<-delay.C
	// The context that asked us to stop has ended; the requests in flight get their own.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	stopped := server.Shutdown(bounded)
	if stopped != nil {
		stopped = errors.Join(fmt.Errorf("requests were still running after %s: %w", stopTimeout, stopped), server.Close())
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(stopped, err)
	}
	return stopped
}

// runJobs does what becomes due by itself, until ctx ends.
func (a *API) runJobs(ctx context.Context) {
	ticker := time.NewTicker(jobs.Interval)
	defer ticker.Stop()
	jobs.New(a.store, a.log, a.config.BaseURL).Run(ctx, ticker.C)
}

// recordRequests writes what keys were used for, until ctx ends, and then the rest.
func (a *API) recordRequests(ctx context.Context) {
	ticker := time.NewTicker(requestlog.Interval)
	defer ticker.Stop()
	a.requests.Run(ctx, ticker.C)
}
