package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/metrics"
	"github.com/thebigclass/api/store"
)

// maxAuthorizationBytes bounds what is looked at; a key is 40 characters.
const maxAuthorizationBytes = 256

// authenticated finds the key, counts the call in both its windows and reads
// its workspace's version, all in one round trip; nothing of it is remembered
// between calls, so that a revoked key fails on its very next one. A malformed
// key never reaches the database. All bad keys get one identical 401.
func (a *API) authenticated(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		hash, ok := bearer(c.Request().Header)
		if !ok {
			return a.unauthorized(c)
		}
		admission, err := a.store.Admit(c.Request().Context(), hash)
		if errors.Is(err, store.ErrUnauthorized) {
			return a.unauthorized(c)
		}
		if err != nil {
			return err // nobody counted: the headers of rated stand
		}
		made := current(c)
		made.key, made.version = admission.Key, admission.Version
		made.client, made.agent = clientAddress(c.Request(), a.config.TrustedProxies), c.Request().UserAgent()
		made.rates = rates{admitted: admission.Admitted, now: admission.Now, minute: admission.Minute, day: admission.Day}
		made.rates.setHeaders(c.Response().Header())
		if !admission.Admitted {
			a.metrics.Refused(made.rates.binding())
			return made.rates.refusal()
		}
		return next(c)
	}
}

// bearer reads the key from exactly one Authorization header of the form
// "Bearer <key>", the scheme in any case. A key anywhere else is no key.
func bearer(h http.Header) (hash [32]byte, ok bool) {
	sent := h.Values("Authorization")
	if len(sent) != 1 || len(sent[0]) > maxAuthorizationBytes {
		return hash, false
	}
	scheme, token, found := strings.Cut(sent[0], " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return hash, false
	}
	return store.ParseToken(token)
}

// unauthorized draws on the bucket of the client's address, whose numbers fill
// the headers, and refuses with 429 once that is empty.
func (a *API) unauthorized(c echo.Context) error {
	a.metrics.Unauthenticated()
	left := a.anonymous.take(clientAddress(c.Request(), a.config.TrustedProxies))
	left.setHeaders(c.Response().Header())
	if !left.admitted {
		a.metrics.Refused(metrics.Anonymous)
		return left.refusal()
	}
	return &problem{code: gen.ErrorCodeUnauthorized}
}
