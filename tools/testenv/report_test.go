package main

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// events is a stream as go test -json writes it, one event for each "Action Test" line.
func events(lines ...string) string {
	var stream strings.Builder
	for _, line := range lines {
		action, test, _ := strings.Cut(line, " ")
		stream.WriteString(`{"Action":"` + action + `","Package":"example.com/p","Test":"` + test + `","Output":"said by ` + test + `\n"}` + "\n")
	}
	return stream.String()
}

func read(t *testing.T, stream string, needBoth bool) (output string, good bool) {
	t.Helper()
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(strings.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
	good = r.summary(needBoth)
	return out.String(), good
}

// A test with subtests counts through them, each for the database that its name carries, and the counts of
// everything stand alone on the last line.
func TestReport_CountsSubtestsByDatabase(t *testing.T) {
	t.Parallel()
	out, good := read(t, events(
		"pass TestA/sqlite", "pass TestA/postgres/deep", "pass TestA/postgres", "pass TestA", "pass TestB", "pass"), true)
	want := "sqlite: 1 passed, 0 failed · postgres: 1 passed, 0 failed · no database: 1 passed, 0 failed\n3 passed, 0 failed\n"
	if !good || !strings.HasSuffix(out, want) {
		t.Errorf("good %v, output %q, want it to end with %q", good, out, want)
	}
}

// What failed is shown with its output, a parent only where no subtest explains it.
func TestReport_ShowsWhatFailed(t *testing.T) {
	t.Parallel()
	out, good := read(t, events("output TestA/sqlite", "fail TestA/sqlite", "fail TestA", "output TestB", "pass TestB", "fail"), false)
	if good || !strings.Contains(out, "said by TestA/sqlite") || strings.Contains(out, "said by TestB") {
		t.Errorf("good %v, output %q", good, out)
	}
	if !strings.HasSuffix(out, "\n1 passed, 1 failed\n") {
		t.Errorf("output %q: the failure must be counted once", out)
	}
}

// What a test notes is printed below its package although it passes, and nothing else of what it says.
func TestReport_PrintsNotes(t *testing.T) {
	t.Parallel()
	said := func(text string) string {
		return `{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"` + text + `\n"}` + "\n"
	}
	out, _ := read(t, said("    a_test.go:7: note: 61 names searched")+said("    note: 61 found")+said("    a_test.go:8: a note: no")+events("pass TestA", "pass"), false)
	if !strings.Contains(out, "s\n     note: 61 names searched\n     note: 61 found\n") || strings.Contains(out, "note: no") {
		t.Errorf("output %q", out)
	}
}

// A test that was cut off, by a panic or the time limit, has failed.
func TestReport_UnfinishedTestHasFailed(t *testing.T) {
	t.Parallel()
	if out, good := read(t, events("output TestA", "fail"), false); good || !strings.HasSuffix(out, "\n0 passed, 1 failed\n") {
		t.Errorf("good %v, output %q", good, out)
	}
}

// A package that does not compile is a failure, shown with what the compiler said.
func TestReport_BuildFailureIsAFailure(t *testing.T) {
	t.Parallel()
	out, good := read(t, `{"ImportPath":"example.com/p [test]","Action":"build-output","Output":"undefined: x\n"}
{"Action":"fail","Package":"example.com/p","FailedBuild":"example.com/p [test]"}
`, false)
	if good || !strings.Contains(out, "undefined: x") || !strings.HasSuffix(out, "\n0 passed, 1 failed\n") {
		t.Errorf("good %v, output %q", good, out)
	}
}

// A whole run in which a database had no test, or in which nothing ran, is not green.
func TestReport_NothingOnADatabaseIsAFailure(t *testing.T) {
	t.Parallel()
	stream := events("pass TestA/sqlite", "pass TestA", "pass")
	if out, good := read(t, stream, true); good || !strings.Contains(out, "no test ran on postgres") {
		t.Errorf("good %v, output %q", good, out)
	}
	if _, good := read(t, stream, false); !good {
		t.Error("a chosen part of the suite may use one database")
	}
	if newReport(io.Discard).summary(false) {
		t.Error("a run without any test must fail")
	}
}

// The verdict over the tests' traffic counts as a test, and the counts stay the last line.
func TestReport_ABadVerdictFailsTheRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(strings.NewReader(events("pass TestA", "pass"))); err != nil {
		t.Fatal(err)
	}
	r.judge(nil, errors.New("nothing was recorded"))
	if good := r.summary(false); good || !strings.HasSuffix(out.String(), "\n1 passed, 1 failed\n") || !strings.Contains(out.String(), "     nothing was recorded\n") ||
		!strings.Contains(out.String(), "FAILED drift") {
		t.Errorf("good %v, output %q", good, &out)
	}
}
