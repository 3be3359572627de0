package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
)

// Errors, answers that break off and answers that are no JSON are a moment's
// trouble: the rows are as if nothing had been.
func TestExport_OutlastsErrorsAndBrokenConnections(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.fill(studentsName, 2_000)
	m.wrong = func(call int, w http.ResponseWriter, _ *http.Request) bool {
		switch call % 5 {
		case 1:
			m.refuse(w, http.StatusInternalServerError, "internal_error")
		case 2:
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, `{"data":[{"id":"stu_`) // and no more
		case 3:
			fmt.Fprint(w, `<html>A proxy's page</html>`)
		default:
			return false
		}
		return true
	}
	folder := filepath.Join(t.TempDir(), "out")
	if code, _, errs := m.cli(testKey, folder); code != cli.Done {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if found := objects(t, contents(t, folder)["students.jsonl"]); len(found) != 2_000 {
		t.Errorf("%d students", len(found))
	}
}

// A service that stays away ends the export with one sentence.
func TestExport_GivesUpWithOneSentenceAndAResumableState(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.fill(studentsName, 1_000)
	away := true
	m.wrong = func(call int, w http.ResponseWriter, _ *http.Request) bool {
		if away && call > 12 {
			m.refuse(w, http.StatusServiceUnavailable, "internal_error")
			return true
		}
		return false
	}
	folder := filepath.Join(t.TempDir(), "out")
	code, _, errs := m.cli(testKey, "--quiet", folder)
	if code != cli.Failed || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "gave up after 10 attempts") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	wantUnfinished(t, folder)
	away = false
	if code, _, errs := m.cli(testKey, folder); code != cli.Done || len(objects(t, contents(t, folder)["students.jsonl"])) != 1_000 {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// A key that expires in the middle ends the export, and a good one goes on with
// it. Nothing of a key is ever shown or kept.
func TestExport_AKeyMayExpireInTheMiddle(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.fill(studentsName, 1_000)
	expired := true
	m.wrong = func(call int, w http.ResponseWriter, _ *http.Request) bool {
		if expired && call > 9 {
			m.refuse(w, http.StatusUnauthorized, "unauthorized")
			return true
		}
		return false
	}
	folder := filepath.Join(t.TempDir(), "out")
	code, out, errs := m.cli(testKey, folder)
	if code != cli.Failed || !strings.Contains(errs, "unknown, revoked or expired") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	wantUnfinished(t, folder)
	kept, err := os.ReadFile(filepath.Join(folder, stateName))
	if err != nil || strings.Contains(string(kept)+out+errs, testKey[4:]) {
		t.Errorf("the key is shown or kept: %v", err)
	}
	calls := m.calls
	expired = false
	if code, out, errs = m.cli(testKey, folder); code != cli.Done {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if m.calls-calls > 30 || strings.Contains(out+errs, testKey[4:]) {
		t.Errorf("going on took %d calls: %s", m.calls-calls, errs)
	}
	for name, text := range contents(t, folder) {
		if strings.Contains(text, testKey[4:]) {
			t.Errorf("%s holds the key", name)
		}
	}
}

// However the disk fails or the process dies, at whatever operation, in the
// middle of whatever write, and however often: what comes out in the end is, byte
// for byte, what an undisturbed export writes; and before the end nothing looks
// complete.
func TestExport_EndsTheSameWhereverItIsCutOff(t *testing.T) {
	t.Parallel()
	for _, format := range []string{jsonlFormat, csvFormat, sqliteFormat} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			m := misbehave(t)
			m.scopes = []string{"read:courses", "read:students", "read:events"}
			m.fill(coursesName, 25)
			m.fill(studentsName, 250)
			m.happen("student.created", "stu_000001")
			whole := filepath.Join(t.TempDir(), "whole")
			operations, walked := 0, 0
			count := func(_, name string) error {
				if walked == 0 && strings.Contains(name, "."+format) {
					walked = operations
				}
				operations++
				return nil
			}
			if _, err := m.export(whole, format, count); err != nil {
				t.Fatal(err)
			}
			want := contents(t, whole)
			t.Logf("cut off at each of %d operations, of which the walk are %d", operations, walked)
			// The walk is the same for all formats, so it is cut once.
			first := walked
			if format == jsonlFormat {
				first = 0
			}
			for at := first; at < operations; at++ {
				m.cutOff(format, at, want)
			}
		})
	}
}

