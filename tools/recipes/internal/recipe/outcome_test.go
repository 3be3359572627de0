package recipe_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
)

// Of several parts, one that may still succeed keeps the event from being put aside.
func TestJoin_IsPermanentOnlyIfAllOfItIs(t *testing.T) {
	t.Parallel()
	gone, away := recipe.Permanent(errors.New("gone")), errors.New("away")
	for name, c := range map[string]struct {
		parts     []error
		permanent bool
		text      string
	}{
		"nothing failed":         {[]error{nil, nil}, false, ""},
		"one is hopeless":        {[]error{nil, gone}, true, "gone"},
		"both are hopeless":      {[]error{gone, gone}, true, "gone\ngone"},
		"one may still succeed":  {[]error{gone, away}, false, "gone\naway"},
		"in the other order too": {[]error{away, gone, nil}, false, "away\ngone"},
	} {
		joined := recipe.Join(c.parts...)
		text := ""
		if joined != nil {
			text = joined.Error()
		}
		if recipe.IsPermanent(joined) != c.permanent || text != c.text {
			t.Errorf("%s: %q, permanent %v", name, text, recipe.IsPermanent(joined))
		}
	}
}

// asking is a recipe whose work posts to a service that answers as given.
func asking(t *testing.T, answer http.HandlerFunc) *recipetest.Kitchen {
	t.Helper()
	service := httptest.NewServer(answer)
	t.Cleanup(service.Close)
	return recipetest.New(t, recipe.Recipe{
		Name: "trial", Addr: "127.0.0.1:0", Events: []string{"order.paid"},
		Open: func(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
			return func(ctx context.Context, _ recipe.Task) error {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, service.URL, strings.NewReader("{}"))
				if err != nil {
					return err
				}
				_, err = s.Call("The service", request)
				return err
			}, nil
		},
	}, map[string]string{})
}

// A redirect is no success: followed, it would turn the POST into a GET that answers 200 and does nothing.
func TestCall_ARedirectIsARefusal(t *testing.T) {
	t.Parallel()
	k := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
		}
	})
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("0 done, 0 waiting, 1 failed")
	if printed, _ := k.Run("status"); !strings.Contains(printed, "The service answers 301") {
		t.Error(printed)
	}
}

// What a service says may name a person: status shows it, the log does not.
func TestCall_TheLogDoesNotHaveWhatTheServiceSays(t *testing.T) {
	t.Parallel()
	k := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "meera@example.com is invalid", http.StatusBadRequest)
	})
	var log bytes.Buffer
	k.Log = slog.New(slog.NewTextHandler(&log, nil))
	k.Start()
	deliver(k, orderPaid)
	k.WantStatus("0 done, 0 waiting, 1 failed")
	printed, _ := k.Run("status")
	k.Stop()
	if !strings.Contains(printed, "meera@example.com is invalid") || strings.Contains(log.String(), "meera") || !strings.Contains(log.String(), "answers 400") {
		t.Errorf("status prints %s and the log has %s", printed, log.String())
	}
}

// A mistaken Retry-After parks an event for a day and not for years.
func TestCall_RetryAfterHasABound(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"100000000", "Inf", "NaN", "-5", time.Now().AddDate(3, 0, 0).UTC().Format(http.TimeFormat)} { //nolint:forbidigo // a date far ahead
		k := asking(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		k.Start()
		deliver(k, orderPaid)
		k.Await(func() (string, bool) {
			printed, _ := k.Run("status")
			return printed, strings.Contains(printed, "answers 429")
		}, "the first attempt")
		k.Advance(25 * time.Hour)
		k.Await(func() (string, bool) {
			printed, _ := k.Run("status")
			return printed, !strings.Contains(printed, "after 1 attempts")
		}, "a second attempt after "+value)
		k.Stop()
	}
}

// Somebody who mistypes the folder is not told that all is well.
func TestStatus_OfNoFolderIsAnError(t *testing.T) {
	t.Parallel()
	k := kitchen(t, func(context.Context, recipe.Task) error { return nil })
	if printed, code := k.Run("status"); code != 1 || !strings.Contains(printed, "is not the folder of a recipe") {
		t.Errorf("status ends with %d: %s", code, printed)
	}
}
