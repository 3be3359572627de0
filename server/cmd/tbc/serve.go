package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/server/tracing"
	"github.com/thebigclass/api/server/watch"
)

func (p *program) serve() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API until a signal ends it",
		Long: `Serve the API on TBC_ADDR.

In development the schema is brought up to date and the first start makes the
demo workspace and prints, once, a key for it and a login for the dashboard. In
production an old schema is refused until tbc migrate has run.

SIGTERM or Ctrl-C stops cleanly: readiness turns false, requests in flight finish
(20 seconds at most), then deliveries under way (5 seconds). A second signal
ends at once.`,
		Args: cobra.NoArgs,
		RunE: p.does(func(cmd *cobra.Command, _ []string) error { return p.serveUntilStopped(cmd.Context()) }),
	}
}

func (p *program) serveUntilStopped(ctx context.Context) (err error) {
	db, err := p.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	build, err := buildID()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", db.config.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", db.config.Addr, err)
	}
	if err := p.welcome(ctx, db); err != nil {
		return errors.Join(err, listener.Close())
	}
	db.log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "database", db.config.DatabaseURL, "production", db.config.Production)
	counted := p.metrics(db)
	traces, err := startTracing(ctx, db)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer traces.Stop(ctx)
	api := server.New(db.config, server.Parts{
		Store: db.Store, Log: db.log, Now: p.now, Build: build, Destinations: guard(db.config),
		Metrics: counted, Tracer: traces.Tracer(),
	})
	return p.beside(ctx, db, &watch.Engine{Metrics: counted, Tracer: traces.Tracer(), Now: p.now}, func(ctx context.Context) error { return api.Serve(ctx, listener) })
}

// metrics are those of this process, for requests and deliveries alike.
func (p *program) metrics(db *database) *metrics.Metrics {
	version, revision, _ := buildInfo()
	return metrics.New(metrics.Config{Source: db.Store, Now: p.now, Log: db.log, Version: version, Revision: revision})
}

// startTracing is nil unless the environment says where traces go.
func startTracing(ctx context.Context, db *database) (*tracing.Tracing, error) {
	if !db.config.Tracing {
		return nil, nil
	}
	version, _, _ := buildInfo()
	return tracing.Start(ctx, version, db.log)
}

// welcome says, in development, how to make the first call: on an empty
// database with a demo workspace and a key that is shown this once.
func (p *program) welcome(ctx context.Context, db *database) error {
	if db.config.Production {
		return nil
	}
	all, err := db.Workspaces(ctx)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		return p.welcomeBack(ctx, db, all[0].ID)
	}
	demo, err := p.makeDemo(ctx, db)
	if err != nil {
		return err
	}
	p.printf(`The Big Class API on %[1]s
A demo workspace was made: %[2]s
Its key holds every scope and is shown this once:
  %[3]s

Try it:
  curl %[1]s/api/v1/courses -H "Authorization: Bearer %[3]s"

The dashboard is on %[1]s/dashboard. Its login is shown this once:
  e-mail    %[4]s
  password  %[5]s

`, db.config.BaseURL, demo.WorkspaceID, demo.APIKey, demo.Login.Email, demo.Login.Password)
	return nil
}

// welcomeBack says how to get in again: what was shown once is not stored.
func (p *program) welcomeBack(ctx context.Context, db *database, workspaceID string) error {
	members, err := db.Workspace(workspaceID).Members(ctx)
	if err != nil || len(members) == 0 {
		return fmt.Errorf("find the owner of %s: %w", workspaceID, err)
	}
	p.printf(`The Big Class API on %[1]s
The data in %[2]s is kept. For a new key:
  %[3]s key create --workspace %[4]s --name "My key" --scope %[5]s

For a new login to %[1]s/dashboard:
  %[3]s user password --email %[6]s --generate

`, db.config.BaseURL, db.config.DatabaseURL, p.name, workspaceID, scopeNames()[0], members[0].Email)
	return nil
}
