package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/thebigclass/api/tools/internal/cli"
)

// options is the command line. The key is never part of it: every user of a
// machine can see the arguments of its programs.
type options struct {
	service               cli.Service
	format, since         string
	only                  string // of the accounting export
	includeTest           bool
	leaveMinute, leaveDay int
	waitForDay, quiet     bool
}

// common are the flags of all commands.
func (o *options) common(flags *pflag.FlagSet) {
	o.service.AddTo(flags)
	flags.IntVar(&o.leaveMinute, "leave-minute", 5, "`calls` of each minute to leave to other users of the key")
	flags.IntVar(&o.leaveDay, "leave-day", 50, "`calls` of each day to leave to other users of the key")
	flags.BoolVar(&o.waitForDay, "wait-for-day", false, "when a day's calls are used up, wait until the next day instead of ending")
	flags.BoolVar(&o.quiet, "quiet", false, "print errors alone")
}

// check reports all faults together.
func (o *options) check(c console) (r request, key string, err error) {
	var faults []error
	note := func(fault error) {
		if fault != nil {
			faults = append(faults, fault)
		}
	}
	r = request{Format: o.format, Only: o.only, Test: o.includeTest}
	key, fault := o.service.Key(c.getenv)
	note(fault)
	r.URL, fault = o.service.Address(c.getenv)
	note(fault)
	r.Since, fault = o.time()
	note(fault)
	if formats := o.formats(); !slices.Contains(formats, o.format) {
		note(fmt.Errorf("--format is none of %s", strings.Join(formats, ", ")))
	}
	if o.leaveMinute < 0 || o.leaveDay < 0 {
		note(errors.New("--leave-minute and --leave-day may not be negative"))
	}
	return r, key, errors.Join(faults...)
}

func (o *options) formats() []string {
	if o.only != "" {
		return accountingFormats
	}
	return []string{jsonlFormat, csvFormat, sqliteFormat}
}

func (o *options) time() (*time.Time, error) {
	if o.since == "" {
		return nil, nil
	}
	since, err := time.Parse(time.RFC3339, o.since)
	if err != nil {
		return nil, errors.New("--since is no time such as 2026-05-19T14:23:14Z")
	}
	since = since.UTC().Truncate(time.Microsecond) // as exact as the service
	return &since, nil
}
