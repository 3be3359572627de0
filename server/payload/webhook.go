package payload

import (
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// WebhookEndpoint is an endpoint without its secret.
func WebhookEndpoint(e store.Endpoint) gen.WebhookEndpoint {
	return gen.WebhookEndpoint{
		ID:                 e.ID,
		URL:                e.URL,
		Label:              textOrNull(e.Label),
		Events:             List(e.Events, subscription),
		Status:             gen.WebhookEndpointStatus(e.Status),
		DisabledReason:     e.DisabledReason,
		FailingSince:       utcOrNull(e.FailingSince),
		LastSuccessAt:      utcOrNull(e.LastSuccessAt),
		LastFailureAt:      utcOrNull(e.LastFailureAt),
		OldSecretExpiresAt: utcOrNull(e.OldSecretExpiresAt),
		CreatedAt:          utc(e.CreatedAt),
		UpdatedAt:          utc(e.UpdatedAt),
	}
}

func subscription(kind string) gen.EventSubscription { return gen.EventSubscription(kind) }

// CreatedWebhookEndpoint is an endpoint in the one answer that shows its secret, when it is made and when that is replaced.
func CreatedWebhookEndpoint(endpoint store.Endpoint, secret string) gen.CreatedWebhookEndpoint {
	e := WebhookEndpoint(endpoint)
	return gen.CreatedWebhookEndpoint{
		ID:                 e.ID,
		URL:                e.URL,
		Label:              e.Label,
		Events:             e.Events,
		Status:             e.Status,
		DisabledReason:     e.DisabledReason,
		FailingSince:       e.FailingSince,
		LastSuccessAt:      e.LastSuccessAt,
		LastFailureAt:      e.LastFailureAt,
		OldSecretExpiresAt: e.OldSecretExpiresAt,
		CreatedAt:          e.CreatedAt,
		UpdatedAt:          e.UpdatedAt,
		Secret:             secret,
	}
}

// DeletedWebhookEndpoint is what is left of an endpoint.
func DeletedWebhookEndpoint(id string, at time.Time) gen.DeletedWebhookEndpoint {
	return gen.DeletedWebhookEndpoint{ID: id, DeletedAt: utc(at)}
}
