package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	prefixEndpoint = "whe_"
	// MaxEndpoints is how many endpoints a workspace may have, disabled ones included.
	MaxEndpoints = 20
	// maxInFlight is how many attempts to one endpoint may be under way at once, over all processes.
	maxInFlight = 16
	// TestEventType is that of test deliveries. Nobody can subscribe to it.
	TestEventType = "webhook.test"
)

// The states of an endpoint, and why one is disabled.
const (
	EndpointActive   = "active"
	EndpointDisabled = "disabled"
	DisabledFailing  = "failing" // by the service, after a week of failures
	DisabledManually = "manual"
)

// Endpoint is a receiver of webhooks, without its secrets.
type Endpoint struct {
	ID             string
	URL            string
	Label          string
	Events         []string // types, or "*" alone
	Status         string
	DisabledReason *string
	FailingSince   *time.Time // the first failure after the last success
	LastSuccessAt  *time.Time
	LastFailureAt  *time.Time
	// OldSecretExpiresAt is when the secret that was replaced stops signing; nil if only one secret signs.
	OldSecretExpiresAt *time.Time
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// NewEndpoint is what a caller decides about an endpoint. Whether the URL is a permitted destination is for the
// caller to check first: the store knows no network.
type NewEndpoint struct {
	URL    string
	Label  string
	Events []string
}

// EndpointPatch changes what is not nil.
type EndpointPatch struct {
	URL    *string
	Label  *string
	Events *[]string
	Status *string
}

// CreateEndpoint makes an active endpoint and returns its secret, which is shown this once.
func (tx *Tx) CreateEndpoint(ctx context.Context, in NewEndpoint) (Endpoint, string, error) {
	if err := checkSubscription(in.Events); err != nil {
		return Endpoint{}, "", err
	}
	if err := tx.checkEndpointCount(ctx); err != nil {
		return Endpoint{}, "", err
	}
	id, err := tx.newID(prefixEndpoint)
	if err != nil {
		return Endpoint{}, "", err
	}
	endpoint := Endpoint{
		ID: id, URL: in.URL, Label: in.Label, Events: in.Events, Status: EndpointActive,
		CreatedAt: tx.now, UpdatedAt: tx.now,
	}
	events, err := json.Marshal(in.Events)
	if err != nil {
		return Endpoint{}, "", err
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO webhook_endpoints (workspace_id, id, created_at, updated_at, url, label,
			events, status, max_in_flight, consecutive_failures) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, 0)`,
		id, micros(tx.now), in.URL, in.Label, string(events), EndpointActive, maxInFlight)
	if err != nil {
		return Endpoint{}, "", fmt.Errorf("create endpoint: %w", err)
	}
	secret, err := tx.addSecret(ctx, id, 1)
	return endpoint, secret, err
}

func checkSubscription(events []string) error {
	switch {
	case len(events) == 0:
		return &Invalid{Field: "/events", Issue: "must name at least one event"}
	case slices.Contains(events, TestEventType):
		return &Invalid{Field: "/events", Issue: TestEventType + " is sent by the test alone and cannot be subscribed to"}
	case slices.Contains(events, "*") && len(events) > 1:
		return &Invalid{Field: "/events", Issue: `"*" is all events: name it alone`}
	}
	return nil
}

func (tx *Tx) checkEndpointCount(ctx context.Context) error {
	n, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT count(*) FROM webhook_endpoints WHERE workspace_id = $1 AND deleted_at IS NULL`,
	}, func(row *sql.Rows, n *int) error { return row.Scan(n) })
	if err == nil && n >= MaxEndpoints {
		return &Invalid{Field: "", Issue: fmt.Sprintf("the workspace has %d endpoints: delete one first", n)}
	}
	return err
}

const endpointColumns = `p.id, p.url, p.label, p.events, p.status, p.disabled_reason, p.failing_since,
	p.last_success_at, p.last_failure_at, p.created_at, p.updated_at, (SELECT max(k.expires_at) FROM webhook_secrets k
	WHERE k.workspace_id = p.workspace_id AND k.endpoint_id = p.id)`

func scanEndpoint(row *sql.Rows, p *Endpoint) error {
	return row.Scan(&p.ID, &p.URL, &p.Label, asJSON(&p.Events), &p.Status, textOrNil(&p.DisabledReason),
		atOrNil(&p.FailingSince), atOrNil(&p.LastSuccessAt), atOrNil(&p.LastFailureAt), at(&p.CreatedAt), at(&p.UpdatedAt),
		atOrNil(&p.OldSecretExpiresAt))
}

// Endpoints lists the endpoints that are not deleted.
func (w *Workspace) Endpoints(ctx context.Context, opt ListOptions) (Page[Endpoint], error) {
	list := listing[Endpoint]{
		name: "webhook_endpoints", columns: endpointColumns, from: "webhook_endpoints p", alias: "p",
		conditions: " AND p.deleted_at IS NULL", scan: scanEndpoint,
		stand: func(p *Endpoint) (time.Time, time.Time, string) { return p.CreatedAt, p.UpdatedAt, p.ID },
	}
	opt.UpdatedSince = nil
	return list.read(ctx, w, opt)
}

// Endpoint reads one endpoint. ErrNotFound if it was deleted.
func (w *Workspace) Endpoint(ctx context.Context, id string) (Endpoint, error) {
	return readEndpoint(ctx, w.scope, id, "")
}

