package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// defaultMemory is how many ids a handler remembers when it is given no Dedupe.
const defaultMemory = 10_000

// Delivery is a verified event with what came around it.
type Delivery struct {
	Event Event

	// ID is that of the delivery, evd_…: one event to one endpoint, the same in
	// all attempts. Attempt counts them from 1 and is 0 if it was not sent. Both
	// come from headers, which are not signed.
	ID      string
	Attempt int

	Header http.Header
	Body   []byte // exactly the bytes that were signed
}

// Config is what a Handler needs to know. Secrets and Now are required.
type Config struct {
	// Secrets are the signing secrets, whsec_…: one, or during a rotation both.
	Secrets []string

	// Now is the clock, usually time.Now.
	Now func() time.Time

	// Dedupe defaults to a NewMemory of 10,000 ids.
	Dedupe Dedupe

	// Log hears of refused, repeated and failed deliveries. It is never given a
	// body, a secret or a signature. The default is silence.
	Log *slog.Logger
}

// Handler receives deliveries. It answers
//
//	204  the event was handed over, now or earlier
//	400  malformed signature or event, a signing time outside the window, or a body that broke off
//	401  no signature, or one that does not match
//	405  not a POST
//	413  a body over BodyLimit
//	500  the work failed: the delivery is attempted again
//
// The sender attempts a delivery again after a 5xx and when it had no answer in
// time, and gives up at other 4xx than 408 and 429. It waits about ten seconds
// for an answer: work that may take longer is better put into a queue of one's
// own. The time to read a request is the server's to bound, with ReadTimeout.
type Handler struct {
	config Config
	work   func(context.Context, Delivery) error
}

// NewHandler returns a Handler that calls work once for each event. If work
// returns an error, the event is not remembered, the sender is told so, and work
// is called again at the next attempt.
func NewHandler(config Config, work func(context.Context, Delivery) error) (*Handler, error) {
	if err := checkSecrets(config.Secrets); err != nil {
		return nil, err
	}
	if config.Now == nil || work == nil {
		return nil, errors.New("webhooks: a handler needs a clock and something to call")
	}
	if config.Dedupe == nil {
		config.Dedupe = NewMemory(defaultMemory)
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{config: config, work: work}, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "deliveries are POST requests", http.StatusMethodNotAllowed)
		return
	}
	delivery, err := h.receive(w, r)
	if err != nil {
		h.config.Log.WarnContext(r.Context(), "delivery refused", "reason", err)
		// The text goes into the sender's delivery log, where it helps its owner.
		http.Error(w, err.Error(), refusalStatus(err))
		return
	}
	if err := h.handOver(r.Context(), delivery); err != nil {
		http.Error(w, "the event could not be processed", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// receive reads and verifies a request. Nothing of it is looked at before the
// signature has been found good.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) (Delivery, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, BodyLimit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return Delivery{}, ErrBodyTooLarge
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("read the body: %w", err)
	}
	signature := strings.Join(r.Header.Values(HeaderSignature), ",")
	if err := Verify(signature, body, h.config.Now(), h.config.Secrets...); err != nil {
		return Delivery{}, err
	}
	event, err := ParseEvent(body)
	if err != nil {
		return Delivery{}, err
	}
	attempt, _ := strconv.Atoi(r.Header.Get(HeaderAttempt))
	id := r.Header.Get(HeaderDelivery)
	return Delivery{Event: event, ID: id, Attempt: attempt, Header: r.Header, Body: body}, nil
}

func (h *Handler) handOver(ctx context.Context, delivery Delivery) error {
	ran, err := h.config.Dedupe.Once(ctx, delivery.Event.ID, func(ctx context.Context) error {
		return h.work(ctx, delivery)
	})
	log := h.config.Log.With("event", delivery.Event.ID, "delivery", delivery.ID, "attempt", delivery.Attempt)
	switch {
	case err != nil:
		log.ErrorContext(ctx, "event not processed, to be delivered again", "error", err)
	case !ran:
		log.InfoContext(ctx, "event repeated, processed earlier")
	}
	return err
}

func refusalStatus(err error) int {
	switch {
	case errors.Is(err, ErrBodyTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrNoSignature), errors.Is(err, ErrMismatch):
		// During a rotation the sender answers 401 with one more attempt, its
		// signatures in the other order.
		return http.StatusUnauthorized
	default:
		return http.StatusBadRequest
	}
}
