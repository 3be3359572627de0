package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// receiver is an endpoint that answers 204 at once and notes how old each event was.
type receiver struct {
	url    string
	server *http.Server
	ages   chan time.Duration
	faults chan error // holds the first
}

func startReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{
		url: "http://" + listener.Addr().String() + "/", faults: make(chan error, 1),
		ages: make(chan time.Duration, 2*eventRate*int(eventTime/time.Second)), // more than is caused between two takes
	}
	r.server = &http.Server{Handler: http.HandlerFunc(r.receive), ReadHeaderTimeout: readLimit}
	go func() { _ = r.server.Serve(listener) }() // ends with stop
	return r, nil
}

func (r *receiver) receive(w http.ResponseWriter, request *http.Request) {
	now := time.Now()
	body, err := io.ReadAll(request.Body)
	w.WriteHeader(http.StatusNoContent)
	var created time.Time
	if err == nil {
		created, err = createdAt(body)
	}
	if err != nil {
		select {
		case r.faults <- fmt.Errorf("delivery: %w", err):
		default:
		}
		return
	}
	r.ages <- now.Sub(created)
}

// take returns the ages of the next n events.
func (r *receiver) take(ctx context.Context, n int) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, receiptLimit)
	defer cancel()
	ages := make([]time.Duration, 0, n)
	for len(ages) < n {
		select {
		case age := <-r.ages:
			ages = append(ages, age)
		case err := <-r.faults:
			return nil, err
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d events arrived: %w", len(ages), n, ctx.Err())
		}
	}
	return ages, nil
}

func (r *receiver) stop() error { return r.server.Close() }
