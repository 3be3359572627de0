package dashboard

import (
	"context"

	"github.com/thebigclass/api/server/dashboard/chart"
	"github.com/thebigclass/api/store"
)

// requestsPerPage is how many lines of a key's log are on one page.
const requestsPerPage = 50

// keyPageData is one key and what it was used for.
type keyPageData struct {
	liveKey
	Month    chart.Chart
	Today    chart.Chart
	Requests []loggedRequest
	Next     string // the cursor of older requests
	Older    bool   // the requests shown are not the newest
}

// key shows one key.
func (d *Dashboard) key(ctx context.Context, v *visit) (answer, error) {
	workspace := d.workspace(v)
	key, err := workspace.Key(ctx, v.param("id"))
	if err != nil {
		return answer{}, err
	}
	cursor := v.query("before")
	page := keyPageData{liveKey: liveKey{key, d.Now()}, Older: cursor != ""}
	if page.Month, page.Today, err = d.requestCharts(ctx, v, key.ID); err != nil {
		return answer{}, err
	}
	requests, err := workspace.KeyRequests(ctx, key.ID, store.ListOptions{Limit: requestsPerPage, Cursor: cursor})
	page.Requests = loggedRequests(requests.Items)
	if requests.NextCursor != nil {
		page.Next = *requests.NextCursor
	}
	return show("key", key.Name, page), err
}

// secretPage is a key that was just made. Secret is "" once it was shown.
type secretPage struct {
	liveKey
	Secret  string
	BaseURL string
	Call    string // the path of a first call that the key's scopes allow
}

// keySecret shows the secret of a new key, this once.
func (d *Dashboard) keySecret(ctx context.Context, v *visit) (answer, error) {
	key, err := d.workspace(v).FindKey(ctx, v.param("id"))
	if err != nil {
		return answer{}, err
	}
	page := secretPage{liveKey: liveKey{key, d.Now()}, BaseURL: d.BaseURL, Call: firstCall(key.Scopes)}
	page.Secret, err = d.takeSecret(ctx, v, key.ID)
	return show("key_secret", "The secret of "+key.Name, page), err
}
