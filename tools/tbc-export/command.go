package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/tools/internal/cli"
)

// console is what the program has of the world around it.
type console struct {
	out, errs io.Writer
	getenv    func(string) string
	clock     clock
	terminal  bool // whether errs is one
	transport http.RoundTripper
}

const long = `Writes all that a key may read into FOLDER: courses with their outline, students,
enrollments, orders with refunds and entitlements, live sessions, recordings,
certificates and the events of the last 30 days. What the key's scopes do not
cover is named in manifest.json, which is written last: without it an export is
not complete.

The key is taken from the environment, TBC_KEY, or from a file, --key-file.

It stays within the key's rate limits and leaves a part of them to others. When
it ends early, for whatever reason, the same command goes on where it stopped.

With --since it writes what changed since then, and in the file of deletions what
to remove. Take the time from nextSince in the manifest of the export before. The
service keeps deletions for 30 days.

FOLDER holds personal data in the end, readable by its owner alone.

Exit status: 0 complete, 1 failed or interrupted, 2 wrong usage.`

const examples = `  export TBC_KEY=tbc_…
  tbc-export backup                                  JSON lines, a file for each resource
  tbc-export --format csv for-spreadsheets           CSV, lists within objects as files of their own
  tbc-export --format sqlite database                one SQLite database, database/export.sqlite
  tbc-export --since 2026-05-19T14:23:14Z changes    what changed since then
  tbc-export accounting --format zoho books          orders and refunds for Zoho Books`

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, c console) int {
	return cli.Run(ctx, newCommand(c), args)
}

func newCommand(c console) *cobra.Command {
	o := options{}
	cmd := &cobra.Command{
		Use:     "tbc-export [flags] FOLDER",
		Short:   "Export all that a key may read",
		Long:    long,
		Example: examples,
		Args:    oneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return start(cmd.Context(), o, args[0], c)
		},
	}
	o.common(cmd.PersistentFlags())
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", jsonlFormat, "what to write: jsonl, csv or sqlite")
	flags.StringVar(&o.since, "since", "", "only what changed at or after this `time`, such as 2026-05-19T14:23:14Z")
	cmd.AddCommand(newAccounting(&o, c))
	cli.Frame(cmd, c.out, c.errs)
	return cmd
}

// oneFolder does not print what it refuses, since that may be a key.
func oneFolder(_ *cobra.Command, args []string) error {
	switch {
	case len(args) != 1 || args[0] == "":
		return cli.WrongUsage(errors.New("give one folder to write to; see --help"))
	case strings.HasPrefix(args[0], cli.KeyPrefix):
		return cli.WrongUsage(errors.New("the key belongs into TBC_KEY or --key-file, never into the command; name a folder"))
	}
	return nil
}

// start checks the options and runs an export.
func start(ctx context.Context, o options, folder string, c console) error {
	r, key, err := o.check(c)
	if err != nil {
		return cli.WrongUsage(err)
	}
	s, err := newService(r.URL, key, c.transport, c.clock)
	if err != nil {
		return cli.WrongUsage(err)
	}
	s.quota = quota{leaveMinute: o.leaveMinute, leaveDay: o.leaveDay, waitForDay: o.waitForDay}
	e := export{
		disk: &disk{folder: folder}, service: s, request: r, every: checkpointEvery,
		progress: newProgress(c, o.quiet, &s.quota),
	}
	s.waiting = e.progress.wait
	began := c.clock.now()
	m, err := e.run(ctx)
	e.progress.end()
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; the same command goes on where this stopped")
	}
	if err != nil {
		return err
	}
	count := 0
	for _, f := range m.Files {
		count += f.Rows
	}
	e.progress.say("%s: %s in %s, complete, in %.1f s, of which %.1f s waiting for the service", folder, plural(count, "row"),
		plural(len(m.Files), "file"), c.clock.now().Sub(began).Seconds(), s.waited.Seconds())
	for _, left := range m.LeftOut {
		e.progress.say("left out: %s, which needs the scope %s", left.What, left.Scope)
	}
	return nil
}
