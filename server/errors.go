package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// problem is an error that already knows what the caller may read: everything
// in it is public. Other errors become problems in toProblem alone.
type problem struct {
	code       gen.ErrorCode
	status     int    // 0: the status of the code
	message    string // "": the catalogue's message for the code
	details    []gen.ErrorDetail
	retryAfter int // seconds; only with rate_limited
	cause      error
}

func (p *problem) Error() string {
	if p.cause != nil {
		return string(p.code) + ": " + p.cause.Error()
	}
	return string(p.code) + ": " + p.message
}

func (p *problem) Unwrap() error { return p.cause }

// invalid is a 422 with one detail.
func invalid(field, issue string) *problem {
	return &problem{code: gen.ErrorCodeInvalidRequest, details: []gen.ErrorDetail{{Field: field, Issue: issue}}}
}

// toProblem is the one place where the store's nouns and echo's errors become HTTP.
func toProblem(err error) *problem {
	var (
		known   *problem
		refused *store.Invalid
		routed  *echo.HTTPError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refused):
		return invalid(refused.Field, refused.Issue)
	case errors.Is(err, store.ErrNotFound):
		return &problem{code: gen.ErrorCodeNotFound, cause: err}
	case errors.Is(err, store.ErrUnauthorized):
		return &problem{code: gen.ErrorCodeUnauthorized, cause: err}
	case errors.Is(err, store.ErrBadCursor):
		return invalid("cursor", "is not a cursor of this list with these filters; start again without it")
	case errors.Is(err, store.ErrIdempotencyMismatch):
		return invalid(gen.HeaderIdempotencyKey, "was already used with another request; use a new key for a new request")
	case errors.As(err, &routed) && routed.Code == http.StatusNotFound:
		return &problem{code: gen.ErrorCodeNotFound, message: "There is nothing at this path."}
	case errors.As(err, &routed) && routed.Code == http.StatusMethodNotAllowed: // beside /api/v1; echo has set Allow
		return &problem{code: gen.ErrorCodeNotFound, status: routed.Code, message: "This path answers other methods only."}
	}
	return &problem{code: gen.ErrorCodeInternalError, cause: err}
}

// handleError renders every error of every gate, handler, router and binder.
// The caller reads the catalogue's text; the cause goes to the log, here and once.
func (a *API) handleError(err error, c echo.Context) {
	p := toProblem(err)
	status := p.status
	if status == 0 {
		status = p.code.Status()
	}
	a.logProblem(c.Request().Context(), p, status)
	if c.Response().Committed {
		return // too late to say anything; the connection's end tells the caller
	}
	header := c.Response().Header()
	switch p.code {
	case gen.ErrorCodeUnauthorized:
		header[gen.HeaderWWWAuthenticate] = []string{"Bearer"}
	case gen.ErrorCodeRateLimited:
		header[gen.HeaderRetryAfter] = []string{strconv.Itoa(p.retryAfter)}
	}
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	if err := writeJSON(c, status, p.envelope(current(c).requestID)); err != nil {
		a.log.LogAttrs(c.Request().Context(), slog.LevelDebug, "answer not written", slog.String("error", err.Error()))
	}
}

// envelope is the generated error body. An empty message is the catalogue's.
func (p *problem) envelope(requestID string) gen.ErrorResponse {
	envelope := gen.NewError(p.code, requestID, p.message)
	if len(p.details) > 0 {
		envelope = envelope.WithDetails(p.details)
	}
	if p.code == gen.ErrorCodeRateLimited {
		envelope = envelope.WithRetryAfter(p.retryAfter)
	}
	return envelope
}

func (a *API) logProblem(ctx context.Context, p *problem, status int) {
	if status < http.StatusInternalServerError || errors.Is(p, context.Canceled) {
		return // the caller's own doing; the access log has its line
	}
	attrs := []slog.Attr{slog.String("requestId", callOf(ctx).requestID), slog.String("error", p.Error())}
	var fault *panicked
	unexpected := errors.As(p, &fault)
	a.metrics.Failed(unexpected)
	if unexpected {
		attrs = append(attrs, slog.String("stack", string(fault.stack)))
	}
	a.log.LogAttrs(ctx, slog.LevelError, "request failed", attrs...)
}
