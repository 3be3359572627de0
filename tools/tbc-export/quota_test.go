package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
)

// Two days of quota are walked through while somebody else makes four calls a
// minute with the same key: nobody is ever refused.
func TestExport_NeverTripsARateLimit(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.minute, m.day = 60, 300
	m.fill(studentsName, 50_000)
	var others time.Time
	m.wrong = func(int, http.ResponseWriter, *http.Request) bool {
		if m.minuteOf != others {
			others = m.minuteOf
			m.usedM, m.usedD = m.usedM+4, m.usedD+1
		}
		return false
	}
	folder := filepath.Join(t.TempDir(), "out")
	if code, _, errs := m.cli(testKey, "--wait-for-day", folder); code != cli.Done {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if m.tooMany != 0 || m.calls < 500 {
		t.Errorf("%d of %d calls were refused with 429", m.tooMany, m.calls)
	}
	if found := objects(t, contents(t, folder)["students.jsonl"]); len(found) != 50_000 {
		t.Errorf("%d students", len(found))
	}
}

// A day's calls may be gone before the export ends. It says when to go on, and does.
func TestExport_StopsWhenTheDayIsSpentAndGoesOnTheNextDay(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.day = 100
	m.fill(studentsName, 8_000)
	folder := filepath.Join(t.TempDir(), "out")
	code, _, errs := m.cli(testKey, "--quiet", folder)
	if code != cli.Failed || !strings.Contains(errs, "2026-05-20 00:00 UTC") || strings.Count(errs, "\n") != 1 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	wantUnfinished(t, folder)
	if m.usedD > 51 {
		t.Errorf("%d of 100 calls were made, of which 50 are left to others", m.usedD)
	}
	for range 3 {
		m.now = m.now.Add(24 * time.Hour)
		if code, _, errs = m.cli(testKey, "--quiet", folder); code == cli.Done {
			break
		}
	}
	if code != cli.Done || m.tooMany != 0 || len(objects(t, contents(t, folder)["students.jsonl"])) != 8_000 {
		t.Errorf("exit %d, %d refused: %s", code, m.tooMany, errs)
	}
}

// What others leave is not always enough: then the service is obeyed.
func TestExport_HonoursRetryAfter(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.minute = 60
	m.fill(studentsName, 1_000)
	var refusedAt time.Time
	m.wrong = func(call int, w http.ResponseWriter, _ *http.Request) bool {
		switch call {
		case 8:
			refusedAt = m.now
			w.Header().Set("Retry-After", "17")
			m.refuse(w, http.StatusTooManyRequests, "rate_limited")
			return true
		case 9:
			if waited := m.now.Sub(refusedAt); waited < 17*time.Second {
				t.Errorf("called again after %s, told to wait 17 s", waited)
			}
		}
		return false
	}
	folder := filepath.Join(t.TempDir(), "out")
	if code, _, errs := m.cli(testKey, folder); code != cli.Done {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if len(objects(t, contents(t, folder)["students.jsonl"])) != 1_000 {
		t.Error("students are missing")
	}
}

// A limit below what is to be left to others must not stop an export for ever.
func TestQuota_SharesSmallLimitsByHalves(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.minute = 4
	m.fill(studentsName, 900)
	if code, _, errs := m.cli(testKey, filepath.Join(t.TempDir(), "out")); code != cli.Done || m.tooMany != 0 {
		t.Errorf("exit %d, %d refused: %s", code, m.tooMany, errs)
	}
}
