package main

import (
	"context"
	"net/http"
	"time"
)

// answering gives good deliveries the answer that was asked for, after the delay
// that was asked for. Refusals go out as they are and at once.
type answering struct {
	next   http.Handler
	status int
	delay  time.Duration
}

func (a answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.next.ServeHTTP(answerWriter{w, r, a}, r)
}

// answerWriter waits for the 204 with which webhooks.Handler says that the event
// is taken.
type answerWriter struct {
	http.ResponseWriter
	request *http.Request
	answer  answering
}

func (w answerWriter) WriteHeader(status int) {
	if status == http.StatusNoContent {
		wait(w.request.Context(), w.answer.delay)
		status = w.answer.status
	}
	w.ResponseWriter.WriteHeader(status)
}

// wait returns early when ctx ends: the sender has hung up, or Ctrl-C.
func wait(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
