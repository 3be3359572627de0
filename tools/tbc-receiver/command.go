package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// secretVariable is read when --secret is not given. Arguments can be seen by
// every user of a machine, its environment cannot.
const secretVariable = "TBC_WEBHOOK_SECRET"

const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// console is what the program has of the world around it.
type console struct {
	out, errs io.Writer
	getenv    func(string) string
	now       func() time.Time
}

// options is the configuration. The secrets are in it, so it is never printed.
type options struct {
	secrets []string
	addr    string
	store   string
	status  int
	delay   time.Duration
	forward string
}

// usageError is a mistake in the command line, as against a failure at work.
type usageError struct{ error }

const long = `Takes webhooks of The Big Class on this machine, on any path.

Every delivery is verified: signature, five-minute window, size. A good one is
printed as a line with the time, the type, the event's id and what it is about,
each event once. Refused, repeated and failed deliveries are reported on stderr.

The signing secret is shown once, when the endpoint is created. Put it into
the environment as TBC_WEBHOOK_SECRET, or give it with --secret, which other
users of the machine can see. During a rotation, give both, separated by a comma.

An event that could not be stored or forwarded is answered 500, and so delivered
again. --status and --delay change only what good deliveries are answered: the
event is printed, stored and forwarded all the same.

Exit status: 0 stopped by Ctrl-C, 1 failed, 2 wrong usage.`

const examples = `  export TBC_WEBHOOK_SECRET=whsec_…
  tbc-receiver                                          print events
  tbc-receiver --store events.jsonl                     and keep each of them once
  tbc-receiver --forward-to http://127.0.0.1:3000/hook  and pass them on to an application
  tbc-receiver --status 503                             see how deliveries are retried
  tbc-receiver --delay 20s                              see what a timeout looks like
  tbc-receiver sample order.paid                        print the example of an event`

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, c console) int {
	cmd := newCommand(c)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(c.errs, "tbc-receiver: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}

func newCommand(c console) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:           "tbc-receiver",
		Short:         "Verify, print, store and forward webhooks",
		Long:          long,
		Example:       examples,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				// It may be a secret, so it is not shown.
				return usageError{errors.New("takes flags alone; see --help")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.secrets) == 0 {
				o.secrets = []string{c.getenv(secretVariable)}
			}
			if err := o.check(); err != nil {
				return usageError{err}
			}
			return serve(cmd.Context(), o, c)
		},
	}
	flags := cmd.Flags()
	// The variable is no default of the flag: cobra prints defaults in --help.
	flags.StringArrayVar(&o.secrets, "secret", nil, "signing `secret`, whsec_…; default: $"+secretVariable)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8090", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&o.store, "store", "", "append each event once, as a line of JSON, to this `file`; survives restarts")
	flags.IntVar(&o.status, "status", 204, "HTTP `status` to answer good deliveries with")
	flags.DurationVar(&o.delay, "delay", 0, "`time` to wait before that answer, such as 1500ms or 20s")
	flags.StringVar(&o.forward, "forward-to", "", "send each event, with its headers and body, on to this `URL`")
	cmd.AddCommand(newSample(c))
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetHelpCommand(&cobra.Command{Hidden: true}) // cobra's own prints what it does not know, and that may be a secret
	cmd.SetOut(c.out)
	cmd.SetErr(c.errs)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if errors.As(err, new(*pflag.NotExistError)) {
			// Its text may have a secret in it: -swhsec_….
			err = errors.New("unknown flag")
		}
		return usageError{fmt.Errorf("%w; see --help", err)}
	})
	return cmd
}

// check reports all faults together and splits the secrets.
func (o *options) check() error {
	var faults []error
	o.secrets = splitSecrets(o.secrets)
	if len(o.secrets) == 0 {
		faults = append(faults, fmt.Errorf("no secret: set %s or give --secret", secretVariable))
	}
	if o.status < 200 || o.status > 599 {
		faults = append(faults, fmt.Errorf("--status %d is not between 200 and 599", o.status))
	}
	if o.delay < 0 {
		faults = append(faults, fmt.Errorf("--delay %s is negative", o.delay))
	}
	if o.forward != "" {
		if !isHTTP(o.forward) {
			faults = append(faults, errors.New("--forward-to is not an http or https URL"))
		}
	}
	return errors.Join(faults...)
}

func isHTTP(text string) bool {
	target, err := url.Parse(text)
	return err == nil && target.Host != "" && (target.Scheme == "http" || target.Scheme == "https")
}

// splitSecrets takes secrets apart at commas. A line end from a file that a
// secret was read out of is no part of it.
func splitSecrets(values []string) []string {
	var secrets []string
	for secret := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}
