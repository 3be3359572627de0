package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const prefixDelivery = "evd_"

// The states of a delivery. All but pending are final, until somebody redelivers.
const (
	DeliveryPending   = "pending"
	DeliverySucceeded = "succeeded"
	DeliveryFailed    = "failed"
	DeliveryCanceled  = "canceled"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID             string
	EndpointID     string
	EventID        string
	EventType      string
	Status         string
	AttemptCount   int
	NextAttemptAt  *time.Time // while it is pending
	LastStatusCode *int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// newDelivery is a delivery to be made: its queue row and its place in the log.
type newDelivery struct {
	endpointID, eventID, eventType, cause string

	recoveryID *string // the recovery that starts it
	again      string  // id of a delivery that ended, to be started anew
	attempts   int64   // that it has had; their numbers go on
}

// queueForSubscribers makes the deliveries of events to the endpoints that want them.
func (tx *Tx) queueForSubscribers(ctx context.Context, events []pendingEvent) error {
	endpoints, err := tx.subscribers(ctx)
	if err != nil {
		return fmt.Errorf("read subscribers: %w", err)
	}
	var list []newDelivery
	for _, event := range events {
		for _, endpoint := range endpoints {
			if endpoint.wants(event.kind) {
				list = append(list, newDelivery{endpointID: endpoint.ID, eventID: event.id, eventType: event.kind, cause: causeAuto})
			}
		}
	}
	_, err = tx.addDeliveries(ctx, list)
	return err
}

// deliveryRow is a new delivery as statements take it.
type deliveryRow struct {
	ID         string  `json:"d"`
	EndpointID string  `json:"e"`
	EventID    string  `json:"v"`
	EventType  string  `json:"t"`
	Cause      string  `json:"g"`
	RecoveryID *string `json:"r"`
	Attempt    int64   `json:"n"`
	Due        int64   `json:"x"`
	At         int64   `json:"a"`
}

const (
	insertDeliveries = `INSERT INTO webhook_deliveries (workspace_id, id, created_at, updated_at, endpoint_id, event_id,
			event_type, status, attempt_count, next_attempt_at, recovery_id)
		SELECT $1, value->>'d', CAST(value->>'a' AS bigint), CAST(value->>'a' AS bigint), value->>'e', value->>'v',
			value->>'t', 'pending', 0, CAST(value->>'a' AS bigint), value->>'r' FROM {rows $2}`
	restartDeliveries = `UPDATE webhook_deliveries SET status = 'pending', next_attempt_at = $3, updated_at = $3,
			recovery_id = $4 WHERE workspace_id = $1 AND id IN (SELECT value->>'d' FROM {rows $2})`
	insertQueue = `INSERT INTO webhook_queue (workspace_id, delivery_id, endpoint_id, event_id, attempt, tries,
			caused_by, next_at, lease_token)
		SELECT $1, value->>'d', value->>'e', value->>'v', CAST(value->>'n' AS bigint), 0, value->>'g',
			CAST(value->>'x' AS bigint), 0 FROM {rows $2}`
)

// addDeliveries writes deliveries that are due now, and returns their ids. Those of one Tx are due a microsecond apart
// (the last one just now), so that an endpoint hears of them in their order if it can. ErrNotFound if one that is to
// start anew was removed for its age meanwhile.
func (tx *Tx) addDeliveries(ctx context.Context, list []newDelivery) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	due, err := tx.dueNow(ctx)
	if err != nil {
		return nil, err
	}
	ids, rows := make([]string, len(list)), make([]deliveryRow, len(list))
	var fresh, again []deliveryRow
	for i, d := range list {
		rows[i] = deliveryRow{d.again, d.endpointID, d.eventID, d.eventType, d.cause, d.recoveryID, d.attempts + 1,
			due - int64(len(list)-i), micros(tx.now)}
		if d.again != "" {
			again = append(again, rows[i])
		} else if rows[i].ID, err = tx.newID(prefixDelivery); err != nil {
			return nil, err
		} else {
			fresh = append(fresh, rows[i])
		}
		ids[i] = rows[i].ID
	}
	if err := writeRows(ctx, tx, insertDeliveries, fresh); err != nil {
		return nil, fmt.Errorf("write deliveries: %w", err)
	}
	if err := tx.restart(ctx, again); err != nil {
		return nil, fmt.Errorf("start deliveries anew: %w", err)
	}
	tx.queued = true
	if err := writeRows(ctx, tx, insertQueue, rows); err != nil {
		return nil, fmt.Errorf("queue deliveries: %w", err)
	}
	return ids, nil
}

