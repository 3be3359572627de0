package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

const contentTypeJSON = "application/json"

// writeJSON writes a whole answer with its Content-Length.
func writeJSON(c echo.Context, status int, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return writeBody(c, status, append(encoded, '\n'))
}

// writeBody writes encoded JSON with its Content-Length: a client can then tell
// a whole answer from one that was cut off.
func writeBody(c echo.Context, status int, body []byte) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, contentTypeJSON)
	header.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	c.Response().WriteHeader(status)
	_, err := c.Response().Write(body)
	return err
}

// renderedAnswer is an answer in memory: the http.ResponseWriter that generated
// code writes into where its bytes are needed before they are sent.
type renderedAnswer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newRenderedAnswer() *renderedAnswer { return &renderedAnswer{header: http.Header{}} }

// Header is kept apart from the real answer's: only what is chosen is copied.
func (r *renderedAnswer) Header() http.Header { return r.header }

// WriteHeader keeps the first status, as net/http does.
func (r *renderedAnswer) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write appends to the body; it never fails.
func (r *renderedAnswer) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// record runs next against memory and returns what it answered. The request's
// real answer is untouched, so that an error of next can still be rendered.
func record(c echo.Context, next echo.HandlerFunc) (*renderedAnswer, error) {
	outer := c.Response()
	answer := newRenderedAnswer()
	c.SetResponse(echo.NewResponse(answer, c.Echo()))
	defer c.SetResponse(outer)
	return answer, next(c)
}
