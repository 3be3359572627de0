package main

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// A program's name may hold blanks and parentheses; own time and that of ended children are told apart.
func TestParseStat_ReadsTimesBehindAnyName(t *testing.T) {
	t.Parallel()
	got, err := parseStat("42 (a) b (c) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 1 0 12345 1000 10\n")
	want := processorTime{parent: 7, own: 2 * time.Second, ended: 500 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for _, line := range []string{"", "42 (x) S 7", "42 (x) S seven 42 42 0 -1 4194560 100 200 0 0 150 50 30 20 20 0"} {
		if _, err := parseStat(line); err == nil {
			t.Errorf("%q: no error", line)
		}
	}
}

// What this process uses is found in /proc.
func TestProcessorTimeOf_SeesThisProcess(t *testing.T) {
	t.Parallel()
	for ownTime() < 2*clockTick {
	}
	if got, err := processorTimeOf(os.Getpid()); err != nil || got < clockTick {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := processorTimeOf(0); err == nil {
		t.Error("no error for a process that does not exist")
	}
}

// post1 sends a signed delivery to the sink.
func post1(t *testing.T, s *sink, delivery, secret string, created time.Time) error {
	t.Helper()
	body := `{"id":"evt_1","type":"student.created","created_at":"` + created.UTC().Format(time.RFC3339Nano) + `","data":{}}`
	signature, err := webhooks.Sign([]byte(body), time.Now(), secret)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{webhooks.HeaderDelivery: {delivery}, webhooks.HeaderSignature: {signature}}
	client := &http.Client{Timeout: 300 * time.Millisecond}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusNoContent {
		t.Errorf("status %d", response.StatusCode)
	}
	return response.Body.Close()
}

func newSink(t *testing.T, hangs bool) *sink {
	t.Helper()
	s, err := startSink(hangs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.stop() })
	s.secret = "whsec_test"
	return s
}

// A receipt has the event's age. What is missing, repeated or wrongly signed does not pass.
func TestFleet_ChecksWhatArrived(t *testing.T) {
	t.Parallel()
	s := newSink(t, false)
	f := &fleet{sinks: []*sink{s}}
	for _, delivery := range []string{"evd_1", "evd_2", "evd_2"} {
		if err := post1(t, s, delivery, s.secret, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.await(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if age := s.seen[0].age; age < time.Hour || age > time.Hour+time.Minute {
		t.Errorf("age %v", age)
	}
	if repeated, err := f.check(2); err != nil || repeated != 1 {
		t.Errorf("repeated %d, %v", repeated, err)
	}
	if _, err := f.check(3); err == nil {
		t.Error("a missing delivery passes")
	}
	f.forget()
	if err := post1(t, s, "evd_3", "whsec_other", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := f.check(1); err == nil {
		t.Error("a wrong signature passes")
	}
}

// An endpoint that hangs takes the request and never answers.
func TestSink_Hangs(t *testing.T) {
	t.Parallel()
	s := newSink(t, true)
	err := post1(t, s, "evd_1", s.secret, time.Now())
	if err == nil || !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("got %v, want a timeout", err)
	}
	if s.first().IsZero() {
		t.Error("nobody connected")
	}
}

// A request without the headers of a delivery, or in another spelling of them, is none.
func TestReadDelivery_WantsThePublishedHeaders(t *testing.T) {
	t.Parallel()
	const body = `{"created_at":"2026-01-02T03:04:05.000006Z"}`
	whole := "POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 44\r\nX-TBC-Delivery: evd_1\r\nX-TBC-Signature: t=1,v1=00\r\n\r\n" + body
	got, err := readDelivery(bufio.NewReader(strings.NewReader(whole)))
	if err != nil || got.delivery != "evd_1" || got.signature != "t=1,v1=00" || string(got.body) != body {
		t.Errorf("%+v, %v", got, err)
	}
	for _, change := range [][2]string{
		{"X-TBC-Delivery", "X-Tbc-Delivery"}, {"X-TBC-Signature: t=1,v1=00\r\n", ""}, {"content-length: 44", "Content-Length: 4400000"},
		{"created_at", "created_on"}, {"2026-01-02T", "2026-99-02T"},
	} {
		if _, err := readDelivery(bufio.NewReader(strings.NewReader(strings.Replace(whole, change[0], change[1], 1)))); err == nil {
			t.Errorf("%q for %q: no error", change[1], change[0])
		}
	}
}

// Percentiles do not depend on the order of what was measured.
func TestPercentile_OfAnyOrder(t *testing.T) {
	t.Parallel()
	var took []time.Duration
	for i := range 101 {
		took = append(took, time.Duration((i*37)%101))
	}
	for _, percent := range []int{0, 50, 99, 100} {
		if got := percentile(took, percent); got != time.Duration(percent) {
			t.Errorf("percentile %d is %d", percent, got)
		}
	}
}

// A copy has the rows and the counters, and not the lock of a server that may have died on the original.
func TestCopyFiles_LeavesTheLock(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	for _, name := range []string{"tbc.db", "tbc.db-wal", "tbc-usage.db", "tbc-serve.lock"} {
		if err := os.WriteFile(filepath.Join(from, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyFiles(from, to); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(to, "*"))
	if err != nil || len(found) != 3 {
		t.Errorf("copied %v, %v", found, err)
	}
	if text, err := os.ReadFile(filepath.Join(to, "tbc-usage.db")); err != nil || string(text) != "tbc-usage.db" {
		t.Errorf("%s, %v", text, err)
	}
}
