package main

import (
	"net/http"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
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
		// Cut short when the sender hangs up, and by Ctrl-C.
		_ = cli.Sleep(w.request.Context(), w.answer.delay)
		status = w.answer.status
	}
	w.ResponseWriter.WriteHeader(status)
}
