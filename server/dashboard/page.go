package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

// answer is a page to show or a place to go on to.
type answer struct {
	status   int // 0 is 200
	view     string
	title    string
	data     any
	location string
}

// show is a page.
func show(view, title string, data any) answer { return answer{view: view, title: title, data: data} }

// again is the page of a form that was not accepted, with what was entered.
func again(view, title string, data any) answer {
	return answer{status: http.StatusUnprocessableEntity, view: view, title: title, data: data}
}

// goTo is a redirect that a browser follows with GET.
func goTo(location string) answer { return answer{status: http.StatusSeeOther, location: location} }

// message is the page that says one thing.
type message struct{ Heading, Text string }

func refusal(status int, heading, text string) answer {
	return answer{status: status, view: "message", title: heading, data: message{heading, text}}
}

// badForm is what was wrong with the bytes of a form.
func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &unreadable{http.StatusRequestEntityTooLarge, fmt.Sprintf("A form may have %d KiB.", maxForm>>10)}
	}
	return &unreadable{http.StatusBadRequest, "The form could not be read. Go back and send it again."}
}

type unreadable struct {
	status int
	text   string
}

func (e *unreadable) Error() string { return e.text }

// errorPage is the one place where errors become pages. What does not exist and
// what belongs to another workspace look the same.
func errorPage(err error, requestID string) answer {
	var (
		bytes   *unreadable
		invalid *store.Invalid
	)
	switch {
	case errors.As(err, &bytes):
		return refusal(bytes.status, "That did not work", bytes.text)
	case errors.Is(err, password.ErrBusy):
		return refusal(http.StatusServiceUnavailable, "We are busy", "Many people sign in at this moment. Try again in a few seconds.")
	case errors.Is(err, store.ErrNotFound):
		return refusal(http.StatusNotFound, "There is nothing here", "The address is wrong, or what it named is gone.")
	case errors.Is(err, store.ErrBadCursor):
		return refusal(http.StatusUnprocessableEntity, "This page of the list is not there any more", "Start again at the newest entries.")
	case errors.As(err, &invalid):
		return refusal(http.StatusUnprocessableEntity, "That cannot be done", sentence(invalid.Issue))
	}
	return refusal(http.StatusInternalServerError, "Something went wrong on our side",
		"Nothing was lost. Try again in a moment; if it stays, tell us this request id: "+requestID)
}

// write sends the answer. The cause of a fault goes to the log, here and once.
func (d *Dashboard) write(w http.ResponseWriter, v *visit, shown answer, err error) {
	ctx := v.request.Context()
	if err != nil {
		shown = errorPage(err, d.RequestID(ctx))
		if shown.status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
			d.fail(ctx, err)
		}
	}
	for _, cookie := range v.cookies {
		http.SetCookie(w, cookie)
	}
	if shown.location != "" {
		w.Header().Set("Location", shown.location)
		w.WriteHeader(shown.status)
		return
	}
	var page bytes.Buffer
	if err := d.render(&page, v, shown); err != nil {
		d.fail(ctx, err)
		http.Error(w, "This page cannot be shown. Request id: "+d.RequestID(ctx), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(max(shown.status, http.StatusOK))
	if v.request.Method != http.MethodHead {
		_, _ = w.Write(page.Bytes()) // the connection's end tells whoever waits
	}
}

func (d *Dashboard) fail(ctx context.Context, err error) {
	d.Log.LogAttrs(ctx, slog.LevelError, "dashboard request failed",
		slog.String("requestId", d.RequestID(ctx)), slog.String("error", err.Error()))
}

// zone is where the workspace's days begin; UTC where nobody is signed in.
func zone(session store.Session) *time.Location {
	if found, err := time.LoadLocation(session.TimeZone); err == nil {
		return found
	}
	return time.UTC
}
