// Contractgates hold the contract against the one that was released last: what breaks clients is refused, the version
// and the changelog have to say what has changed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

const usage = `contractgates holds openapi/tbc-v1.yaml against openapi/released/tbc-v1.yaml.

Usage: contractgates [-root FOLDER] [-first] check | changelog | release

  check      says on one line each what is refused, and what to do about it
  changelog  writes the section of openapi/CHANGELOG.md about what is not released yet
  release    checks, and makes the present contract the released one

  -root   the repository (default the present folder)
  -first  release a contract that was never released before

Exit status: 0 accepted or written, 1 refused, 2 wrong usage, or it could not be judged.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("contractgates", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	root := flags.String("root", ".", "")
	first := flags.Bool("first", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() != 1 {
		fmt.Fprint(errs, usage)
		return 2
	}
	refusals, said, err := gatesOf(*root).do(ctx, flags.Arg(0), *first)
	if err != nil {
		fmt.Fprintln(errs, "contractgates:", err)
		return 2
	}
	if len(refusals) > 0 {
		for _, r := range refusals {
			fmt.Fprintln(errs, r)
		}
		fmt.Fprintln(errs, "contractgates: refused, as said above")
		return 1
	}
	fmt.Fprintln(out, said)
	return 0
}

// gatesOf knows where a repository keeps things.
func gatesOf(root string) gates {
	folder := filepath.Join(root, "openapi")
	return gates{
		tools:    tools{root: root},
		released: filepath.Join(folder, "released", "tbc-v1.yaml"), current: filepath.Join(folder, "tbc-v1.yaml"),
		changelog: filepath.Join(folder, "CHANGELOG.md"), notes: filepath.Join(folder, "released", "next.md"),
		now: time.Now(),
	}
}

// do runs one of the three, and says in a line what came of it.
func (g gates) do(ctx context.Context, what string, first bool) (refused []refusal, said string, err error) {
	switch what {
	case "check":
		c, refusals, err := g.check(ctx)
		if err != nil || len(refusals) > 0 {
			return refusals, "", err
		}
		return nil, fmt.Sprintf("the contract is accepted: %s after the released %s, since %s (gates took %.1f s)",
			c.to, c.from, c.need, time.Since(g.now).Seconds()), nil
	case "changelog":
		refusals, err := g.writeChangelog(ctx)
		return refusals, g.changelog + " tells the difference to the released contract", err
	case "release":
		refusals, err := g.release(ctx, first)
		return refusals, g.current + " is the released contract now: commit openapi/released and openapi/CHANGELOG.md", err
	}
	return nil, "", fmt.Errorf("%q is none of check, changelog and release", what)
}
