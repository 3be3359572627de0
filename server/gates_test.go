package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// Generated code would send an empty 200 for a handler that returned nothing.
func TestAnswered_NilResponseIsAnError(t *testing.T) {
	t.Parallel()
	r := withCall(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), &call{})
	c := echo.New().NewContext(r, httptest.NewRecorder())
	_, err := answered(func(echo.Context, any) (any, error) { return nil, nil }, "getMe")(c, nil)
	if !errors.Is(err, errNoResponse) {
		t.Errorf("got %v", err)
	}
}

func TestDeprecated_AnnouncesBothDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	op := gen.Operation{Deprecation: &gen.Deprecation{At: at, Sunset: at.AddDate(0, 6, 0)}}
	c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), httptest.NewRecorder())
	if err := deprecated(op)(func(echo.Context) error { return nil })(c); err != nil {
		t.Fatal(err)
	}
	if got := c.Response().Header().Get("Deprecation"); got != "@1798761600" {
		t.Errorf("Deprecation is %q", got)
	}
	if got := c.Response().Header().Get("Sunset"); got != "Thu, 01 Jul 2027 00:00:00 GMT" {
		t.Errorf("Sunset is %q", got)
	}
}