// cutOff makes an export whose disk fails from an operation on, and then ends it.
func (m *misbehaving) cutOff(format string, at int, want map[string]string) {
	m.Helper()
	folder := filepath.Join(m.TempDir(), "cut")
	done := 0
	dead := func(string, string) error {
		if done++; done > at {
			return errDead // a dead process does nothing more
		}
		return nil
	}
	if _, err := m.export(folder, format, dead); err == nil {
		m.Fatalf("operation %d failed and nobody was told", at)
	}
	if (&disk{folder: folder}).has(manifestName) {
		wantWhole(m.T, folder)
	}
	if _, err := m.export(folder, format, nil); err != nil {
		m.Fatalf("cut off at operation %d: %v", at, err)
	}
	wantSame(m.T, contents(m.T, folder), want)
}

var errDead = fmt.Errorf("no space left on device")

func wantSame(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s has %d bytes that are not the %d of an undisturbed export", name, len(got[name]), len(text))
		}
	}
}

// Rows are changed, added and deleted under the walk, which is cut off again and
// again. What did not change is there as it was; what did is there once, in its
// last form; what was deleted is not.
func TestExport_IsConsistentUnderChangesAndCuts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		m := misbehave(t)
		m.scopes = []string{"read:students", "read:events"}
		m.fill(studentsName, random.IntN(900))
		m.wrong = func(int, http.ResponseWriter, *http.Request) bool {
			for range random.IntN(60) {
				id := fmt.Sprintf("stu_%06d", random.IntN(1000))
				if m.deleted()[id] {
					continue
				}
				if random.IntN(5) == 0 {
					m.drop(studentsName, id)
					m.happen("student.deleted", id)
				} else {
					m.change(studentsName, id, 1000+random.IntN(1000))
				}
			}
			return false
		}
		folder := t.TempDir()
		for runs, cut := 0, true; cut; runs++ {
			left := 10 + random.IntN(30) + 5*runs
			_, err := m.export(folder, jsonlFormat, func(string, string) error {
				if left--; left < 0 {
					return errDead
				}
				return nil
			})
			cut = err != nil
		}
		m.wantStudents(folder)
	}
}

// deleted are the students that the feed of events calls so.
func (m *misbehaving) deleted() map[string]bool {
	ids := map[string]bool{}
	for _, e := range m.lists[eventsName] {
		if e.Type == "student.deleted" {
			ids[(*e.Data)["id"].(string)] = true
		}
	}
	return ids
}

// wantStudents holds the export against what the service has at the end. Only a
// change after the walk had passed may be missing, and its time tells.
func (m *misbehaving) wantStudents(folder string) {
	m.Helper()
	files := contents(m.T, folder)
	found, lost := objects(m.T, files["students.jsonl"]), objects(m.T, files["deletions.jsonl"])
	var newest time.Time
	for _, o := range found {
		if o.UpdatedAt.After(newest) {
			newest = o.UpdatedAt
		}
	}
	for _, o := range m.lists[studentsName] {
		if got := found[o.ID]; got.Value != o.Value && !o.UpdatedAt.After(newest) {
			m.Errorf("%s is %d, last changed to %d at %s", o.ID, got.Value, o.Value, o.UpdatedAt)
		}
	}
	deleted, kept := m.deleted(), 0
	for id := range found {
		if _, told := lost[id]; told {
			m.Errorf("%s was deleted and is there", id)
		} else if deleted[id] {
			kept++
		}
	}
	// After the last call of all nothing can be known of what happens in it.
	if kept > 60 {
		m.Errorf("%d students are there that were deleted", kept)
	}
}
