package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// runs is how often everything is measured; the median counts.
const runs = 3

// row is one promised figure on one database.
type row struct {
	group    string
	id       string
	figure   string
	database string // "" where none takes part
	unit     string // after every value
	floor    float64
	atMost   bool // the floor is a ceiling
	noFloor  bool // printed for the record
}

// rows are every promised figure in the order of the promise.
var rows = []row{
	{group: "list", id: "uncached", database: sqlite, floor: 0.20, unit: "x",
		figure: "GET /courses, 25 rows, against a bare echo handler with the same structs"},
	{group: "list", id: "uncached", database: postgres, floor: 0.15, unit: "x",
		figure: "GET /courses, 25 rows, against a bare echo handler with the same structs"},
	{group: "list", id: "again", database: sqlite, floor: 0.5, unit: "x", figure: "the same, nothing changed: body again"},
	{group: "list", id: "again", database: postgres, floor: 0.24, unit: "x", figure: "the same, nothing changed: body again"},
	{group: "list", id: "304", database: sqlite, floor: 0.6, unit: "x", figure: "the same, nothing changed: 304"},
	{group: "list", id: "304", database: postgres, floor: 0.28, unit: "x", figure: "the same, nothing changed: 304"},
	{group: "list", id: "students", database: sqlite, floor: 0.4, unit: "x",
		figure: "GET /students, 25 with progress and enrollments, against GET /courses"},
	{group: "list", id: "students", database: postgres, floor: 0.4, unit: "x",
		figure: "GET /students, 25 with progress and enrollments, against GET /courses"},
	{group: "growth", id: "queries", database: postgres, floor: 3, atMost: true, unit: " queries",
		figure: "GET /students: queries after admission"},
	{group: "validation", id: "query time", floor: 2, atMost: true, unit: " µs", figure: "validation of a list's query"},
	{group: "validation", id: "query allocations", floor: 8, atMost: true, unit: " allocs", figure: "validation of a list's query"},
	{group: "validation", id: "query kin", floor: 50, unit: "x faster", figure: "validation of a list's query, against kin-openapi"},
	{group: "validation", id: "body time", floor: 10, atMost: true, unit: " µs", figure: "validation of a POST /students body, decode included"},
	{group: "validation", id: "body allocations", floor: 45, atMost: true, unit: " allocs", figure: "validation of a POST /students body, decode included"},
	{group: "validation", id: "body kin", floor: 25, unit: "x faster", figure: "validation of a POST /students body, against kin-openapi"},
	{group: "growth", id: "first page blocks", database: postgres, floor: 1.1, atMost: true, unit: "x",
		figure: "growth: blocks of page 1, 10,000 to 1,000,000 rows"},
	{group: "growth", id: "deep page blocks", database: postgres, floor: 1.1, atMost: true, unit: "x",
		figure: "growth: blocks of a deep cursor's page, 100,000 to 1,000,000 rows"},
	{group: "growth", id: "since page blocks", database: postgres, floor: 1.1, atMost: true, unit: "x",
		figure: "growth: blocks of an updatedSince page, 100,000 to 1,000,000 rows"},
	{group: "growth", id: "first page time", database: sqlite, noFloor: true, unit: "x", figure: "growth: time of page 1, the same"},
	{group: "growth", id: "first page time", database: postgres, noFloor: true, unit: "x", figure: "growth: time of page 1, the same"},
	{group: "growth", id: "deep page time", database: sqlite, noFloor: true, unit: "x", figure: "growth: time of a deep cursor's page, the same"},
	{group: "growth", id: "deep page time", database: postgres, noFloor: true, unit: "x", figure: "growth: time of a deep cursor's page, the same"},
	{group: "growth", id: "since page time", database: sqlite, noFloor: true, unit: "x", figure: "growth: time of an updatedSince page, the same"},
	{group: "growth", id: "since page time", database: postgres, noFloor: true, unit: "x", figure: "growth: time of an updatedSince page, the same"},
	{group: "analytics", id: "orders", database: sqlite, floor: 1.2, atMost: true, unit: "x",
		figure: "analytics over 365 busy days, 1,000 to 1,000,000 orders"},
	{group: "analytics", id: "orders", database: postgres, floor: 1.2, atMost: true, unit: "x",
		figure: "analytics over 365 busy days, 1,000 to 1,000,000 orders"},
	{group: "events", id: "emit", database: sqlite, floor: 1.5, atMost: true, unit: "x",
		figure: "a POST that emits to one subscribed endpoint, against the same with none"},
	{group: "events", id: "emit", database: postgres, floor: 1.5, atMost: true, unit: "x",
		figure: "a POST that emits to one subscribed endpoint, against the same with none"},
	{group: "events", id: "receipt", database: sqlite, floor: 10, atMost: true, unit: " ms", figure: "commit to receipt, 200 events a second, p50"},
	{group: "events", id: "receipt", database: postgres, floor: 10, atMost: true, unit: " ms", figure: "commit to receipt, 200 events a second, p50"},
	{group: "events", id: "receipt p99", database: sqlite, floor: 100, atMost: true, unit: " ms", figure: "the same, p99"},
	{group: "events", id: "receipt p99", database: postgres, floor: 100, atMost: true, unit: " ms", figure: "the same, p99"},
	// SQLite runs the same statements; a test of the store holds their number there, since SQLite logs none.
	{group: "events", id: "batch", database: postgres, floor: 25, atMost: true, unit: " statements", figure: "batch enrol of 100: statements after admission"},
	{group: "events", id: "batch growth", database: postgres, floor: 1, atMost: true, unit: "x",
		figure: "the same, against a batch of 10 with the same kinds of outcome"},
	{group: "drain", id: "rate", database: sqlite, floor: 5000, unit: " a second",
		figure: "drain of 50,000 queued deliveries: 10 workspaces, 50 endpoints, signed, attempts logged"},
	{group: "drain", id: "rate", database: postgres, floor: 5000, unit: " a second",
		figure: "drain of 50,000 queued deliveries: 10 workspaces, 50 endpoints, signed, attempts logged"},
	{group: "drain", id: "processor", database: sqlite, floor: 0.3, atMost: true, unit: " ms",
		figure: "the same: CPU of server and database for each delivery"},
	{group: "drain", id: "processor", database: postgres, floor: 0.3, atMost: true, unit: " ms",
		figure: "the same: CPU of server and database for each delivery"},
	{group: "history", id: "drain", database: sqlite, floor: 0.9, unit: "x",
		figure: "the same with 1,000,000 finished deliveries in the log, against an empty log"},
	{group: "history", id: "drain", database: postgres, floor: 0.9, unit: "x",
		figure: "the same with 1,000,000 finished deliveries in the log, against an empty log"},
	{group: "hanging", id: "receipt p99", database: sqlite, floor: 250, atMost: true, unit: " ms",
		figure: "commit to receipt, 200 events a second, half of 50 endpoints hang with 1,000 queued each: p99 of the others"},
	{group: "hanging", id: "receipt p99", database: postgres, floor: 250, atMost: true, unit: " ms",
		figure: "commit to receipt, 200 events a second, half of 50 endpoints hang with 1,000 queued each: p99 of the others"},
	{group: "retention", id: "receipt p99", database: sqlite, floor: 2, atMost: true, unit: "x",
		figure: "commit to receipt, p99 while 1,000,000 old deliveries are removed, against none"},
	{group: "retention", id: "receipt p99", database: postgres, floor: 2, atMost: true, unit: "x",
		figure: "commit to receipt, p99 while 1,000,000 old deliveries are removed, against none"},
	{group: "queued", id: "resident", database: sqlite, floor: 150, atMost: true, unit: " MB",
		figure: "resident memory with 100,000 queued deliveries, all endpoints hanging"},
	{group: "queued", id: "resident", database: postgres, floor: 150, atMost: true, unit: " MB",
		figure: "resident memory with 100,000 queued deliveries, all endpoints hanging"},
	{group: "docs", id: "paint", floor: 500, atMost: true, unit: " ms", figure: "the reference in Chromium: first contentful paint"},
	{group: "docs", id: "shift", floor: 0, atMost: true, figure: "the same: cumulative layout shift"},
	{group: "docs", id: "weight", floor: 150, atMost: true, unit: " KB", figure: "the same: over the wire, headers included"},
	{group: "docs", id: "requests", floor: 3, atMost: true, unit: " requests", figure: "the same: what is asked for"},
	{group: "start", id: "idle", database: sqlite, floor: 40, atMost: true, unit: " MB", figure: "resident memory, idle"},
	{group: "start", id: "idle", database: postgres, floor: 40, atMost: true, unit: " MB", figure: "resident memory, idle"},
	{group: "memory", id: "loaded", database: sqlite, floor: 120, atMost: true, unit: " MB", figure: "resident memory after a million requests"},
	{group: "memory", id: "loaded", database: postgres, floor: 120, atMost: true, unit: " MB", figure: "resident memory after a million requests"},
	{group: "start", id: "ready", database: sqlite, floor: 300, atMost: true, unit: " ms", figure: "start to ready on an existing database"},
	{group: "start", id: "ready", database: postgres, floor: 300, atMost: true, unit: " ms", figure: "start to ready on an existing database"},
}

