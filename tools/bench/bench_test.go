package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A row without a value is missed, one at its floor is met, and a ceiling is a floor turned round.
func TestRow_Verdict(t *testing.T) {
	t.Parallel()
	floor, ceiling := row{floor: 0.2}, row{floor: 40, atMost: true}
	for _, c := range []struct {
		row    row
		values []float64
		want   string
	}{
		{floor, nil, "missed"}, {floor, []float64{0.1, 0.3, 0.2}, "met"}, {floor, []float64{0.1, 0.3, 0.19}, "missed"},
		{ceiling, []float64{40}, "met"}, {ceiling, []float64{41}, "missed"}, {row{noFloor: true}, []float64{9}, ""},
		{row{noFloor: true}, nil, "missed"},
	} {
		if got := c.row.verdict(c.values); got != c.want {
			t.Errorf("%+v of %v: %q, want %q", c.row, c.values, got, c.want)
		}
	}
}

// Every group has rows and every row a group, so that nothing promised is left out of the table.
func TestRows_BelongToGroups(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range allRows() {
		if seen[r.key()] {
			t.Errorf("two rows %s", r.key())
		}
		seen[r.key()] = true
		seen[r.group] = true
	}
	for _, g := range groups {
		if !seen[g.name] {
			t.Errorf("group %s fills no row", g.name)
		}
		delete(seen, g.name)
	}
	for _, r := range allRows() {
		if seen[r.group] {
			t.Errorf("row %s has no group", r.key())
		}
	}
}

// All spellings of a query mean the same, and no two look alike.
func TestRespell_KeepsTheMeaning(t *testing.T) {
	t.Parallel()
	const query = "limit=25&cursor=Ab9_-x"
	want, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n := range 1000 {
		spelling := spelled(query, n)
		got, err := url.ParseQuery(spelling)
		if err != nil || got.Encode() != want.Encode() || seen[spelling] {
			t.Fatalf("%q: %v, error %v, seen before: %v", spelling, got, err, seen[spelling])
		}
		seen[spelling] = true
	}
}

// The connection reads bodies with a length, chunked ones and none, one after the other.
func TestConnection_ReadsEveryFraming(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"tag"`)
		switch {
		case r.Header.Get("If-None-Match") == `"tag"`:
			w.WriteHeader(http.StatusNotModified)
		case r.URL.Path == "/chunked":
			_, _ = io.WriteString(w, long)
		default:
			w.Header().Set("Content-Length", "10000")
			_, _ = io.WriteString(w, long)
		}
	}))
	defer server.Close()
	c, err := dial(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, step := range []struct {
		path string
		etag []byte
		want answer
	}{{"/plain", nil, answer{200, 10_000}}, {"/chunked", nil, answer{200, 10_000}}, {"/plain", []byte(`"tag"`), answer{304, 0}}, {"/plain", nil, answer{200, 10_000}}} {
		got, err := c.roundTrip(request(step.path, "t", step.etag))
		if err != nil || got != step.want || string(c.etag) != `"tag"` {
			t.Errorf("%s: %+v, error %v, etag %s, want %+v", step.path, got, err, c.etag, step.want)
		}
	}
}

// A server that answers with another status, or with an empty list, fails the run instead of looking fast.
func TestLoad_WrongAnswerFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
		}
	}()
	l := load{addr: listener.Addr().String(), status: 200, minLength: 100, requests: []requester{same(request("/", "t", nil))}}
	if _, err := l.throughput(t.Context(), time.Minute); err == nil || !strings.Contains(err.Error(), "2 bytes") {
		t.Errorf("got %v, want an error that tells the length", err)
	}
}

// Plans are found in the server's own log format, tabs and other lines included.
func TestStatements_ReadsTheLog(t *testing.T) {
	t.Parallel()
	log := "2026-01-01 LOG:  duration: 0.1 ms  plan:\n\t{\n\t  \"Query Text\": \"SELECT id\\nFROM courses \",\n\t  \"Plan\": {\n\t    \"Shared Hit Blocks\": 28,\n\t    \"Shared Read Blocks\": 1\n\t  }\n\t}\n" +
		"2026-01-01 LOG:  checkpoint\n2026-01-01 LOG:  duration: 0.1 ms  plan:\n\t{\"Query Text\": \"SELECT 1\", \"Plan\": {\"Shared Hit Blocks\": 5}}\n"
	seen, err := statements([]byte(log))
	if err != nil || len(seen) != 2 || medianBlocks(seen, "courses") != 29 {
		t.Errorf("%+v, error %v", seen, err)
	}
}

// The lines of go test -bench are read with and without a processor count and other measures between.
func TestBenchmarks_ReadsGoTest(t *testing.T) {
	t.Parallel()
	found := benchmarks("goos: linux\nBenchmarkListQuery/generated-2 \t 1000000\t 1234.5 ns/op\t 12.0 MB/s\t 512 B/op\t 7 allocs/op\nPASS\n")
	if got := found["BenchmarkListQuery/generated"]; got != (benchmark{1234.5, 7}) {
		t.Errorf("%+v", found)
	}
}
