// Package standin is what the stand-ins of real services share. A stand-in listens on loopback, speaks the service's
// protocol, its refusals included, and writes what it was told into a record: one JSON object a line.
package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Record is where a stand-in writes what it was told. It is safe for concurrent use.
type Record struct {
	mu sync.Mutex
	to io.Writer
}

// NewRecord writes to a file or a buffer.
func NewRecord(to io.Writer) *Record { return &Record{to: to} }

// Add writes one entry, which is on its way to the reader when Add returns.
func (r *Record) Add(entry any) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = r.to.Write(append(line, '\n'))
	return err
}

// Service answers connections until ctx ends.
type Service func(ctx context.Context, listener net.Listener, record *Record) error

// HTTP is a Service for a handler.
func HTTP(build func(*Record) http.Handler) Service {
	return func(ctx context.Context, listener net.Listener, record *Record) error {
		const readTimeout = 30 * time.Second
		server := &http.Server{Handler: build(record), ReadTimeout: readTimeout}
		stopped := make(chan error, 1)
		go func() {
			<-ctx.Done()
			stopped <- server.Close()
		}()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return <-stopped
	}
}

// Run serves at addr and appends to the file, or to out if path is empty, until ctx ends.
func Run(ctx context.Context, service Service, addr, path string, out io.Writer) (err error) {
	to := out
	if path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		to = f
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Standing in on %s. Ctrl-C stops.\n", listener.Addr())
	return service(ctx, listener, NewRecord(to))
}

// JSON answers with a status and a body.
func JSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("stand-in: the answer was not taken", "error", err)
	}
}
