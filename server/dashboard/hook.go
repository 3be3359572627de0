package dashboard

import (
	"context"
	"net/url"
	"time"

	"github.com/thebigclass/api/store"
)

// hookPage is an endpoint with what one does about it.
type hookPage struct {
	Hook       hookView
	Entered    entered // of the form to send again what was missed
	Since      string  // what that form proposes
	Deliveries []deliveryView
	Recoveries []recoveryView
	Overlaps   []overlap
}

// recoveryView is a recovery with its progress.
type recoveryView struct {
	store.Recovery
	Word string
}

// Looked is how many events of its range the recovery has looked at.
func (r recoveryView) Looked() int64 { return r.Queued + r.Skipped }

// Running reports whether there is more to come.
func (r recoveryView) Running() bool { return r.FinishedAt == nil }

// overlap is how long an old secret may sign beside a new one.
type overlap struct {
	Seconds string
	Name    string
}

// overlaps are those that the page offers; the first is what the API does unless told otherwise.
var overlaps = []overlap{
	{"86400", "24 hours"}, {"3600", "1 hour"}, {"259200", "3 days"}, {"604800", "7 days"}, {"0", "not at all: the old one ends now"},
}

// hook shows an endpoint.
func (d *Dashboard) hook(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	page, err := d.hookPage(ctx, v, id)
	return show("webhook", page.Hook.Name(), page), err
}

func (d *Dashboard) hookPage(ctx context.Context, v *visit, id string) (hookPage, error) {
	w := d.workspace(v)
	endpoint, err := w.Endpoint(ctx, id)
	if err != nil {
		return hookPage{}, err
	}
	newest, err := w.Deliveries(ctx, store.DeliveryQuery{ListOptions: store.ListOptions{Limit: newestShown}, EndpointID: id})
	if err != nil {
		return hookPage{}, err
	}
	recoveries, err := w.Recoveries(ctx, id)
	if err != nil {
		return hookPage{}, err
	}
	page := hookPage{Hook: d.hookView(endpoint), Entered: filled(url.Values{}), Overlaps: overlaps}
	page.Deliveries = deliveryViews(newest.Items, []hookView{page.Hook})
	for _, r := range recoveries {
		page.Recoveries = append(page.Recoveries, recoveryView{r, recoveringWords[r.State]})
	}
	page.Since = d.proposedSince(v, endpoint)
	return page, nil
}

// proposedSince is when the endpoint began to fail, or a day ago.
func (d *Dashboard) proposedSince(v *visit, p store.Endpoint) string {
	since := d.Now().Add(-24 * time.Hour)
	if p.FailingSince != nil {
		since = *p.FailingSince
	}
	return since.In(zone(v.session)).Format(minuteLayout)
}

// hookAgain shows the endpoint's page with what was wrong about a form on it.
func (d *Dashboard) hookAgain(ctx context.Context, v *visit, id string, e entered) (answer, error) {
	page, err := d.hookPage(ctx, v, id)
	page.Entered = e
	return again("webhook", page.Hook.Name(), page), err
}

// hookSecret reveals a secret that was just made.
func (d *Dashboard) hookSecret(ctx context.Context, v *visit, p store.Endpoint) (answer, error) {
	page := struct {
		Hook   hookView
		Secret string
	}{Hook: d.hookView(p)}
	var err error
	page.Secret, err = d.takeSecret(ctx, v, p.ID)
	return show("webhook_secret", "Signing secret", page), err
}

// askToDelete says what stops.
func (d *Dashboard) askToDelete(_ context.Context, _ *visit, p store.Endpoint) (answer, error) {
	return show("webhook_delete", "Delete endpoint", d.hookView(p)), nil
}
