package storetest

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/thebigclass/api/store"
)

// Wiretap stands between a Store and PostgreSQL and counts executed statements.
type Wiretap struct {
	executed atomic.Int64
}

// Tap opens the database, which must be PostgreSQL, once more through a wiretap.
func (db *DB) Tap(tb testing.TB) (*store.Store, *Wiretap) {
	tb.Helper()
	w := &Wiretap{}
	config := db.Config()
	config.URL = w.listen(tb, config.URL)
	tapped, err := store.Open(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = tapped.Close() })
	return tapped, w
}

// Executed is the number of statements so far. The beginning and the end of a transaction are statements, too.
func (w *Wiretap) Executed() int64 { return w.executed.Load() }

// listen relays connections to the database and returns the URL of the tap.
func (w *Wiretap) listen(tb testing.TB, database string) string {
	tb.Helper()
	address, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
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
func (w *Wiretap) relay(from net.Conn, database string) {
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
