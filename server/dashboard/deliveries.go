package dashboard

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/thebigclass/api/store"
)

// deliveryView is a delivery as pages show it.
type deliveryView struct {
	store.Delivery
	Hook hookView // empty if it was deleted
}

// Path is its page.
func (d deliveryView) Path() string { return deliveryPath(d.ID) }

// Tag is the look of its state.
func (d deliveryView) Tag() string {
	switch {
	case d.Status == store.DeliverySucceeded:
		return "good"
	case d.Status == store.DeliveryFailed:
		return "bad"
	case d.Status == store.DeliveryPending && d.AttemptCount > 0:
		return "warn"
	}
	return ""
}

// Word is its state in words.
func (d deliveryView) Word() string {
	switch {
	case d.Status == store.DeliverySucceeded:
		return "Delivered"
	case d.Status == store.DeliveryFailed:
		return "Failed"
	case d.Status == store.DeliveryCanceled:
		return "Canceled"
	case d.AttemptCount > 0:
		return "Will be tried again"
	}
	return "On its way"
}

// deliveryViews puts deliveries and the endpoints that still are together.
func deliveryViews(list []store.Delivery, hooks []hookView) (views []deliveryView) {
	for _, delivery := range list {
		view := deliveryView{Delivery: delivery}
		if i := slices.IndexFunc(hooks, func(h hookView) bool { return h.ID == delivery.EndpointID }); i >= 0 {
			view.Hook = hooks[i]
		}
		views = append(views, view)
	}
	return views
}

// deliveriesPage is the log with its filters.
type deliveriesPage struct {
	Entered      entered
	Hooks        []hookView
	Types        []string
	Statuses     []deliveryStatus
	Deliveries   []deliveryView
	LookedBackTo *time.Time
	Next         string // the page of what is older, or ""
	Filtered     bool
	Older        bool // not the first page
}

// deliveryStatus is a state that can be filtered by.
type deliveryStatus struct{ Value, Name string }

var deliveryStatuses = []deliveryStatus{
	{store.DeliveryPending, "Pending"}, {store.DeliverySucceeded, "Delivered"}, {store.DeliveryFailed, "Failed"}, {store.DeliveryCanceled, "Canceled"},
}

// deliveryFilters are the names of the query that narrow the log.
var deliveryFilters = []string{"event", "status", "endpoint", "from", "to"}

// deliveries shows the log, newest first.
func (d *Dashboard) deliveries(ctx context.Context, v *visit) (answer, error) {
	endpoints, err := d.workspace(v).Endpoints(ctx, store.ListOptions{Limit: store.MaxEndpoints})
	if err != nil {
		return answer{}, err
	}
	page := deliveriesPage{Entered: entered{url.Values{}, map[string]string{}}, Types: eventTypes(), Statuses: deliveryStatuses}
	for _, endpoint := range endpoints.Items {
		page.Hooks = append(page.Hooks, d.hookView(endpoint))
	}
	query := v.deliveryQuery(page.Entered)
	if page.Filtered = len(page.Entered.values) > 0; page.Entered.Any() {
		return again("deliveries", "Deliveries", page), nil
	}
	found, err := d.workspace(v).SearchDeliveries(ctx, query)
	if err != nil {
		return answer{}, err
	}
	page.Deliveries = deliveryViews(found.Items, page.Hooks)
	page.LookedBackTo, page.Older = found.LookedBackTo, query.Cursor != ""
	if found.NextCursor != nil {
		next := url.Values{"cursor": {*found.NextCursor}}
		for name, values := range page.Entered.values {
			next[name] = values
		}
		page.Next = hooksPath + "/deliveries?" + next.Encode()
	}
	return show("deliveries", "Deliveries", page), nil
}

// deliveryQuery reads the filters and notes what is wrong with them.
func (v *visit) deliveryQuery(e entered) store.DeliveryQuery {
	for _, name := range deliveryFilters {
		if value := v.query(name); value != "" {
			e.values.Set(name, value)
		}
	}
	return store.DeliveryQuery{
		ListOptions: store.ListOptions{Cursor: v.query("cursor")},
		EndpointID:  e.Value("endpoint"), EventType: e.Value("event"), Status: e.Value("status"),
		Since: v.filterTime(e, "from", 0), Until: v.filterTime(e, "to", time.Minute),
	}
}

// filterTime reads a time of the workspace's zone; nil if none was entered. The
// minute that is named belongs to the range, so later is added to its end.
func (v *visit) filterTime(e entered, name string, later time.Duration) *time.Time {
	text := e.Value(name)
	if text == "" {
		return nil
	}
	at, ok := minuteIn(text, zone(v.session))
	if !ok {
		e.refuse(name, "enter a date and a time, such as 2026-05-19T14:30")
		return nil
	}
	at = at.Add(later)
	return &at
}

// minuteLayout is how browsers write a date and a time into a form.
const minuteLayout = "2006-01-02T15:04"

// minuteIn reads what a browser wrote, in a zone; a date alone is its first moment.
func minuteIn(text string, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{minuteLayout, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil && at.Year() > 1970 {
			return at, true
		}
	}
	return time.Time{}, false
}
