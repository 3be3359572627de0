// Package cli is what the programs for integrators have in common: how they end, what they say to a wrong command
// line, and where they take the key and the address of the service from. Nothing here ever prints what somebody typed,
// since that may be a key or a signing secret.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit statuses.
const (
	Done   = 0
	Failed = 1
	Usage  = 2
)

// usageError is a mistake in the command line, as against a failure at work.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// WrongUsage marks an error as a mistake in the command line: the program ends with Usage.
func WrongUsage(err error) error { return usageError{err} }

// Frame makes a command, with those below it, one of ours.
func Frame(cmd *cobra.Command, out, errs io.Writer) {
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetHelpCommand(&cobra.Command{Hidden: true}) // cobra's own prints what it does not know
	cmd.SetOut(out)
	cmd.SetErr(errs)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if errors.As(err, new(*pflag.NotExistError)) {
			// Its text may have a secret in it: -swhsec_….
			err = errors.New("unknown flag")
		}
		return WrongUsage(fmt.Errorf("%w; see --help", err))
	})
}

// Run runs a framed command and returns the exit status. All faults of a command line are told in one line.
func Run(ctx context.Context, cmd *cobra.Command, args []string) int {
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return Done
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.Name(), strings.ReplaceAll(err.Error(), "\n", "; "))
	if errors.As(err, new(usageError)) {
		return Usage
	}
	return Failed
}
