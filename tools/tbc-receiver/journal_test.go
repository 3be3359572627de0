package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func openTestJournal(tb testing.TB, content string) (j *journal, path string, log *bytes.Buffer) {
	tb.Helper()
	path, log = filepath.Join(tb.TempDir(), "events.jsonl"), &bytes.Buffer{}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	j, err := openJournal(path, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = j.close() })
	return j, path, log
}

func wantFile(tb testing.TB, path, want string) {
	tb.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if string(got) != want {
		tb.Errorf("the file holds %q, want %q", got, want)
	}
}

// keep stores an event as the receiver does.
func keep(ctx context.Context, j *journal, id string) (bool, error) {
	return j.Once(ctx, id, func(context.Context) error { return j.write([]byte(published(id))) })
}

// A crash in the middle of a line must cost neither the file nor the event.
func TestJournal_AnIncompleteLastLineGoesAndItsEventComesAgain(t *testing.T) {
	t.Parallel()
	j, path, log := openTestJournal(t, published("evt_1")+"\n"+published("evt_2")[:40])
	if j.len() != 1 || !strings.Contains(log.String(), "incomplete") {
		t.Errorf("%d events, log %q", j.len(), log)
	}
	ran, err := keep(t.Context(), j, "evt_2")
	if !ran || err != nil {
		t.Errorf("evt_2: ran %v, %v", ran, err)
	}
	wantFile(t, path, published("evt_1")+"\n"+published("evt_2")+"\n")
}

// A file that is something else must not be written to.
func TestOpenJournal_RefusesAFileOfAnotherKindByItsLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	content := published("evt_1") + "\n# my notes\nmore"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := openJournal(path, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error: %v", err)
	}
	wantFile(t, path, content)
}

func TestJournal_IsForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	j, err := openJournal(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %s", info.Mode())
	}
}

// A body with line ends in it is still one line of the file.
func TestJournal_WritesABodyAsOneLine(t *testing.T) {
	t.Parallel()
	j, path, _ := openTestJournal(t, "")
	if err := j.write([]byte("{\"id\":\r\n\t\"evt_1\", \"a\": \"b\\n c\"}\n")); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, `{"id":"evt_1","a":"b\n c"}`+"\n")
}

func TestJournal_ManyDeliveriesAtOnceLeaveOneLineAnEvent(t *testing.T) {
	t.Parallel()
	j, path, _ := openTestJournal(t, "")
	const events, deliveries = 5, 8
	var work sync.WaitGroup
	for i := range events * deliveries {
		work.Go(func() {
			if _, err := keep(t.Context(), j, fmt.Sprint("evt_", i%events)); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if n := strings.Count(string(content), fmt.Sprintf(`"evt_%d"`, i)); n != 1 {
			t.Errorf("evt_%d is stored %d times", i, n)
		}
	}
}

func TestJournal_RemembersNoEventWhoseWorkFailed(t *testing.T) {
	t.Parallel()
	j, _, _ := openTestJournal(t, "")
	failed := errors.New("no answer")
	ran, err := j.Once(t.Context(), "evt_1", func(context.Context) error { return failed })
	if !ran || !errors.Is(err, failed) {
		t.Errorf("ran %v, error %v", ran, err)
	}
	for _, want := range []bool{true, false} {
		if ran, err := keep(t.Context(), j, "evt_1"); ran != want || err != nil {
			t.Errorf("ran %v, want %v; error %v", ran, want, err)
		}
	}
}
