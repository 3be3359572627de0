package dashboard

import (
	"cmp"
	"net/url"
	"time"

	"github.com/thebigclass/api/store"
)

// defaultDisableAfter is how long an endpoint may fail unless the operator says otherwise.
const defaultDisableAfter = 7 * 24 * time.Hour

// hookView is an endpoint as pages show it.
type hookView struct {
	store.Endpoint
	Health health
	Path   string
}

// The states of an endpoint's health, with the look of their tags.
var (
	unknownHealth   = health{Tag: "", Word: "Nothing sent yet"}
	wellHealth      = health{Tag: "good", Word: "Healthy"}
	failingHealth   = health{Tag: "bad", Word: "Failing"}
	disabledHealth  = health{Tag: "", Word: "Disabled"}
	givenUpHealth   = health{Tag: "bad", Word: "Disabled by us"}
	recoveringWords = map[string]string{
		store.RecoveryQueued: "Waiting", store.RecoveryRunning: "Sending", store.RecoveryCompleted: "Done", store.RecoveryFailed: "Ended early",
	}
)

// health says how an endpoint is.
type health struct {
	Tag, Word string
	Allowed   string    // how long it may fail, in words
	EndsAt    time.Time // an attempt that fails then or later disables it; zero unless it is failing
	Overdue   bool      // EndsAt has passed: the next failed attempt may be the last
	Overlap   bool      // the old secret signs beside the new one
}

func (d *Dashboard) hookView(p store.Endpoint) hookView {
	return hookView{Endpoint: p, Health: d.health(p), Path: hookPath(p.ID)}
}

func (d *Dashboard) health(p store.Endpoint) health {
	allowed, now := cmp.Or(d.DisableAfter, defaultDisableAfter), d.Now()
	h := unknownHealth
	switch {
	case p.Status == store.EndpointDisabled && p.DisabledReason != nil && *p.DisabledReason == store.DisabledFailing:
		h = givenUpHealth
	case p.Status == store.EndpointDisabled:
		h = disabledHealth
	case p.FailingSince != nil:
		h = failingHealth
		h.EndsAt = p.FailingSince.Add(allowed)
		h.Overdue = !h.EndsAt.After(now)
	case p.LastSuccessAt != nil:
		h = wellHealth
	}
	h.Allowed = largestUnit(allowed)
	h.Overlap = p.OldSecretExpiresAt != nil && p.OldSecretExpiresAt.After(now)
	return h
}

// Name is what people call the endpoint: its label, or the host of its URL.
func (h hookView) Name() string {
	if h.Label != "" {
		return h.Label
	}
	return h.Host()
}

// Host is where it is. The rest of the URL may hold something secret, so lists leave it out.
func (h hookView) Host() string {
	if parsed, err := url.Parse(h.URL); err == nil {
		return parsed.Host
	}
	return h.ID
}

// Active reports whether anything is sent to it.
func (h hookView) Active() bool { return h.Status == store.EndpointActive }

// All reports whether it hears of every event.
func (h hookView) All() bool { return len(h.Events) == 1 && h.Events[0] == "*" }
