// Package mail sends the e-mails of the outbox. The transactions that cause them
// write them there; this loop hands them over to SMTP, at least once each.
package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
)

// Outbox is the part of the store that a Loop works on.
type Outbox interface {
	ClaimEmails(ctx context.Context, n int) ([]store.OutgoingEmail, error)
	EmailSent(ctx context.Context, m store.OutgoingEmail) error
	EmailPutAside(ctx context.Context, m store.OutgoingEmail, forgetLink bool) error
	RetryEmail(ctx context.Context, m store.OutgoingEmail, delay time.Duration) error
}

// Sender hands an e-mail over. An error that wraps ErrRefused is final.
type Sender interface {
	Send(ctx context.Context, m store.OutgoingEmail) error
}

// ErrRefused is an e-mail that no later try can deliver.
var ErrRefused = errors.New("the e-mail was refused")

const (
	// poll is how often the outbox is looked at. Nobody waits for an e-mail to the second.
	poll = 2 * time.Second
	// batch is how many e-mails one claim takes. They are sent one after the other,
	// within the lease of the claim even if each takes sendTimeout.
	batch = 4
	// sendTimeout bounds one conversation with the mail server.
	sendTimeout = 30 * time.Second
	// settleTimeout bounds the writing down of what came of it, also during a stop.
	settleTimeout = 5 * time.Second
)

// retries are the delays after each failed try, as for webhooks.
var retries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour}

// Loop empties the outbox. Any number of processes may run one.
type Loop struct {
	Outbox Outbox
	// Sender is nil where no mail server is configured: e-mails are then only logged,
	// without addresses or bodies, and stay readable in the outbox.
	Sender Sender
	// ForgetLinks empties e-mails that let somebody in and will not be sent. Only on a
	// developer's machine is the outbox the place to read them.
	ForgetLinks bool
	Log         *slog.Logger
	// Count hears what came of each e-mail; nil is nobody.
	Count func(metrics.EmailOutcome)
}

// Run sends what is due until ctx ends. An e-mail that is on its way then is cut
// off and sent again later.
func (l *Loop) Run(ctx context.Context) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		for ctx.Err() == nil && l.Once(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Once sends one batch and reports whether there may be more.
func (l *Loop) Once(ctx context.Context) bool {
	claimed, err := l.Outbox.ClaimEmails(ctx, batch)
	if err != nil {
		if ctx.Err() == nil {
			l.Log.ErrorContext(ctx, "claim e-mails", "error", err)
		}
		return false
	}
	for _, m := range claimed {
		if err := l.settle(ctx, m, l.send(ctx, m)); err != nil {
			l.Log.ErrorContext(ctx, "settle an e-mail", "email", m.ID, "error", err)
		}
	}
	return len(claimed) == batch
}

func (l *Loop) send(ctx context.Context, m store.OutgoingEmail) error {
	if l.Sender == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return l.Sender.Send(ctx, m)
}

// settle writes down what came of an e-mail, whether or not a stop was asked for.
func (l *Loop) settle(ctx context.Context, m store.OutgoingEmail, sent error) error {
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	log := l.Log.With("email", m.ID, "kind", m.Kind, "workspace", m.WorkspaceID)
	switch {
	case l.Sender == nil:
		log.InfoContext(ctx, "e-mail kept: no mail server is configured")
		l.count(metrics.EmailKept)
		return l.Outbox.EmailPutAside(settling, m, l.ForgetLinks)
	case sent == nil:
		log.InfoContext(ctx, "e-mail sent")
		l.count(metrics.EmailSent)
		return l.Outbox.EmailSent(settling, m)
	case ctx.Err() != nil:
		return l.Outbox.RetryEmail(settling, m, 0)
	case errors.Is(sent, ErrRefused) || m.Tries >= len(retries):
		log.ErrorContext(ctx, "e-mail given up", "error", sent)
		l.count(metrics.EmailFailed)
		return l.Outbox.EmailPutAside(settling, m, l.ForgetLinks)
	}
	log.WarnContext(ctx, "e-mail not sent", "error", sent)
	l.count(metrics.EmailRetried)
	return l.Outbox.RetryEmail(settling, m, retries[m.Tries])
}

func (l *Loop) count(outcome metrics.EmailOutcome) {
	if l.Count != nil {
		l.Count(outcome)
	}
}