// readEndpoint reads an endpoint that is not deleted; locking is "{lock}" filled in, or "".
func readEndpoint(ctx context.Context, s scope, id, locking string) (Endpoint, error) {
	endpoint, err := scanOne(ctx, s, sqlQuery{
		text: `SELECT ` + endpointColumns + ` FROM webhook_endpoints p
			WHERE p.workspace_id = $1 AND p.id = $2 AND p.deleted_at IS NULL ` + locking,
		args: []any{id}, capacity: 1,
	}, scanEndpoint)
	if err != nil {
		return Endpoint{}, fmt.Errorf("endpoint %s: %w", id, err)
	}
	return endpoint, nil
}

// holdEndpoint reads an endpoint and keeps everybody else from its queue until the Tx ends.
func (tx *Tx) holdEndpoint(ctx context.Context, id string) (Endpoint, error) {
	return readEndpoint(ctx, tx.scope, id, tx.store.sql("{lock}"))
}

// UpdateEndpoint changes an endpoint and returns what it is now. Disabling cancels what is pending; enabling clears
// failingSince. What equals the present state changes nothing.
func (tx *Tx) UpdateEndpoint(ctx context.Context, id string, patch EndpointPatch) (Endpoint, error) {
	before, err := tx.holdEndpoint(ctx, id)
	if err != nil {
		return Endpoint{}, err
	}
	after := patch.apply(before)
	if err := checkSubscription(after.Events); err != nil {
		return Endpoint{}, err
	}
	if after.URL != before.URL || after.Label != before.Label || !slices.Equal(after.Events, before.Events) {
		if err := tx.describeEndpoint(ctx, after); err != nil {
			return Endpoint{}, err
		}
	}
	switch {
	case before.Status == after.Status:
	case after.Status == EndpointDisabled:
		err = tx.disableEndpoint(ctx, id, DisabledManually)
	case after.Status == EndpointActive:
		err = tx.enableEndpoint(ctx, id)
	default:
		err = &Invalid{Field: "/status", Issue: "must be active or disabled"}
	}
	if err != nil {
		return Endpoint{}, err
	}
	return readEndpoint(ctx, tx.scope, id, "")
}

func (patch EndpointPatch) apply(p Endpoint) Endpoint {
	if patch.URL != nil {
		p.URL = *patch.URL
	}
	if patch.Label != nil {
		p.Label = *patch.Label
	}
	if patch.Events != nil {
		p.Events = *patch.Events
	}
	if patch.Status != nil {
		p.Status = *patch.Status
	}
	return p
}

func (tx *Tx) describeEndpoint(ctx context.Context, p Endpoint) error {
	events, err := json.Marshal(p.Events)
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `UPDATE webhook_endpoints SET url = $3, label = $4, events = $5, updated_at = $6
		WHERE workspace_id = $1 AND id = $2`, p.ID, p.URL, p.Label, string(events), micros(tx.now))
	return err
}

func (tx *Tx) enableEndpoint(ctx context.Context, id string) error {
	_, err := tx.scope.exec(ctx, `UPDATE webhook_endpoints SET status = 'active', disabled_reason = NULL,
			failing_since = NULL, consecutive_failures = 0, updated_at = $3
		WHERE workspace_id = $1 AND id = $2`, id, micros(tx.now))
	return err
}

// disableEndpoint stops an endpoint, cancels its pending deliveries and ends its recovery. The Tx holds the endpoint. Nothing can be
// queued behind its back, because only Txs of this workspace queue.
func (tx *Tx) disableEndpoint(ctx context.Context, id, reason string) error {
	_, err := tx.scope.exec(ctx, `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = $3, updated_at = $4
		WHERE workspace_id = $1 AND id = $2`, id, reason, micros(tx.now))
	if err != nil {
		return fmt.Errorf("disable endpoint %s: %w", id, err)
	}
	if err := tx.failRecovery(ctx, id); err != nil {
		return err
	}
	return tx.cancelPending(ctx, `endpoint_id = $2`, id)
}

// DeleteEndpoint leaves a tombstone, so that the deliveries stay readable, and destroys the secrets. ErrNotFound if
// it was deleted before.
func (tx *Tx) DeleteEndpoint(ctx context.Context, id string) error {
	if err := tx.flush(ctx); err != nil { // what this Tx emitted before is canceled, too
		return err
	}
	if _, err := tx.holdEndpoint(ctx, id); err != nil {
		return err
	}
	if err := tx.disableEndpoint(ctx, id, DisabledManually); err != nil {
		return err
	}
	_, err := tx.scope.exec(ctx, `DELETE FROM webhook_secrets WHERE workspace_id = $1 AND endpoint_id = $2`, id)
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `UPDATE webhook_endpoints SET deleted_at = $3 WHERE workspace_id = $1 AND id = $2`,
		id, micros(tx.now))
	return err
}

// subscribers are the endpoints that hear of events now, by id, with nothing but what they want.
func (tx *Tx) subscribers(ctx context.Context) ([]Endpoint, error) {
	return scanAll(ctx, tx.scope, sqlQuery{
		text: `SELECT p.id, p.events FROM webhook_endpoints p
			WHERE p.workspace_id = $1 AND p.deleted_at IS NULL AND p.status = 'active' ORDER BY p.id`,
	}, func(row *sql.Rows, p *Endpoint) error { return row.Scan(&p.ID, asJSON(&p.Events)) })
}

// wants reports whether the endpoint is subscribed to a type.
func (p *Endpoint) wants(kind string) bool {
	return slices.Contains(p.Events, kind) || slices.Contains(p.Events, "*")
}

// name is what people call the endpoint. A URL may hold a password in its path, so only the host is shown.
func (p *Endpoint) name() string {
	if p.Label != "" {
		return p.Label
	}
	_, rest, _ := strings.Cut(p.URL, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

var errNoEndpoint = errors.New("the endpoint is disabled or deleted")
