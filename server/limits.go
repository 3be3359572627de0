package server

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// Limits on what a connection may cost us. A client slower than these is cut
// off by net/http, before or after our handlers.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second // header and body
	writeTimeout      = 30 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeaderBytes    = 32 << 10
)

// limited bounds the body before anything reads it. One byte past the limit
// is let through, so that the validator sees that there was more and says so.
func (a *API) limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, gen.MaxBodyBytes+1)
		return next(c)
	}
}

// NewHTTPServer is net/http's server with our limits around the handler.
// What it refuses itself (a bad request line, two Content-Length headers,
// headers over the limit) is plain text without our envelope.
func NewHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
}
