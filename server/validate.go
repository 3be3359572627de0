package server

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// validated runs the operation's generated validator: parameters and body,
// decoded once and strictly, all violations reported together.
func (a *API) validated(op gen.Operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			body, err := readBody(op, r)
			if err != nil {
				return err
			}
			decoded, issues := op.Decode(gen.Input{
				RawQuery:  r.URL.RawQuery,
				PathParam: pathParam(c),
				Header:    r.Header,
				Body:      body,
			})
			if len(issues) > 0 {
				return &problem{code: gen.ErrorCodeInvalidRequest, details: issues}
			}
			if !namesText(c) {
				return &problem{code: gen.ErrorCodeNotFound}
			}
			made := current(c)
			made.body, made.raw = decoded, body
			return next(c)
		}
	}
}

// readBody reads the body of a POST whole. One over the limit comes back a
// byte too long, which the validator reports beside everything else.
func readBody(op gen.Operation, r *http.Request) ([]byte, error) {
	if op.Method == http.MethodGet {
		return nil, nil
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(min(r.ContentLength, gen.MaxBodyBytes)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(r.Body)
	var tooLong *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLong) {
		// A stalled, cut or badly framed body: the socket's own words stay inside.
		return nil, &problem{code: gen.ErrorCodeInvalidRequest, cause: err,
			details: []gen.ErrorDetail{{Field: "", Issue: "could not be read to its end; send it again"}}}
	}
	return body.Bytes(), nil
}

// pathParam reads a parameter as the client meant it: echo hands it over still
// escaped where the path as sent differs from its plain spelling.
func pathParam(c echo.Context) func(string) string {
	return func(name string) string {
		value := c.Param(name)
		if c.Request().URL.RawPath == "" {
			return value
		}
		if plain, err := url.PathUnescape(value); err == nil {
			return plain
		}
		return value
	}
}

// namesText reports whether the path's parameters are text that a database can
// look for. Others (a NUL, invalid UTF-8) resolve nowhere, like any unknown id.
func namesText(c echo.Context) bool {
	read := pathParam(c)
	for _, name := range c.ParamNames() {
		if value := read(name); strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
			return false
		}
	}
	return true
}

// validatedBinder hands generated code the body that was validated, so that
// there is one decode and it is the strict one.
type validatedBinder struct{}

// Bind assigns the validated body to target.
func (validatedBinder) Bind(target any, c echo.Context) error {
	return gen.Bind(current(c).body, target)
}
