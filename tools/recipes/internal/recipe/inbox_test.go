package recipe

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// An event whose attempt kills the process is not the first again at the next start: it waits, others pass, and its
// attempts come to an end.
func TestInbox_AnAttemptThatNeverCameBackWaitsLikeAnyOther(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 14, 23, 14, 0, time.UTC)
	box, err := openInbox(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.close() })
	for _, id := range []string{"evt_deadly", "evt_good"} {
		if err := box.put(t.Context(), id, "order.paid", []byte("{}"), now); err != nil {
			t.Fatal(err)
		}
	}
	want := func(id string, attempts int) {
		t.Helper()
		e, found, _, err := box.begin(t.Context(), now)
		if err != nil || found != (id != "") || e.id != id || e.attempts != attempts {
			t.Fatalf("begins %q, attempt %d, %v; want %q, %d", e.id, e.attempts, err, id, attempts)
		}
	}
	want("evt_deadly", 1) // and nobody ever notes how it ended
	want("evt_good", 1)
	want("", 0)
	now = now.Add(delays[0])
	want("evt_deadly", 2)
	want("evt_good", 2)
	for attempt := 3; attempt <= len(delays)+2; attempt++ {
		now = now.Add(delayAfter(attempt - 1))
		want("evt_deadly", attempt)
		want("evt_good", attempt)
	}
}

// An event that has ended the program as often as any is tried is put aside for a person, without another attempt.
func TestWorker_AnEventThatAlwaysEndsTheProgramIsPutAside(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 14, 23, 14, 0, time.UTC)
	box, err := openInbox(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.close() })
	if err := box.put(t.Context(), "evt_deadly", "order.paid", []byte("{}"), now); err != nil {
		t.Fatal(err)
	}
	w := &worker{
		inbox: box, Console: Console{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)},
		work: func(context.Context, Task) error { t.Error("it is tried once more"); return nil },
	}
	if err := w.attempt(t.Context(), entry{id: "evt_deadly", kind: "order.paid", body: []byte("{}"), attempts: len(delays) + 2}); err != nil {
		t.Fatal(err)
	}
	var report strings.Builder
	if err := box.report(t.Context(), &report); err != nil || !strings.HasPrefix(report.String(), "0 done, 0 waiting, 1 failed") {
		t.Errorf("%v: %s", err, report.String())
	}
}
