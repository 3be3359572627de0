package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// conform runs the scripts of all clients that compile, one after the other, and fills the last cell of the rows.
func (k *kit) conform(ctx context.Context, rows []*row, environment []string) {
	for _, r := range rows {
		if r.compiles.verdict == yes {
			k.step(&r.conforms, r.language.name+" conforms", func() error { return k.script(ctx, r.language, environment) })
		}
	}
}

// script runs the script of a language, which must print exactly what all others print.
func (k *kit) script(ctx context.Context, l language, environment []string) error {
	want, err := os.ReadFile(filepath.Join(k.root, "tools/clients/expected.txt"))
	if err != nil {
		return err
	}
	got, err := k.shell(ctx, l, k.folder(l), l.conform, environment...)
	if err != nil {
		return err
	}
	return compare(got, string(want))
}

// compare fails at the first line in which a script differs from what is expected.
func compare(got, want string) error {
	if got == want {
		return nil
	}
	lines, wanted := strings.Split(got, "\n"), strings.Split(want, "\n")
	at := 0
	for at < len(wanted)-1 && at < len(lines) && lines[at] == wanted[at] {
		at++
	}
	return fmt.Errorf("line %d is not %q: %q", at+1, wanted[at], strings.Join(lines[min(at, len(lines)):], "\n"))
}
