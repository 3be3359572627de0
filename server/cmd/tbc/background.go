package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/mail"
	"github.com/thebigclass/api/server/watch"
	"github.com/thebigclass/api/webhooks/delivery"
)

// drain is how long a stop waits for deliveries under way. With the 20 seconds of
// requests it stays below the 30 that orchestrators give a process.
const drain = 5 * time.Second

// guard is where the operator lets webhooks go.
func guard(config server.Config) delivery.Guard {
	return delivery.Guard{AllowCIDRs: config.Webhooks.AllowCIDRs, AllowHTTP: config.Webhooks.AllowHTTP}
}

// background starts what a process does besides answering and returns a function
// that waits until all of it has ended. It ends with ctx: deliveries under way
// finish (5 s at most), the leases of the others are given back.
func (p *program) background(ctx context.Context, db *database, eyes *watch.Engine) (wait func() error, err error) {
	if !db.config.Runs(server.RoleDelivery) {
		return func() error { return nil }, nil
	}
	engine, err := delivery.New(delivery.Config{
		Queue: db.Store, Guard: guard(db.config), Now: p.now, Log: db.log,
		Retries: db.config.Webhooks.Retries, DisableAfter: db.config.Webhooks.DisableAfter, BaseURL: db.config.BaseURL,
		Drain: drain, Observer: eyes,
	})
	if err != nil {
		return nil, err
	}
	letters := &mail.Loop{Outbox: db.Store, Log: db.log, Count: eyes.Metrics.Email, ForgetLinks: db.config.Production}
	if url := db.config.Mail.SMTPURL; url != "" {
		smtp, err := mail.NewSMTP(string(url), db.config.Mail.From)
		if err != nil {
			return nil, fmt.Errorf("e-mail: %w", err)
		}
		letters.Sender = smtp
	}
	var running sync.WaitGroup
	var delivered error
	running.Go(func() { delivered = engine.Run(ctx) })
	running.Go(func() { letters.Run(ctx) })
	return func() error {
		running.Wait()
		return delivered
	}, nil
}

// beside runs serve with the background of the process. The background ends after
// serve has, so that what the last requests caused is still delivered, and before
// the database is closed.
func (p *program) beside(ctx context.Context, db *database, eyes *watch.Engine, serve func(context.Context) error) error {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	wait, err := p.background(working, db, eyes)
	if err != nil {
		return err
	}
	served := serve(ctx)
	stop()
	return errors.Join(served, wait())
}
