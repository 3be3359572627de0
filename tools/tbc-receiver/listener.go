package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/webhooks"
)

const (
	// attemptTimeout is how long the service waits for an endpoint's answer too.
	attemptTimeout = 10 * time.Second

	// defaultRetry is the pause before a stream is opened again, unless the service asks for another.
	defaultRetry = 5 * time.Second
	longestPause = time.Minute
)

// listener brings the events of a workspace to an application, one after the other in the order of the feed.
type listener struct {
	console    console
	feed       *feed
	place      *place
	forwarder  *forwarder // nil without --forward-to
	secrets    []string
	madeSecret bool
	userAgent  string
	types      []string // all if there are none

	retry  time.Duration
	opened bool // a stream, at least once
	lived  bool // the last stream brought an event, or a comment, which the service sends only after a while
}

// finalError is one that another try would not mend.
type finalError struct{ error }

func (f finalError) Unwrap() error { return f.error }

// errAgain asks for another stream at once: the place is known only now.
var errAgain = errors.New("go on from a place that is known now")

// run ends when ctx does, or with what no further try would mend.
func (l *listener) run(ctx context.Context) error {
	for failures := 0; ; failures++ {
		l.lived = false
		err := l.follow(ctx)
		var final finalError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &final):
			return final.error
		case errors.Is(err, errAgain):
			failures = -1
			continue
		case l.lived:
			failures = 0
		}
		pause, err := l.pause(err, failures)
		fmt.Fprintf(l.console.errs, "%s; trying again in %s\n", cli.Printable(err.Error()), pause.Round(time.Second))
		if l.console.sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// pause is how long to wait after a failure: as long as was asked for, or twice as long after each failure in a row. A
// part of it is chance, so that not all who were cut off come back at once.
func (l *listener) pause(cause error, failures int) (time.Duration, error) {
	pause := min(l.retry<<min(failures, 6), longestPause)
	var later laterError
	if errors.As(cause, &later) {
		pause = later.after
	}
	var chance [1]byte
	if _, err := io.ReadFull(l.console.random, chance[:]); err != nil {
		return pause, err
	}
	return pause + min(pause, longestPause)/4*time.Duration(chance[0])/255, cause
}

// follow takes what one stream brings until it ends, and returns why it did.
func (l *listener) follow(ctx context.Context) error {
	looked, err := l.catchUp(ctx)
	if err != nil {
		return err
	}
	s, err := l.feed.open(ctx, l.place.After, l.opened)
	if err != nil {
		return err
	}
	defer s.close()
	if err := l.begin(s.date); err != nil {
		return err
	}
	for {
		b, err := s.next()
		if err != nil {
			return err
		}
		// Every stream begins with retry and id: one that is cut there again and again is a failure each time.
		l.lived = l.lived || b.comment || len(b.data) > 0
		if b.retry > 0 {
			l.retry = min(max(b.retry, time.Second), longestPause)
		}
		switch {
		case len(b.data) > 0:
			err = l.take(ctx, b.id, b.data)
		case b.id != "" && looked:
			err = l.lookAgain(ctx, b.id)
		case b.id != "":
			err = l.moveTo(b.id)
		}
		if err != nil {
			return err
		}
		looked = looked && b.id == ""
	}
}

// begin tells, once, that events are listened to. Until the first event of an empty feed, the place is a time: the
// service's own.
func (l *listener) begin(date time.Time) error {
	if l.place.After == "" && l.place.Since == nil && !date.IsZero() {
		l.place.Since = &date
	}
	if l.opened {
		fmt.Fprintln(l.console.errs, "Listening again.")
		return nil
	}
	l.opened = true
	if l.forwarder != nil {
		secret := "the one that was given"
		if l.madeSecret {
			secret = l.secrets[0]
		}
		fmt.Fprintf(l.console.out, "The signing secret of this run is %s\n", secret)
	}
	fmt.Fprintf(l.console.out, "Listening to the events of %s. Ctrl-C stops.\n", l.feed.address)
	return l.saved()
}

// catchUp takes the first event since a time, where no other place is known; a stream then goes on behind it. It
// reports whether it has looked for one in vain.
func (l *listener) catchUp(ctx context.Context) (looked bool, err error) {
	if l.place.After != "" || l.place.Since == nil {
		return false, nil
	}
	body, err := l.feed.firstSince(ctx, *l.place.Since)
	if err != nil || body == nil {
		return true, err
	}
	return false, l.take(ctx, "", body)
}

// lookAgain is for a stream that was opened with nothing to go on from. What happened between the look and the opening
// is not in it.
func (l *listener) lookAgain(ctx context.Context, newest string) error {
	body, err := l.feed.firstSince(ctx, *l.place.Since)
	if err != nil {
		return err
	}
	if body == nil {
		return l.moveTo(newest)
	}
	if err := l.take(ctx, "", body); err != nil {
		return err
	}
	return errAgain
}

// take does the work for an event. The place moves on afterwards: what was under way at the end comes again.
func (l *listener) take(ctx context.Context, id string, body []byte) error {
	event, err := webhooks.ParseEvent(body)
	if err != nil {
		return finalError{fmt.Errorf("the service sends what is no event: %w", err)}
	}
	if len(l.types) == 0 || slices.Contains(l.types, event.Type) {
		answer, err := l.forward(ctx, event, body)
		if err != nil {
			return err
		}
		fmt.Fprintf(l.console.out, "%s  %-20s  %s  %s%s\n", l.console.now().Format(time.TimeOnly),
			cli.Printable(event.Type), cli.Printable(event.ID), answer, about(event))
	}
	if id == "" {
		id = event.ID
	}
	return l.moveTo(id)
}

func (l *listener) moveTo(id string) error {
	l.place.After, l.place.Since = id, nil
	return l.saved()
}

func (l *listener) saved() error {
	if err := l.place.save(); err != nil {
		return finalError{fmt.Errorf("keep the place: %w", err)}
	}
	return nil
}

// forward posts an event once, and tells what the application answered. Only the end of ctx is an error.
func (l *listener) forward(ctx context.Context, event webhooks.Event, body []byte) (answer string, err error) {
	if l.forwarder == nil {
		return "", nil
	}
	began := l.console.now()
	d, err := signedDelivery(event, body, began, l.secrets)
	if err != nil {
		return "", finalError{err}
	}
	d.Header["User-Agent"] = []string{l.userAgent}
	status, err := l.forwarder.post(ctx, d)
	took := l.console.now().Sub(began).Milliseconds()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return fmt.Sprintf("not delivered (%s)  ", cli.Printable(reason(err))), nil
	}
	return fmt.Sprintf("%d in %d ms  ", status, took), nil
}
