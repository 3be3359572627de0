package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
)

// An increment holds what changed, and what to remove.
func TestSince_HoldsChangesAndDeletions(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.fill(studentsName, 500)
	m.happen("student.deleted", "stu_before")
	first := filepath.Join(t.TempDir(), "first")
	full, err := m.export(first, jsonlFormat, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.now = m.now.Add(time.Hour)
	m.change(studentsName, "stu_000007", 70)
	m.drop(studentsName, "stu_000008")
	m.happen("student.deleted", "stu_000008")
	second := filepath.Join(t.TempDir(), "second")
	if code, _, errs := m.cli(testKey, "--since", full.NextSince.Format(time.RFC3339), second); code != cli.Done {
		t.Fatalf("exit %d: %s", code, errs)
	}
	files := contents(t, second)
	changed, lost := objects(t, files["students.jsonl"]), objects(t, files["deletions.jsonl"])
	if len(changed) != 1 || changed["stu_000007"].Value != 70 {
		t.Errorf("changed: %v", changed)
	}
	if _, told := lost["stu_000008"]; len(lost) > 2 || !told {
		t.Errorf("deleted: %v", lost)
	}
}

// What was deleted more than 30 days ago is unknown, so that an increment from
// then would keep what must go.
func TestSince_OlderThanTheEventsIsRefused(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	folder := filepath.Join(t.TempDir(), "out")
	code, _, errs := m.cli(testKey, "--since", m.now.Add(-eventsKept-time.Hour).Format(time.RFC3339), folder)
	if code != cli.Usage || !strings.Contains(errs, "full export") || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d: %s", code, errs)
	}
	wantUnfinished(t, folder)
}

// Deletions need the feed; without its scope the manifest says so.
func TestManifest_NamesWhatTheScopesLeaveOut(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.scopes = []string{"read:courses", "read:students"}
	m.fill(studentsName, 3)
	got, err := m.export(t.TempDir(), jsonlFormat, nil)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, o := range got.LeftOut {
		left = append(left, o.What+" "+o.Scope)
	}
	want := "events read:events, enrollments read:enrollments, orders read:orders, live_sessions read:live_sessions, recordings read:live_sessions, " +
		"certificates read:certificates, courses that are drafts or archived write:courses, deletions read:events"
	if strings.Join(left, ", ") != want || len(got.Files) != 2 {
		t.Errorf("%d files, left out: %s", len(got.Files), strings.Join(left, ", "))
	}
}
