// Contractsheet counts what the contract promises to be, and says where it is not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `contractsheet prints the sheet of a contract: one row for each rule, with counts and
percentages, and the first offenders where a row is below 100 %.

Usage: contractsheet FILE

FILE is a bundled OpenAPI 3.1 document, for instance openapi/tbc-v1.yaml.
Exit status: 0 all rows at 100 %, 1 some below or the file unreadable, 2 wrong usage.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("contractsheet", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() != 1 {
		fmt.Fprint(errs, usage)
		return 2
	}
	c, err := readContract(flags.Arg(0), published)
	if err != nil {
		fmt.Fprintln(errs, "contractsheet:", err)
		return 1
	}
	sheet := judge(c)
	if err := print(out, sheet); err != nil {
		fmt.Fprintln(errs, "contractsheet:", err)
		return 1
	}
	if bad := failing(sheet); len(bad) > 0 {
		fmt.Fprintf(errs, "contractsheet: %d of %d rows below 100 %%\n", len(bad), len(sheet))
		return 1
	}
	return 0
}
