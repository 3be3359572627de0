package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/tools/internal/cli"
)

const listenLong = `Follows the events of a workspace and posts each to an application on this machine,
in order, signed as a delivery is. It needs no public URL and no endpoint, only a key
with the scope read:events, which is taken from the environment, TBC_KEY, or from a
file, --key-file. There is no flag for the key itself: other users can see arguments.

The signing secret is made anew at each start and printed, for the application to
verify with, unless there is one in the environment, TBC_WEBHOOK_SECRET, or --secret.

An event is posted once, whatever the application answers: each line shows the
status and how long it took, or why there was no answer within ten seconds.

When the stream is cut it goes on where it was. With --state it also does so after a
restart; without it, each start begins with what happens from then on, or --since.

Exit status: 0 stopped by Ctrl-C, 1 failed, 2 wrong usage.`

const listenExamples = `  export TBC_KEY=tbc_…
  tbc-receiver listen                                            print events
  tbc-receiver listen --forward-to http://localhost:3000/hook    and post them to an application
  tbc-receiver listen --events order.paid,order.refunded         only these
  tbc-receiver listen --state place.json                         go on where the last run stopped
  tbc-receiver listen --since 10m                                begin ten minutes ago`

// eventsKept is how long the service has events.
const eventsKept = 30 * 24 * time.Hour

// listenOptions is the command line. There are secrets in it, so it is never printed.
type listenOptions struct {
	service               cli.Service
	secrets, types        []string
	forward, since, state string
}

func newListen(c console) *cobra.Command {
	var o listenOptions
	cmd := &cobra.Command{
		Use:     "listen",
		Short:   "Follow events without a public URL, and post them to an application",
		Long:    listenLong,
		Example: listenExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				// It may be a secret, so it is not shown.
				return cli.WrongUsage(errors.New("listen takes flags alone; see --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := o.listener(c)
			if err != nil {
				return cli.WrongUsage(err)
			}
			return l.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	o.service.AddTo(flags)
	flags.StringVar(&o.forward, "forward-to", "", "post each event to this `URL`; without it, events are only printed")
	flags.StringSliceVar(&o.types, "events", nil, "only these `types`, such as order.paid,order.refunded")
	flags.StringArrayVar(&o.secrets, "secret", nil, "sign with this `secret`, whsec_…; default: $"+secretVariable+", or one made for this run")
	flags.StringVar(&o.since, "since", "", "begin with what happened at or after this `time`, such as 10m or 2026-05-19T14:23:14Z")
	flags.StringVar(&o.state, "state", "", "keep the place in the events in this `file`, and go on there after a restart")
	return cmd
}

// listener checks the options, and reports all faults together.
func (o *listenOptions) listener(c console) (*listener, error) {
	var faults []error
	note := func(fault error) {
		if fault != nil {
			faults = append(faults, fault)
		}
	}
	l := &listener{console: c, types: o.types, retry: defaultRetry}
	key, fault := o.service.Key(c.getenv)
	note(fault)
	address, fault := o.service.Address(c.getenv)
	note(fault)
	note(checkTypes(o.types))
	since, fault := parseSince(o.since, c.now())
	note(fault)
	if o.forward != "" {
		if l.forwarder = newForwarder(o.forward, attemptTimeout); !isHTTP(o.forward) {
			note(errNoTarget)
		}
		note(l.takeSecrets(o.secrets))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	l.userAgent = agent + " (+" + address + ")"
	if l.place, fault = openPlace(o.state, address, since); fault != nil {
		return nil, fault
	}
	l.feed, fault = newFeed(address, key, c.silence)
	return l, fault
}

// takeSecrets takes what was given, or makes a secret that looks like those of the service.
func (l *listener) takeSecrets(given []string) (err error) {
	if len(given) == 0 {
		given = []string{l.console.getenv(secretVariable)}
	}
	if l.secrets, err = readSecrets(given...); err != nil || len(l.secrets) > 0 {
		return err
	}
	made, err := makeSecret(l.console.random)
	l.secrets, l.madeSecret = []string{made}, true
	return err
}

// checkTypes refuses a type that never comes: with a slip of the pen in it, one would wait for ever.
func checkTypes(types []string) error {
	if len(types) == 0 {
		return nil
	}
	published, err := readContract()
	if err != nil {
		return err
	}
	known := published.types()
	for _, kind := range types {
		if !slices.Contains(known, kind) || kind == testType {
			return fmt.Errorf("--events has a type that the feed has not; it has %s",
				strings.Join(slices.DeleteFunc(known, func(kind string) bool { return kind == testType }), ", "))
		}
	}
	return nil
}

// testType goes to the endpoint that is tested, and never into the feed.
const testType = "webhook.test"

// parseSince takes a time, or how long ago.
func parseSince(text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	since, err := time.Parse(time.RFC3339, text)
	if ago, fault := time.ParseDuration(text); fault == nil {
		since, err = now.Add(-ago), nil
	}
	switch {
	case err != nil:
		return nil, errors.New("--since is no time such as 10m or 2026-05-19T14:23:14Z")
	case since.After(now):
		return nil, errors.New("--since is in the future")
	case since.Before(now.Add(-eventsKept)):
		return nil, errors.New("--since is more than 30 days ago, and events are kept for 30 days")
	}
	return &since, nil
}
