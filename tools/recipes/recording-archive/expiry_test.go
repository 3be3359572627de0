package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
)

const past, future = "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"

// knows makes the API say this of the recording.
func (s *studio) knows(changes map[string]any) {
	s.Helper()
	api := recipetest.NewAPI(s.T)
	api.Put("recordings/"+recording, json.RawMessage(dataOf(s.T, s.event(changes))))
	s.Env["TBC_URL"], s.Env["TBC_KEY"] = api.URL, recipetest.Key
}

// What the API says now decides: the same address may have been given more time, or all the time there is.
func TestRecordingArchive_AnAddressMayExpireLaterThanItsEventSays(t *testing.T) {
	t.Parallel()
	for _, now := range []any{future, nil} {
		s := newStudio(t, small)
		s.knows(map[string]any{"urlExpiresAt": now})
		s.Start()
		s.Deliver(s.event(map[string]any{"urlExpiresAt": past}))
		s.wantArchived()
	}
}

// An address that the API itself calls expired is a person's business, whichever it is.
func TestRecordingArchive_AnAddressThatStaysExpiredIsPutAside(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"/class.mp4", "/other.mp4"} {
		s := newStudio(t, small)
		s.knows(map[string]any{"urlExpiresAt": past, "url": strings.Replace(s.media, "/class.mp4", url, 1)})
		s.Start()
		s.Deliver(s.event(map[string]any{"urlExpiresAt": past}))
		s.WantStatus("0 done, 0 waiting, 1 failed")
		s.says("expired at " + past + " and there is no other")
	}
}

// An address that is refused and still the one to ask is asked again later, whether or not the API can be.
func TestRecordingArchive_ARefusalMayPass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expires any
		keyed   bool
	}{{future, true}, {nil, true}, {future, false}, {nil, false}} {
		s, expires := newStudio(t, small), c.expires
		if c.keyed {
			s.knows(map[string]any{"urlExpiresAt": expires})
		}
		forbidden := fault(func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusForbidden)
			return true
		})
		s.mediaFault.Store(&forbidden)
		s.Start()
		s.Deliver(s.event(map[string]any{"urlExpiresAt": expires}))
		s.says("the file's address answers 403 Forbidden")
		s.WantStatus("0 done, 1 waiting, 0 failed")
		s.mediaFault.Store(nil)
		s.Advance(time.Minute)
		s.wantArchived()
	}
}
