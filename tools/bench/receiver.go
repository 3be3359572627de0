package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// receiver is an endpoint that answers 204 at once and notes when each event came.
type receiver struct {
	url      string
	server   *http.Server
	arrivals chan arrival
	faults   chan error // holds the first
}

// arrival is an event as it came.
type arrival struct {
	id      string
	created time.Time
	at      time.Time
}

func startReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{
		url: "http://" + listener.Addr().String() + "/", faults: make(chan error, 1),
		arrivals: make(chan arrival, 2*eventRate*int(eventTime/time.Second)), // more than is caused between two takes
	}
	r.server = &http.Server{Handler: http.HandlerFunc(r.receive), ReadHeaderTimeout: readLimit}
	go func() { _ = r.server.Serve(listener) }() // ends with stop
	return r, nil
}

func (r *receiver) receive(w http.ResponseWriter, request *http.Request) {
	now := time.Now()
	body, err := io.ReadAll(request.Body)
	w.WriteHeader(http.StatusNoContent)
	came := arrival{at: now}
	if err == nil {
		came.id, came.created, err = envelope(body)
	}
	if err != nil {
		select {
		case r.faults <- fmt.Errorf("delivery: %w", err):
		default:
		}
		return
	}
	r.arrivals <- came
}

// take returns the next n arrivals.
func (r *receiver) take(ctx context.Context, n int) ([]arrival, error) {
	ctx, cancel := context.WithTimeout(ctx, receiptLimit)
	defer cancel()
	came := make([]arrival, 0, n)
	for len(came) < n {
		select {
		case one := <-r.arrivals:
			came = append(came, one)
		case err := <-r.faults:
			return nil, err
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d events arrived: %w", len(came), n, ctx.Err())
		}
	}
	return came, nil
}

func (r *receiver) stop() error { return r.server.Close() }
