package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/store"
)

// require marks flags without which the command makes no sense.
func require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a flag that the command does not have
		}
	}
}

// wrongInput makes a refusal by the domain's rules a wrong usage: the caller
// has to change what was typed.
func wrongInput(err error) error {
	var refused *store.Invalid
	if errors.As(err, &refused) {
		return usageError{fmt.Errorf("%s %s", strings.TrimPrefix(refused.Field, "/"), refused.Issue)}
	}
	return err
}

// lifetime is a flag of a duration that also knows days: 90d, 12h, 30m.
type lifetime time.Duration

// String implements pflag.Value.
func (l *lifetime) String() string {
	if *l == 0 {
		return ""
	}
	return time.Duration(*l).String()
}

// Type implements pflag.Value.
func (*lifetime) Type() string { return "DURATION" }

// Set implements pflag.Value.
func (l *lifetime) Set(text string) error {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36500 {
			*l = lifetime(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return errors.New("must be a positive duration such as 90d, 12h or 30m")
	}
	*l = lifetime(d)
	return nil
}
