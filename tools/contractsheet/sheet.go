package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// offendersShown is how many offenders a row names. The rest is a number.
const offendersShown = 3

// rule counts one thing that the contract promises, item by item.
type rule struct {
	item  string // number in the team's checklist for contracts
	name  string
	count func(*contract, *tally)
}

// tally is what a rule found.
type tally struct {
	total     int
	offenders []string
}

// add counts one item; where names it if it is not as it should be.
func (t *tally) add(ok bool, where fmt.Stringer, faults ...any) {
	t.total++
	if ok {
		return
	}
	offender := where.String()
	if len(faults) > 0 {
		offender += " (" + strings.TrimSpace(fmt.Sprintln(faults...)) + ")"
	}
	t.offenders = append(t.offenders, offender)
}

// word names something that is not in the contract, for instance because it is missing.
type word string

func (w word) String() string { return string(w) }

func (t *tally) good() int { return t.total - len(t.offenders) }

// percent rounds down, so that 100 means all.
func (t *tally) percent() int {
	if t.total == 0 {
		return 100
	}
	return 100 * t.good() / t.total
}

// row is a line of the sheet.
type row struct {
	rule
	tally
}

// judge applies all rules and returns the sheet.
func judge(c *contract) []row {
	sheet := make([]row, len(rules))
	for i, r := range rules {
		sheet[i].rule = r
		r.count(c, &sheet[i].tally)
	}
	return sheet
}

// failing lists the rows below 100 %.
func failing(sheet []row) []row {
	var bad []row
	for _, r := range sheet {
		if len(r.offenders) > 0 {
			bad = append(bad, r)
		}
	}
	return bad
}

// print writes one line a row, and below a bad one its first offenders.
func print(out io.Writer, sheet []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "item\trule\tgood\tof\t%")
	for _, r := range sheet {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d %%\n", r.item, r.name, r.good(), r.total, r.percent())
		for _, offender := range r.offenders[:min(len(r.offenders), offendersShown)] {
			fmt.Fprintf(w, "\t  ! %s\t\t\t\n", offender)
		}
		if more := len(r.offenders) - offendersShown; more > 0 {
			fmt.Fprintf(w, "\t  ! and %d more\t\t\t\n", more)
		}
	}
	return w.Flush()
}
