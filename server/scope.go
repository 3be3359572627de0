package server

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// scoped refuses a good key that lacks the operation's scope, and names the scope.
func scoped(op gen.Operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if op.Scope != "" && !current(c).may(op.Scope) {
				return missingScope(op.Scope)
			}
			return next(c)
		}
	}
}

func missingScope(scope string) error {
	return &problem{code: gen.ErrorCodeForbidden, message: fmt.Sprintf("This key lacks the scope %s.", scope)}
}
