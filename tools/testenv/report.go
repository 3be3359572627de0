package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// note finds what a test wants a person to read though nothing failed, such as how many names it searched: a line of
// its log (t.Log, t.Output) that begins with the word.
var note = regexp.MustCompile(`^\s*(?:\S+\.go:\d+: )?(note: .+)\n$`)

// databases are the names that a subtest carries for the database it ran on, in the order of the summary.
var databases = []string{"sqlite", "postgres"}

// report collects what go test -json says. A test with subtests is counted through them alone, except
// where it failed by itself.
type report struct {
	out      io.Writer
	packages map[string]*packageReport
	builds   map[string][]string // output of the compiler by import path
	failed   []string            // every failed test, "package test", and every failed package
	tally    map[string]*count   // by database, "" for tests that use none
}

// packageReport is what is known of one package while its tests run.
type packageReport struct {
	results map[string]string   // pass, fail or skip by test
	output  map[string][]string // by test, "" is the package's own; dropped when the test passes
	notes   []string            // what its tests have to tell though they pass
}

type count struct{ passed, failed, skipped int }

func newReport(out io.Writer) *report {
	r := &report{out: out, packages: map[string]*packageReport{}, builds: map[string][]string{},
		tally: map[string]*count{"": {}}}
	for _, database := range databases {
		r.tally[database] = &count{}
	}
	return r
}

// add takes one event in.
func (r *report) add(e event) {
	p := r.packages[e.Package]
	if p == nil {
		p = &packageReport{results: map[string]string{}, output: map[string][]string{}}
		r.packages[e.Package] = p
	}
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
	case "output":
		p.output[e.Test] = append(p.output[e.Test], e.Output)
		if found := note.FindStringSubmatch(e.Output); found != nil {
			p.notes = append(p.notes, found[1])
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.finish(p, e)
			return
		}
		p.results[e.Test] = e.Action
		if e.Action == "pass" {
			delete(p.output, e.Test)
		}
	}
}

// finish counts a package that has ended, prints its line, and what its failures said.
func (r *report) finish(p *packageReport, e event) {
	var own count
	for _, test := range p.leaves() {
		own.add(p.results[test])
		r.tally[databaseOf(test)].add(p.results[test])
		if p.results[test] == "fail" {
			r.failed = append(r.failed, e.Package+" "+test)
		}
	}
	if e.Action == "fail" && own.failed == 0 { // it did not compile, or ended outside of any test
		own.failed++
		r.tally[""].failed++
		r.failed = append(r.failed, e.Package)
	}
	if own != (count{}) {
		r.printf("%-4s %s  %s  %.1fs\n", strings.Replace(e.Action, "pass", "ok", 1), e.Package, own, e.Elapsed)
	}
	for _, text := range p.notes {
		r.printf("     %s\n", text)
	}
	if e.Action != "fail" {
		return
	}
	r.print(strings.Join(r.builds[e.FailedBuild], ""))
	for _, test := range p.failing() {
		r.print(strings.Join(p.output[test], ""))
	}
}

// leaves are the tests to count, in order: those without subtests, and those that failed though no subtest
// did. A test that never ended was cut off by a panic or the time limit, and has failed.
func (p *packageReport) leaves() []string {
	for test := range p.output {
		if test != "" && p.results[test] == "" {
			p.results[test] = "fail"
		}
	}
	var leaves []string
	for test, result := range p.results {
		if children := p.children(test, result); children == 0 {
			leaves = append(leaves, test)
		}
	}
	slices.Sort(leaves)
	return leaves
}

// children counts the subtests of test, of a failed one only those that failed too.
func (p *packageReport) children(test, result string) int {
	n := 0
	for other, otherResult := range p.results {
		if strings.HasPrefix(other, test+"/") && (result != "fail" || otherResult == "fail") {
			n++
		}
	}
	return n
}

// failing are the tests whose output explains a failure, the package's own last.
func (p *packageReport) failing() []string {
	var names []string
	for test := range p.output {
		if test != "" && p.results[test] == "fail" {
			names = append(names, test)
		}
	}
	slices.Sort(names)
	return append(names, "")
}

// summary prints the counts by database and then, as the last line alone, those of everything. It reports
// whether the run is good: something ran, nothing failed and, where both are needed, each database was used.
func (r *report) summary(needBoth bool) bool {
	good := len(r.failed) == 0
	for _, name := range r.failed {
		r.printf("FAILED %s\n", name)
	}
	parts := make([]string, 0, len(databases)+1)
	var total count
	for _, database := range append(slices.Clone(databases), "") {
		c := r.tally[database]
		total.passed, total.failed, total.skipped = total.passed+c.passed, total.failed+c.failed, total.skipped+c.skipped
		if database == "" {
			database = "no database"
		} else if needBoth && c.passed+c.failed == 0 {
			r.printf("FAILED no test ran on %s\n", database)
			good = false
		}
		parts = append(parts, database+": "+c.String())
	}
	r.printf("%s\n%d passed, %d failed\n", strings.Join(parts, " · "), total.passed, total.failed)
	return good && total.passed > 0
}

func (r *report) printf(format string, args ...any) { r.print(fmt.Sprintf(format, args...)) }

// print writes to the terminal; that it is closed is no reason to stop the tests.
func (r *report) print(text string) { _, _ = io.WriteString(r.out, text) }

func (c *count) add(result string) {
	switch result {
	case "pass":
		c.passed++
	case "fail":
		c.failed++
	case "skip":
		c.skipped++
	}
}

func (c count) String() string {
	text := fmt.Sprintf("%d passed, %d failed", c.passed, c.failed)
	if c.skipped > 0 {
		text += fmt.Sprintf(", %d skipped", c.skipped)
	}
	return text
}

// databaseOf finds the database in a test's name, such as TestStudents_Page/postgres/empty.
func databaseOf(test string) string {
	for _, part := range strings.Split(test, "/")[1:] {
		if part = strings.ToLower(part); slices.Contains(databases, part) {
			return part
		}
	}
	return ""
}
