package server

import (
	"regexp"

	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"
)

// callersRequestID is what we accept as a caller's own id: short enough to log,
// and nothing in it that a log or a terminal could misread.
var callersRequestID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

const headerRequestID = "X-Request-Id"

// identified names the request: by the caller's own X-Request-Id where it is
// well formed and sent once, by a new ULID otherwise.
func (a *API) identified(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := ""
		if sent := c.Request().Header[headerRequestID]; len(sent) == 1 && callersRequestID.MatchString(sent[0]) {
			id = sent[0]
		} else {
			id = a.newRequestID()
		}
		c.SetRequest(withCall(c.Request(), &call{requestID: id}))
		c.Response().Header()[headerRequestID] = []string{id}
		return next(c)
	}
}

// newRequestID uses ULID's own locked entropy: an id is a name, not a secret.
func (a *API) newRequestID() string {
	return ulid.MustNew(ulid.Timestamp(a.now()), ulid.DefaultEntropy()).String()
}
