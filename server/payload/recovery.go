package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// WebhookRecovery is a job that sends an endpoint what it has missed.
func WebhookRecovery(r store.Recovery) gen.WebhookRecovery {
	return gen.WebhookRecovery{
		ID:         r.ID,
		EndpointID: r.EndpointID,
		Since:      utc(r.Since),
		State:      gen.WebhookRecoveryState(r.State),
		Total:      r.Total,
		Queued:     r.Queued,
		Skipped:    r.Skipped,
		FinishedAt: utcOrNull(r.FinishedAt),
		CreatedAt:  utc(r.CreatedAt),
		UpdatedAt:  utc(r.UpdatedAt),
	}
}
