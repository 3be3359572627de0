package dashboard

import (
	"context"
	"errors"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/thebigclass/api/store"
)

// deliveryPage is a delivery with its attempts, newest first.
type deliveryPage struct {
	Delivery  deliveryView
	Diagnosis diagnosis
	Attempts  []attemptView
	Sendable  bool // its endpoint is there and enabled
	Problem   string
}

// attemptView is an attempt as the page shows it.
type attemptView struct {
	store.Attempt
	Headers []field
	Words   string // what went wrong; "" if nothing
	Newest  bool
}

// Cause says why the attempt was made.
func (a attemptView) Cause() string {
	return map[string]string{"manual": "sent again by hand", "recovery": "sent by a recovery", "test": "a test"}[a.Trigger]
}

// Milliseconds is how long it took.
func (a attemptView) Milliseconds() int64 { return a.Duration.Milliseconds() }

// delivery shows a delivery.
func (d *Dashboard) delivery(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	page, err := d.deliveryPage(ctx, v, id)
	return show("delivery", "Delivery "+id, page), err
}

func (d *Dashboard) deliveryPage(ctx context.Context, v *visit, id string) (deliveryPage, error) {
	w := d.workspace(v)
	found, attempts, err := w.Delivery(ctx, id)
	if err != nil {
		return deliveryPage{}, err
	}
	page := deliveryPage{Delivery: deliveryView{Delivery: found}}
	endpoint, err := w.Endpoint(ctx, found.EndpointID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return deliveryPage{}, err
	}
	if err == nil {
		page.Delivery.Hook = d.hookView(endpoint)
		page.Sendable = page.Delivery.Hook.Active()
	}
	for i, attempt := range attempts {
		page.Attempts = append(page.Attempts, viewAttempt(attempt, i == 0))
	}
	page.Diagnosis = diagnose(page)
	return page, nil
}

func viewAttempt(a store.Attempt, newest bool) attemptView {
	view := attemptView{Attempt: a, Newest: newest}
	if a.Error != nil {
		view.Words = sentence(*a.Error)
	}
	for _, name := range slices.Sorted(maps.Keys(a.RequestHeaders)) {
		view.Headers = append(view.Headers, field{name, a.RequestHeaders[name]})
	}
	return view
}

// Request is what was sent, for people.
func (a attemptView) Request() string {
	if a.RequestBody == nil {
		return ""
	}
	return indented(*a.RequestBody)
}

// Response is the beginning of the answer, as it came: it is a stranger's text.
func (a attemptView) Response() string {
	if a.ResponseBody == nil || !utf8.ValidString(*a.ResponseBody) {
		return ""
	}
	return *a.ResponseBody
}

// sendAgain makes the delivery due now.
func (d *Dashboard) sendAgain(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	_, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		if _, err := tx.Redeliver(ctx, id); err != nil {
			return effect{}, err
		}
		return effect{TargetID: id}, tx.Audit(ctx, v.entry("webhook_delivery.redelivered", id, nil))
	})
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		page, err := d.deliveryPage(ctx, v, id)
		page.Problem = sentence(invalid.Issue)
		return again("delivery", "Delivery "+id, page), err
	}
	if err != nil {
		return answer{}, err
	}
	return goTo(deliveryPath(id) + "?done=sent-again"), nil
}
