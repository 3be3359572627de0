package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// console is what the program has of the world around it.
type console struct {
	out, errs io.Writer
	getenv    func(string) string
	clock     clock
	terminal  bool // whether errs is one
	transport http.RoundTripper
}

// usageError is a mistake in the command line, as against a failure at work.
type usageError struct{ error }

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
	cmd := newCommand(c)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; the same command goes on where this stopped")
	}
	fmt.Fprintf(c.errs, "tbc-export: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}

func newCommand(c console) *cobra.Command {
	o := options{}
	cmd := &cobra.Command{
		Use:           "tbc-export [flags] FOLDER",
		Short:         "Export all that a key may read",
		Long:          long,
		Example:       examples,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          oneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return start(cmd.Context(), o, args[0], c)
		},
	}
	o.common(cmd.PersistentFlags())
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", jsonlFormat, "what to write: jsonl, csv or sqlite")
	flags.StringVar(&o.since, "since", "", "only what changed at or after this `time`, such as 2026-05-19T14:23:14Z")
	cmd.AddCommand(newAccounting(&o, c))
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetHelpCommand(&cobra.Command{Hidden: true}) // cobra's own prints what it does not know, and that may be a key
	cmd.SetOut(c.out)
	cmd.SetErr(c.errs)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if errors.As(err, new(*pflag.NotExistError)) {
			// Its text may have a key in it.
			err = errors.New("unknown flag")
		}
		return usageError{fmt.Errorf("%w; see --help", err)}
	})
	return cmd
}

// oneFolder does not print what it refuses, since that may be a key.
func oneFolder(_ *cobra.Command, args []string) error {
	switch {
	case len(args) != 1 || args[0] == "":
		return usageError{errors.New("give one folder to write to; see --help")}
	case strings.HasPrefix(args[0], keyPrefix):
		return usageError{errors.New("the key belongs into TBC_KEY or --key-file, never into the command; name a folder")}
	}
	return nil
}

// start checks the options and runs an export.
func start(ctx context.Context, o options, folder string, c console) error {
	r, key, err := o.check(c)
	if err != nil {
		return usageError{err}
	}
	s, err := newService(r.URL, key, c.transport, c.clock)
	if err != nil {
		return usageError{err}
	}
	s.quota = quota{leaveMinute: o.leaveMinute, leaveDay: o.leaveDay, waitForDay: o.waitForDay}
	e := export{
		disk: &disk{folder: folder}, service: s, request: r, every: checkpointEvery,
		progress: newProgress(c, o.quiet, &s.quota),
	}
	s.waiting = e.progress.wait
	m, err := e.run(ctx)
	e.progress.end()
	if err != nil {
		return err
	}
	count := 0
	for _, f := range m.Files {
		count += f.Rows
	}
	e.progress.say("%s: %s in %s, complete", folder, plural(count, "row"), plural(len(m.Files), "file"))
	for _, left := range m.LeftOut {
		e.progress.say("left out: %s, which needs the scope %s", left.What, left.Scope)
	}
	return nil
}
