package server

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// deprecated announces the end of an operation on each of its answers:
// Deprecation as RFC 9745 writes it (a structured date), Sunset as RFC 8594
// does (an HTTP date). The dates come from the contract.
func deprecated(op gen.Operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if op.Deprecation == nil {
			return next
		}
		at := "@" + strconv.FormatInt(op.Deprecation.At.Unix(), 10)
		sunset := op.Deprecation.Sunset.UTC().Format(http.TimeFormat)
		return func(c echo.Context) error {
			c.Response().Header().Set("Deprecation", at)
			c.Response().Header().Set("Sunset", sunset)
			return next(c)
		}
	}
}
