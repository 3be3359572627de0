package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/tools/internal/cli"
)

// secretVariable is read when --secret is not given. Arguments can be seen by
// every user of a machine, its environment cannot.
const secretVariable = "TBC_WEBHOOK_SECRET"

// console is what the program has of the world around it.
type console struct {
	out, errs io.Writer
	getenv    func(string) string
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error
	random    io.Reader
	silence   time.Duration // that a stream of events may keep; the default if zero
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
  tbc-receiver sample order.paid                        print the example of an event
  tbc-receiver listen --forward-to http://127.0.0.1:3000/hook
                                                        the same without an endpoint, from the stream of events`

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, c console) int {
	return cli.Run(ctx, newCommand(c), args)
}

func newCommand(c console) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:     "tbc-receiver",
		Short:   "Verify, print, store and forward webhooks",
		Long:    long,
		Example: examples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				// It may be a secret, so it is not shown.
				return cli.WrongUsage(errors.New("takes flags alone; see --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.secrets) == 0 {
				o.secrets = []string{c.getenv(secretVariable)}
			}
			if err := o.check(); err != nil {
				return cli.WrongUsage(err)
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
	cmd.AddCommand(newSample(c), newListen(c))
	cli.Frame(cmd, c.out, c.errs)
	return cmd
}

// check reports all faults together and splits the secrets.
func (o *options) check() error {
	var faults []error
	secrets, err := readSecrets(o.secrets...)
	if err == nil && len(secrets) == 0 {
		err = fmt.Errorf("no secret: set %s or give --secret", secretVariable)
	}
	if o.secrets = secrets; err != nil {
		faults = append(faults, err)
	}
	if o.status < 200 || o.status > 599 {
		faults = append(faults, fmt.Errorf("--status %d is not between 200 and 599", o.status))
	}
	if o.delay < 0 {
		faults = append(faults, fmt.Errorf("--delay %s is negative", o.delay))
	}
	if o.forward != "" && !isHTTP(o.forward) {
		faults = append(faults, errNoTarget)
	}
	return errors.Join(faults...)
}

var errNoTarget = errors.New("--forward-to is not an http or https URL")

func isHTTP(text string) bool {
	target, err := url.Parse(text)
	return err == nil && target.Host != "" && (target.Scheme == "http" || target.Scheme == "https")
}
