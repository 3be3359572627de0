// Package dashboard is the pages under /dashboard: server-rendered, at home
// without JavaScript, for the people of a workspace. It knows the store and the
// contract's generated tables, and nothing of the API's gates.
//
// routes.go lists every page with who may see it; visit.go is one request;
// page.go writes an answer; views holds the templates, assets what they load.
package dashboard

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

// Dashboard serves the pages.
type Dashboard struct {
	Parts
	views     map[string]view
	assets    map[string]asset
	version   string // of the assets
	crossSite *http.CrossOriginProtection
}

// Parts are what the pages are made of.
type Parts struct {
	Settings
	Store         *store.Store // opened and migrated
	Log           *slog.Logger
	Now           func() time.Time
	Rand          io.Reader // of form ids; nil is crypto/rand
	Passwords     *password.Hasher
	Destinations  Destinations
	ClientAddress func(*http.Request) netip.Addr
	RequestID     func(context.Context) string // of the request that ctx belongs to
}

// Settings are what the operator decided.
type Settings struct {
	BaseURL      string        // public origin without a trailing slash; https makes the cookie Secure
	Production   bool          // adds HSTS and hides what only development shows
	DisableAfter time.Duration // failing time until an endpoint is disabled
}

// Destinations decides where webhooks may be sent. Its errors are sentences for
// whoever entered the URL.
type Destinations interface {
	CheckURL(url string) error
}

// New makes the dashboard.
func New(parts Parts) *Dashboard {
	if parts.Rand == nil {
		parts.Rand = rand.Reader
	}
	d := &Dashboard{Parts: parts, views: parseViews(), assets: readAssets(), crossSite: http.NewCrossOriginProtection()}
	d.version = version(d.assets)
	d.crossSite.SetDenyHandler(http.HandlerFunc(d.refuseCrossSite))
	return d
}

// Handler answers everything under /dashboard.
func (d *Dashboard) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.Handle(r.method+" "+r.path, d.serve(r))
	}
	mux.HandleFunc("GET /dashboard/assets/{name}", d.serveAsset)
	mux.HandleFunc("GET /dashboard/shown", d.serveShown)
	mux.Handle("/dashboard/", d.serve(route{may: anyone, serve: (*Dashboard).nothingHere}))
	return d.guarded(d.crossSite.Handler(mux))
}
