package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/thebigclass/api/server/dashboard/chart"
	"github.com/thebigclass/api/store"
)

// keyRoutes are the pages about API keys and what they were used for.
var keyRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/developer", may: member, serve: (*Dashboard).keys},
	{method: http.MethodGet, path: "/dashboard/developer/requests", may: member, serve: (*Dashboard).findRequests},
	{method: http.MethodGet, path: "/dashboard/developer/keys/new", may: keeperOfKeys, serve: (*Dashboard).newKeyPage},
	{method: http.MethodPost, path: "/dashboard/developer/keys/new", may: keeperOfKeys, confirm: true, serve: (*Dashboard).newKey},
	{method: http.MethodGet, path: "/dashboard/developer/keys/{id}", may: member, serve: (*Dashboard).key},
	{method: http.MethodGet, path: "/dashboard/developer/keys/{id}/secret", may: keeperOfKeys, serve: (*Dashboard).keySecret},
	{method: http.MethodGet, path: "/dashboard/developer/keys/{id}/revoke", may: keeperOfKeys, serve: (*Dashboard).revokePage},
	{method: http.MethodPost, path: "/dashboard/developer/keys/{id}/revoke", may: keeperOfKeys, serve: (*Dashboard).revoke},
	{method: http.MethodGet, path: "/dashboard/developer/keys/{id}/replace", may: keeperOfKeys, serve: (*Dashboard).replacePage},
	{method: http.MethodPost, path: "/dashboard/developer/keys/{id}/replace", may: keeperOfKeys, confirm: true, serve: (*Dashboard).replace},
}

// keyPath is the page of a key; more names one below it.
func keyPath(id, more string) string { return "/dashboard/developer/keys/" + url.PathEscape(id) + more }

// endedKeys is how many keys that have ended are on one page.
const endedKeys = 20

// keysPage is all keys of the workspace.
type keysPage struct {
	Live  []liveKey
	Ended store.Page[store.KeyStanding]
	Later bool // the ended keys shown are not the newest
	Month chart.Chart
	Today chart.Chart
}

// None is whether the workspace has never had a key.
func (p keysPage) None() bool { return len(p.Live) == 0 && len(p.Ended.Items) == 0 && !p.Later }

// keys lists the workspace's keys, with what they were used for.
func (d *Dashboard) keys(ctx context.Context, v *visit) (answer, error) {
	workspace := d.workspace(v)
	cursor := v.query("ended")
	live, ended, err := workspace.LiveAndEndedKeys(ctx, store.ListOptions{Limit: endedKeys, Cursor: cursor})
	if err != nil {
		return answer{}, err
	}
	page := keysPage{Ended: ended, Later: cursor != ""}
	for _, key := range live {
		page.Live = append(page.Live, liveKey{key, d.Now()})
	}
	page.Month, page.Today, err = d.requestCharts(ctx, v, "")
	return show("keys", "API keys", page), err
}

// rotateAfter is the age at which a key should have been replaced.
const rotateAfter = 90 * 24 * time.Hour

// liveKey is a key that can be called with.
type liveKey struct {
	store.KeyStanding
	now time.Time
}

// Old is whether it should be replaced.
func (k liveKey) Old() bool { return k.now.Sub(k.CreatedAt) >= rotateAfter }

// Days is its age.
func (k liveKey) Days() int { return int(k.now.Sub(k.CreatedAt) / (24 * time.Hour)) }

// Path is that of its page.
func (k liveKey) Path() string { return keyPath(k.ID, "") }

// Replace is the page on which it is replaced.
func (k liveKey) Replace() string { return keyPath(k.ID, "/replace") }