// results holds the values of each row's runs.
type results struct{ values map[string][]float64 }

func newResults() *results {
	return &results{values: map[string][]float64{}}
}

// add records one run's value.
func (r *results) add(group, id, database string, value float64) {
	key := group + "/" + id + "/" + database
	r.values[key] = append(r.values[key], value)
}

func (r row) key() string { return r.group + "/" + r.id + "/" + r.database }

// verdict is met or missed, or nothing for a row without a floor. A row without a value is missed.
func (r row) verdict(values []float64) string {
	switch {
	case len(values) == 0:
		return "missed"
	case r.noFloor:
		return ""
	case r.atMost && median(values) <= r.floor, !r.atMost && median(values) >= r.floor:
		return "met"
	}
	return "missed"
}

// promise is the floor as text.
func (r row) promise() string {
	if r.noFloor {
		return "none"
	}
	sign := ">="
	if r.atMost {
		sign = "<="
	}
	return sign + " " + number(r.floor) + r.unit
}

// print writes the chosen rows as a table and returns how many were missed.
func (r *results) print(out io.Writer, chosen []row) (missed int, err error) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "figure\tdatabase\tfloor\tmedian\truns\t")
	for _, row := range chosen {
		values := r.values[row.key()]
		measured, each := "not measured", ""
		if len(values) > 0 {
			measured = number(median(values)) + row.unit
			each = strings.Join(numbers(values), " ")
		}
		verdict := row.verdict(values)
		if verdict == "missed" {
			missed++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", row.figure, row.database, row.promise(), measured, each, verdict)
	}
	return missed, table.Flush()
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// number prints three significant digits, which is more than a run repeats.
func number(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func numbers(values []float64) []string {
	texts := make([]string, 0, len(values))
	for _, v := range values {
		texts = append(texts, number(v))
	}
	return texts
}

// allRows are rows and those that a table of pages spells out.
func allRows() []row { return slices.Concat(rows, dashboardRows(), exportRows()) }
