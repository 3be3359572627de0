package server_test

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// wiretap stands between the store and PostgreSQL and counts executed statements.
type wiretap struct {
	executed atomic.Int64
}

// listen relays connections to the database and returns the URL of the tap.
func (w *wiretap) listen(t *testing.T, database string) string {
	t.Helper()
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	behind := address.Host
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go w.relay(from, behind)
		}
	}()
	address.Host = listener.Addr().String()
	query := address.Query()
	query.Set("sslmode", "disable")
	address.RawQuery = query.Encode()
	return address.String()
}

// relay copies both ways; what the client sends is read message by message.
func (w *wiretap) relay(from net.Conn, database string) {
	defer from.Close()
	to, err := net.Dial("tcp", database)
	if err != nil {
		return
	}
	defer to.Close()
	go func() { _, _ = io.Copy(from, to) }()
	for first := true; ; first = false { // the first message has no kind
		header := make([]byte, 5)
		if first {
			header = header[1:]
		}
		if _, err := io.ReadFull(from, header); err != nil {
			return
		}
		if kind := header[0]; !first && (kind == 'E' || kind == 'Q') { // Execute, or a simple Query
			w.executed.Add(1)
		}
		message := make([]byte, binary.BigEndian.Uint32(header[len(header)-4:])-4)
		if _, err := io.ReadFull(from, message); err != nil {
			return
		}
		if _, err := to.Write(append(header, message...)); err != nil {
			return
		}
	}
}

// A query in a loop goes unnoticed until there is data: the number of
// statements of every operation is fixed, whatever it returns.
func TestOperations_NumberOfQueriesIsFixed(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		app := newApp(t, storetest.Postgres(t))
		course := app.Course()
		var student string
		for range 12 {
			student = app.Enrollment(course.ID).StudentID
			app.Order(app.Course().ID)
		}
		tap := &wiretap{}
		config := app.DB.Config()
		config.URL = tap.listen(t, config.URL)
		tapped, err := store.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tapped.Close() })
		for path, most := range map[string]int64{
			"/me": 2, "/courses": 2, "/courses/" + course.ID: 4, "/students": 4, "/students/" + student: 4, "/orders": 4, "/analytics/summary": 8,
		} {
			fewest := int64(1000)
			for range 3 { // a call that opens a connection pays for it, so the cheapest counts
				// A fresh server knows no body yet.
				parts := app.parts(slog.New(slog.DiscardHandler))
				parts.Store = tapped
				api := server.New(server.Config{}, parts)
				listening := httptest.NewServer(api.Handler())
				t.Cleanup(listening.Close)
				app.URL = listening.URL
				before := tap.executed.Load()
				app.Get("/api/v1" + path).Want(200)
				fewest = min(fewest, tap.executed.Load()-before)
			}
			if fewest > most {
				t.Errorf("GET %s runs %d statements, want at most %d, admission included", path, fewest, most)
			}
		}
		tag := app.Get("/api/v1/students").Want(200).Header.Get("ETag")
		before := tap.executed.Load()
		app.Get("/api/v1/students", "If-None-Match", tag).Want(304)
		if n := tap.executed.Load() - before; n != 1 {
			t.Errorf("a 304 runs %d statements, want admission alone", n)
		}
	})
}
