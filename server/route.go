package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// isAPI reports whether the path lies under /api/v1. The decoded path is asked,
// so that no spelling of it gets round authentication.
func isAPI(r *http.Request) bool {
	return r.URL.Path == basePath || strings.HasPrefix(r.URL.Path, basePath+"/")
}

// onlyAPI chains gates that requests beside /api/v1 (health, contract) do not pass.
func onlyAPI(gates ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		gated := next
		for _, gate := range slices.Backward(gates) {
			gated = gate(gated)
		}
		return func(c echo.Context) error {
			if isAPI(c.Request()) {
				return gated(c)
			}
			return next(c)
		}
	}
}

// routed answers what the router found nothing for. A known path with another
// method is 405 with Allow; methods are case-sensitive, HEAD and OPTIONS are
// other methods too (echo would answer OPTIONS by itself, without envelope).
func (a *API) routed(e *echo.Echo) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Get(echo.ContextKeyHeaderAllow) == nil {
				return next(c)
			}
			allowed := allowedMethods(e, c.Path())
			c.Response().Header().Set(echo.HeaderAllow, strings.Join(allowed, ", "))
			return &problem{
				code:    gen.ErrorCodeNotFound,
				status:  http.StatusMethodNotAllowed,
				message: "This path answers " + strings.Join(allowed, " and ") + " only. Methods are case-sensitive.",
			}
		}
	}
}

// allowedMethods lists the methods of a route's template, sorted.
func allowedMethods(e *echo.Echo, path string) []string {
	var methods []string
	for _, route := range e.Routes() {
		if route.Path == path {
			methods = append(methods, route.Method)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}
