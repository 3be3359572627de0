package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shown is how many findings are printed one by one.
const shown = 40

// report prints the ledger and tells whether it is good.
func (l *ledger) report() bool {
	f := l.figures
	var byKind = map[string]int{}
	for _, hit := range l.faults.all() {
		byKind[hit.kind]++
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, byKind[kind]))
	}
	fmt.Fprintf(l.out, "\nledger of %s, seed %d, %.0f s\n", l.kind, l.seed, l.now().Sub(l.began).Seconds())
	for _, row := range []struct {
		name  string
		count int
		note  string
	}{
		{"operations", f.operations, fmt.Sprintf("%d never answered, %d answered to a repeat", f.unanswered, f.repeated)},
		{"faults", len(l.faults.all()), strings.Join(kinds, ", ")},
		{"events", f.events, ""},
		{"deliveries", f.deliveries, fmt.Sprintf("not received: %d by a final answer, %d used up their schedule, %d canceled", f.final, f.usedUp, f.canceled)},
		{"attempts", f.attempts, fmt.Sprintf("%d requests arrived", f.requests)},
		{"duplicates", f.duplicates, fmt.Sprintf("%d were in flight at faults, %d have no fault to explain them", f.inFlight, f.unexplained)},
		{"wrong", f.wrong, ""},
		{"lost", f.lost, ""},
	} {
		fmt.Fprintf(l.out, "  %-11s %7d  %s\n", row.name, row.count, row.note)
	}
	for i, found := range l.findings {
		if i == shown {
			fmt.Fprintf(l.out, "  and %d more\n", len(l.findings)-shown)
			break
		}
		verdict := "WRONG"
		if found.lost {
			verdict = "LOST"
		}
		fmt.Fprintf(l.out, "  %s %s\n", verdict, found.text)
	}
	if len(l.findings) > 0 {
		fmt.Fprintf(l.out, "  again: bin/faults -seed %d -database %s -time %s -lease %s -schedule %s\n", l.seed, l.kind, l.time, l.lease, l.schedule)
	}
	fmt.Fprintln(l.out)
	return len(l.findings) == 0
}