// restart makes deliveries that ended pending again, all for the same recovery or for none. A queue row without its
// delivery would never come to an end, so all of them must be there.
func (tx *Tx) restart(ctx context.Context, list []deliveryRow) error {
	if len(list) == 0 {
		return nil
	}
	rows, err := jsonRows(list)
	if err != nil {
		return err
	}
	n, err := tx.scope.exec(ctx, tx.store.sql(restartDeliveries), rows, micros(tx.now), list[0].RecoveryID)
	if err == nil && n < int64(len(list)) {
		return ErrNotFound
	}
	return err
}

// cancelPending ends the pending deliveries whose queue rows meet a condition; its arguments follow from $2. The Tx
// holds their endpoints. An attempt under way may still arrive, but changes nothing here any more.
func (tx *Tx) cancelPending(ctx context.Context, condition string, args ...any) error {
	n, err := tx.scope.exec(ctx, fmt.Sprintf(`UPDATE webhook_deliveries SET status = 'canceled', next_attempt_at = NULL,
			updated_at = $%d WHERE workspace_id = $1 AND id IN (
			SELECT delivery_id FROM webhook_queue WHERE workspace_id = $1 AND %s)`, len(args)+2, condition),
		append(args, micros(tx.now))...)
	if err != nil {
		return fmt.Errorf("cancel deliveries: %w", err)
	}
	if err := tx.countCanceled(ctx, n); err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `DELETE FROM webhook_queue WHERE workspace_id = $1 AND `+condition, args...)
	return err
}

const deliveryColumns = `d.id, d.endpoint_id, d.event_id, d.event_type, d.status, d.attempt_count, d.next_attempt_at,
	d.last_status_code, d.created_at, d.updated_at`

func scanDelivery(row *sql.Rows, d *Delivery) error {
	return row.Scan(&d.ID, &d.EndpointID, &d.EventID, &d.EventType, &d.Status, whole(&d.AttemptCount),
		atOrNil(&d.NextAttemptAt), &d.LastStatusCode, at(&d.CreatedAt), at(&d.UpdatedAt))
}

// DeliveryQuery says which deliveries to list. Empty texts are no filters; UpdatedSince is not offered.
type DeliveryQuery struct {
	ListOptions
	EndpointID string
	EventID    string
	EventType  string
	Status     string
	Since      *time.Time // created then or later
	Until      *time.Time // created before
}

// Deliveries lists the log, newest first, those of deleted endpoints included.
func (w *Workspace) Deliveries(ctx context.Context, q DeliveryQuery) (Page[Delivery], error) {
	list := listing[Delivery]{
		name: "webhook_deliveries", columns: deliveryColumns, from: "webhook_deliveries d", alias: "d",
		scan: scanDelivery, stand: standOfDelivery,
	}
	list.filter("d.endpoint_id = %s", given(q.EndpointID))
	list.filter("d.event_id = %s", given(q.EventID))
	list.filter("d.event_type = %s", given(q.EventType))
	switch q.Status {
	case DeliveryFailed, DeliveryCanceled:
		list.filter("d.unsuccessful = %s", &q.Status)
	case DeliveryPending:
		list.filter("d.status = %s AND d.id IN (SELECT q.delivery_id FROM webhook_queue q WHERE q.workspace_id = $1)", &q.Status)
	default:
		list.filter("d.status = %s", given(q.Status))
	}
	list.filterTime("d.created_at >= %s", q.Since)
	list.filterTime("d.created_at < %s", q.Until)
	q.UpdatedSince = nil
	return list.read(ctx, w, q.ListOptions)
}

