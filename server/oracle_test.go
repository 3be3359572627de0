package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/testenv/traffic"
)

// contract is the published document, read by a library that is not ours.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	openapi3filter.RegisterBodyDecoder(eventStream, openapi3filter.PlainBodyDecoder)
	return openapi3.NewLoader().LoadFromData(openapi.Bundle)
})

// eventStream is the media type of the answer that does not end.
const eventStream = "text/event-stream"

// rateHeaders are the six in their published spelling.
var rateHeaders = []string{
	gen.HeaderRateLimitLimit, gen.HeaderRateLimitRemaining, gen.HeaderRateLimitReset,
	gen.HeaderRateLimitDailyLimit, gen.HeaderRateLimitDailyRemaining, gen.HeaderRateLimitDailyReset,
}

// checkAnswer holds every answer under /api/v1 that any test sees against the contract, and writes it down for
// redocly drift, which judges all of them together after the tests (tools/testenv/drift).
func checkAnswer(t testing.TB, r *http.Request, status int, header http.Header, body []byte) {
	t.Helper()
	if !strings.HasPrefix(r.URL.Path, "/api/v1") {
		return
	}
	if !slices.Contains(faulty, r.URL.Path) {
		if err := traffic.Record(r, status, header, body); err != nil {
			t.Error(err)
		}
	}
	if err := compareWithContract(r, status, header, body); err != nil {
		t.Errorf("%s %s answered %d against the contract: %v\n%s", r.Method, r.URL, status, err, body)
	}
}

func compareWithContract(r *http.Request, status int, header http.Header, body []byte) error {
	for _, name := range rateHeaders {
		if n, err := strconv.ParseInt(header.Get(name), 10, 64); err != nil || n < 0 || len(header.Values(name)) != 1 {
			return fmt.Errorf("%s is %q", name, header.Values(name))
		}
	}
	if header.Get("X-Request-Id") == "" {
		return fmt.Errorf("no X-Request-Id")
	}
	if err := checkByStatus(status, header); err != nil {
		return err
	}
	if r.Method == http.MethodHead || status == http.StatusNotModified {
		return nil
	}
	if status >= 400 {
		if err := checkEnvelope(status, header, body); err != nil {
			return err
		}
	}
	return validateByKin(r, status, header, body)
}

func checkByStatus(status int, header http.Header) error {
	if got := header.Get("Retry-After"); (got != "") != (status == http.StatusTooManyRequests) {
		return fmt.Errorf("Retry-After is %q", got)
	}
	if got := header.Get("WWW-Authenticate"); (got == "Bearer") != (status == http.StatusUnauthorized) {
		return fmt.Errorf("WWW-Authenticate is %q", got)
	}
	streams := header.Get("Content-Type") == eventStream
	if status != http.StatusNotModified && (header.Get("Content-Length") == "") != streams {
		return fmt.Errorf("Content-Length is %q", header.Get("Content-Length"))
	}
	return nil
}

// checkEnvelope checks every error body, also of routes that the contract does not know.
func checkEnvelope(status int, header http.Header, body []byte) error {
	document, err := contract()
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("the error is no JSON: %w", err)
	}
	schema := document.Components.Schemas["ErrorResponse"].Value
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		return err
	}
	var envelope gen.ErrorResponse
	if err := json.Unmarshal(body, &envelope); err != nil {
		return err
	}
	if envelope.Error.RequestID != header.Get("X-Request-Id") {
		return fmt.Errorf("requestId %q, header %q", envelope.Error.RequestID, header.Get("X-Request-Id"))
	}
	if after := envelope.Error.RetryAfterSeconds; after != nil && strconv.Itoa(*after) != header.Get("Retry-After") {
		return fmt.Errorf("retryAfterSeconds %d, Retry-After %s", *after, header.Get("Retry-After"))
	}
	if want := envelope.Error.Code.Status(); status != want && status != http.StatusMethodNotAllowed {
		return fmt.Errorf("code %s with status %d", envelope.Error.Code, status)
	}
	return nil
}

// validateByKin validates answers of operations that the contract has.
func validateByKin(r *http.Request, status int, header http.Header, body []byte) error {
	document, err := contract()
	if err != nil {
		return err
	}
	route := routeOf(document, r)
	if route == nil {
		if status < 400 {
			return fmt.Errorf("an operation that the contract does not have")
		}
		return nil
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

func routeOf(document *openapi3.T, r *http.Request) *routers.Route {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	var route *routers.Route
	for _, op := range gen.Operations {
		if op.Method != r.Method || !matches(op.Path, path) {
			continue
		}
		item := document.Paths.Value(op.Path)
		route = &routers.Route{Spec: document, Path: op.Path, PathItem: item, Method: op.Method, Operation: item.GetOperation(op.Method)}
		if op.Path == path { // rather than a template beside it
			break
		}
	}
	return route
}

// matches reports whether a path is one of the template's.
func matches(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i, segment := range want {
		if segment != have[i] && !strings.HasPrefix(segment, "{") {
			return false
		}
	}
	return true
}
