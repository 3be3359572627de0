package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// searchWindow is how many deliveries a search looks at for one page. It bounds the cost of combined filters, which no
// single index serves.
const searchWindow = 1000

// FoundDeliveries is a page of a search.
type FoundDeliveries struct {
	Page[Delivery]
	// LookedBackTo is when the oldest delivery that was looked at was made, if the search stopped there though the page
	// is not full: NextCursor goes on from it. Nil if nothing was left out.
	LookedBackTo *time.Time
}

// SearchDeliveries is Deliveries for people who combine filters. The rarest filter is served by its index, and the rest
// sift at most searchWindow of its rows, so that a page costs the same however long the log is. Two queries at most.
func (w *Workspace) SearchDeliveries(ctx context.Context, q DeliveryQuery) (FoundDeliveries, error) {
	if q.Status == DeliveryPending || !q.combined() {
		page, err := w.Deliveries(ctx, q)
		return FoundDeliveries{Page: page}, err
	}
	q.UpdatedSince = nil
	k, err := w.keyset("webhook_deliveries search", q.ListOptions, q.EndpointID, q.EventID, q.EventType, q.Status,
		searchTime(q.Since), searchTime(q.Until))
	if err != nil {
		return FoundDeliveries{}, fmt.Errorf("search deliveries: %w", err)
	}
	s := q.sieve(k)
	items, err := scanAll(ctx, w.scope, sqlQuery{text: s.text(k), args: s.args, capacity: k.limit + 1}, scanDelivery)
	if err != nil {
		return FoundDeliveries{}, fmt.Errorf("search deliveries: %w", err)
	}
	found := FoundDeliveries{Page: pageOf(k, items, standOfDelivery)}
	if found.NextCursor != nil {
		return found, nil
	}
	end, err := scanAll(ctx, w.scope, sqlQuery{text: s.end(), args: s.args[:s.window]},
		func(row *sql.Rows, p *position) error { return row.Scan(at(&p.at), &p.id) })
	if err == nil && len(end) > 0 {
		next := k.seal(end[0])
		found.NextCursor, found.LookedBackTo = &next, &end[0].at
	}
	return found, wrap("search deliveries", err)
}

// combined reports whether more than one filter has to be met that an index could serve.
func (q DeliveryQuery) combined() bool {
	n := 0
	for _, text := range []string{q.EndpointID, q.EventID, q.EventType, q.Status} {
		if text != "" {
			n++
		}
	}
	return n > 1 || q.Status == DeliverySucceeded
}

func searchTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// sieve is a search in SQL: of the rows in the window, those that pass.
type sieve struct {
	inner, outer string // conditions
	args         []any  // of both
	window       int    // how many of args are the inner one's
}

// sieve puts the filter that leaves the fewest rows inside, with the times and the place of the page.
func (q DeliveryQuery) sieve(k keyset) sieve {
	var list listing[Delivery]
	filters := []struct{ format, value string }{
		{"d.event_id = %s", q.EventID}, {"d.unsuccessful = %s", q.unsuccessful()}, {"d.endpoint_id = %s", q.EndpointID},
		{"d.event_type = %s", q.EventType}, {"d.status = %s", q.succeeded()},
	}
	for i, f := range filters {
		if f.value != "" {
			if f.format != "d.status = %s" { // which no index serves
				list.filter(f.format, &f.value)
				filters[i].value = ""
			}
			break
		}
	}
	list.filterTime("d.created_at >= %s", q.Since)
	list.filterTime("d.created_at < %s", q.Until)
	after, args := k.where("d", len(list.args)+2)
	list.args = append(list.args, args...)
	s := sieve{inner: list.conditions + after, window: len(list.args)}
	list.conditions = ""
	for _, f := range filters {
		list.filter(f.format, given(f.value))
	}
	s.outer, s.args = list.conditions, list.args
	return s
}

func (q DeliveryQuery) unsuccessful() string {
	if q.Status == DeliverySucceeded {
		return ""
	}
	return q.Status
}

func (q DeliveryQuery) succeeded() string {
	if q.Status == DeliverySucceeded {
		return q.Status
	}
	return ""
}

func (s sieve) text(k keyset) string {
	return fmt.Sprintf(`SELECT `+deliveryColumns+` FROM (SELECT * FROM webhook_deliveries d WHERE d.workspace_id = $1%s
		ORDER BY d.created_at DESC, d.id DESC LIMIT %d) AS d WHERE true%s`, s.inner, searchWindow, s.outer) + k.order("d")
}

// end finds the last row of a window that is full.
func (s sieve) end() string {
	return fmt.Sprintf(`SELECT d.created_at, d.id FROM webhook_deliveries d WHERE d.workspace_id = $1%s
		ORDER BY d.created_at DESC, d.id DESC LIMIT 1 OFFSET %d`, s.inner, searchWindow-1)
}
