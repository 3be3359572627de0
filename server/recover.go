package server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"
)

// recovered turns a panic into the 500 of any other fault. It stands
// outside every gate but the request id, and what it renders keeps the headers that inner gates have set.
func (a *API) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		response := c.Response()
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if cause, ok := fault.(error); ok && errors.Is(cause, http.ErrAbortHandler) {
				panic(fault) // net/http's own way to drop a connection
			}
			// A gate below may have been recording the answer: write to the real one.
			c.SetResponse(response)
			err = &panicked{value: fault, stack: debug.Stack()}
		}()
		return next(c)
	}
}

// panicked is a recovered panic; its stack goes to the log and nowhere else.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }
