package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes, as scripts know them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// program is one run of the command line.
type program struct {
	system
	name    string // as it was called, for hints that can be pasted
	started bool   // whether a command got as far as doing something
}

// usageError is a wrong use that only the command itself can recognise.
type usageError struct{ error }

// run executes the command line in args and returns the exit code. Errors are
// one line on stderr.
func run(ctx context.Context, args []string, world system) int {
	p := &program{system: world, name: args[0]}
	root := p.root()
	root.SetArgs(args[1:])
	root.SetIn(world.stdin)
	root.SetOut(world.stdout)
	root.SetErr(world.stderr)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	line := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
	var wrongUse usageError
	if !p.started || errors.As(err, &wrongUse) {
		fmt.Fprintf(world.stderr, "tbc: %s (see %s --help)\n", line, called.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(world.stderr, "tbc: %s\n", line)
	return exitFailed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tbc",
		Short: "The Big Class API: server and tools",
		Long: `tbc serves The Big Class API and looks after its data.

Configuration comes from the environment:
  TBC_ENV              development (default) or production
  TBC_ADDR             listen address, default 127.0.0.1:8080
  TBC_BASE_URL         public origin, default from the address
  DATABASE_URL         sqlite:data/tbc.db (default) or postgres://…
  TBC_MASTER_KEY       32 bytes in base64; made beside the database in development; see tbc rekey
  TBC_TRUSTED_PROXIES  CIDRs whose X-Forwarded-For counts
  TBC_ROLES            what this process runs, default api,delivery
  TBC_STOP_DELAY       time from readiness turning false to closing the door, default 0s
  TBC_SMTP_URL         smtp://user:password@host:port or smtps://…; unset: e-mails are kept, not sent
  TBC_MAIL_FROM        sender of e-mails
  TBC_LOG_LEVEL        debug, info (default), warn or error
  TBC_LOG_FORMAT       text (default on a terminal) or json
  OTEL_…               the standard variables of OpenTelemetry; traces are off without OTEL_EXPORTER_OTLP_ENDPOINT

Webhooks:
  TBC_WEBHOOK_RETRIES        delays after each failed attempt, default 1m,5m,30m,2h,6h,24h; or none
  TBC_WEBHOOK_DISABLE_AFTER  failing time until an endpoint is disabled, default 168h
  TBC_WEBHOOK_ALLOW_CIDRS    private networks that may be sent to; in development this machine
  TBC_WEBHOOK_ALLOW_HTTP     whether plain http may be sent to, default true in development alone

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return errors.New("name a command")
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(p.serve(), p.migrate(), p.workspace(), p.rebuild(), p.backup(), p.rekey(), p.seed(), p.key(), p.user(), p.docs(),
		p.version())
	return root
}

// does marks the point from which an error is a failure and no longer a wrong usage.
func (p *program) does(action func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p.started = true
		return action(cmd, args)
	}
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fmt.Errorf("name what to do with %s", use)
		},
	}
	cmd.AddCommand(commands...)
	return cmd
}

// printf writes to standard output; a reader that went away is not our failure.
func (p *program) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.stdout, format, args...)
}