func standOfDelivery(d *Delivery) (createdAt, updatedAt time.Time, id string) {
	return d.CreatedAt, d.UpdatedAt, d.ID
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Delivery reads one delivery with its attempts.
func (w *Workspace) Delivery(ctx context.Context, id string) (Delivery, []Attempt, error) {
	delivery, err := readDelivery(ctx, w.scope, id)
	if err != nil {
		return Delivery{}, nil, err
	}
	attempts, err := w.attempts(ctx, id)
	return delivery, attempts, err
}

func readDelivery(ctx context.Context, s scope, id string) (Delivery, error) {
	delivery, err := scanOne(ctx, s, sqlQuery{
		text: `SELECT ` + deliveryColumns + ` FROM webhook_deliveries d WHERE d.workspace_id = $1 AND d.id = $2`,
		args: []any{id}, capacity: 1,
	}, scanDelivery)
	if err != nil {
		return Delivery{}, fmt.Errorf("delivery %s: %w", id, err)
	}
	return delivery, nil
}

// TestEndpoint queues a webhook.test to this endpoint alone. Its event is in no feed, and how the endpoint answers
// says nothing about its health. A disabled endpoint cannot be tested.
func (tx *Tx) TestEndpoint(ctx context.Context, endpointID string) (Delivery, error) {
	endpoint, err := tx.holdEndpoint(ctx, endpointID)
	if err != nil {
		return Delivery{}, err
	}
	if endpoint.Status != EndpointActive {
		return Delivery{}, &Invalid{Field: "", Issue: "the endpoint is disabled: enable it first"}
	}
	eventID, err := tx.newID(prefixEvent)
	if err != nil {
		return Delivery{}, err
	}
	body, err := tx.envelope(eventID, Event{
		Type: TestEventType, Data: map[string]any{"endpointId": endpointID},
	}).encode()
	if err != nil {
		return Delivery{}, err
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO events (workspace_id, id, type, body, created_at) VALUES ($1, $2, $3, $4, $5)`,
		eventID, TestEventType, string(body), micros(tx.now))
	if err != nil {
		return Delivery{}, fmt.Errorf("test endpoint %s: %w", endpointID, err)
	}
	ids, err := tx.addDeliveries(ctx, []newDelivery{{
		endpointID: endpointID, eventID: eventID, eventType: TestEventType, cause: causeTest,
	}})
	if err != nil {
		return Delivery{}, fmt.Errorf("test endpoint %s: %w", endpointID, err)
	}
	return readDelivery(ctx, tx.scope, ids[0])
}

// Redeliver makes a delivery pending and due now, with the schedule anew; attempt numbers go on. One that is pending
// only comes forward. The event id, the delivery id and the bytes stay. Invalid if its endpoint is disabled or gone.
func (tx *Tx) Redeliver(ctx context.Context, id string) (Delivery, error) {
	delivery, err := readDelivery(ctx, tx.scope, id)
	if err != nil {
		return Delivery{}, err
	}
	endpoint, err := tx.holdEndpoint(ctx, delivery.EndpointID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Delivery{}, err
	}
	if err != nil || endpoint.Status != EndpointActive {
		return Delivery{}, &Invalid{Field: "", Issue: errNoEndpoint.Error()}
	}
	if delivery, err = readDelivery(ctx, tx.scope, id); err != nil { // as it is now that nobody else can change it
		return Delivery{}, err
	}
	if delivery.Status == DeliveryPending {
		err = tx.bringForward(ctx, id)
	} else {
		_, err = tx.addDeliveries(ctx, []newDelivery{{
			endpointID: delivery.EndpointID, eventID: delivery.EventID, eventType: delivery.EventType, cause: causeManual,
			again: id, attempts: int64(delivery.AttemptCount),
		}})
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("redeliver %s: %w", id, err)
	}
	return readDelivery(ctx, tx.scope, id)
}

// bringForward makes a waiting delivery due. One that is under way stays as it is.
func (tx *Tx) bringForward(ctx context.Context, id string) error {
	due, err := tx.dueNow(ctx)
	if err != nil {
		return err
	}
	n, err := tx.scope.exec(ctx, tx.store.sql(`UPDATE webhook_queue SET next_at = {least}(next_at, $3), caused_by = 'manual'
		WHERE workspace_id = $1 AND delivery_id = $2 AND (lease_until IS NULL OR lease_until <= $3)`), id, due)
	if err != nil || n == 0 {
		return err
	}
	tx.queued = true
	_, err = tx.scope.exec(ctx, tx.store.sql(`UPDATE webhook_deliveries SET updated_at = $3,
			next_attempt_at = {least}(next_attempt_at, $3) WHERE workspace_id = $1 AND id = $2`), id, micros(tx.now))
	return err
}
