package main

import (
	"fmt"
	"io"
	"time"
)

// A verdict is what a cell of the table says.
type verdict string

const (
	yes verdict = "yes"
	no  verdict = "no"
)

// A cell is one verdict, how long it took to reach, and why it is no. The zero value was not reached.
type cell struct {
	verdict verdict
	took    time.Duration
	fault   error
}

// A row is a language in the table.
type row struct {
	language                      language
	generated, compiles, conforms cell
}

// printTable prints the rows, and below them the whole of each fault. It tells whether every cell says yes.
func printTable(out io.Writer, rows []*row) bool {
	const form = "%-12s%-30s%-14s%-14s%s\n"
	fmt.Fprintf(out, "\n"+form, "client", "generator", "generated", "compiles", "conforms")
	good := true
	for _, r := range rows {
		fmt.Fprintf(out, form, r.language.name, r.language.generator, r.generated, r.compiles, r.conforms)
		good = good && r.conforms.verdict == yes
	}
	for _, r := range rows {
		for _, c := range []cell{r.generated, r.compiles, r.conforms} {
			if c.fault != nil {
				fmt.Fprintf(out, "\n%s: %v\n", r.language.name, c.fault)
			}
		}
	}
	return good
}

// String is how a cell stands in the table.
func (c cell) String() string {
	if c.verdict == "" {
		return "-"
	}
	return fmt.Sprintf("%s %.1f s", c.verdict, c.took.Seconds())
}
