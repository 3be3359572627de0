package server

import (
	"context"
	"strconv"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// defaultOverlap is how long an old secret signs beside a new one unless the call says otherwise.
const defaultOverlap = 24 * time.Hour

// RotateWebhookEndpointSecret replaces the secret. Its answer, and a replay of
// it, are the only ones that show the new one.
func (a *API) RotateWebhookEndpointSecret(ctx context.Context, req gen.RotateWebhookEndpointSecretRequestObject) (gen.RotateWebhookEndpointSecretResponseObject, error) {
	overlap := defaultOverlap
	if req.Body != nil && req.Body.OverlapSeconds != nil {
		overlap = time.Duration(*req.Body.OverlapSeconds) * time.Second
	}
	return once(ctx, a, gen.RotateWebhookEndpointSecretResponseObject.VisitRotateWebhookEndpointSecretResponse, func(tx *store.Tx) (gen.RotateWebhookEndpointSecretResponseObject, error) {
		endpoint, secret, err := tx.RotateSecret(ctx, req.ID, overlap)
		if err != nil {
			return nil, err
		}
		return gen.RotateWebhookEndpointSecret200JSONResponse{Data: payload.CreatedWebhookEndpoint(endpoint, secret)},
			told(ctx, tx, "webhook_endpoint.secret_rotated", req.ID, map[string]string{"overlapSeconds": strconv.Itoa(int(overlap.Seconds()))})
	})
}

// RevokeOldWebhookEndpointSecret ends an overlap early. Without one it changes nothing.
func (a *API) RevokeOldWebhookEndpointSecret(ctx context.Context, req gen.RevokeOldWebhookEndpointSecretRequestObject) (gen.RevokeOldWebhookEndpointSecretResponseObject, error) {
	return once(ctx, a, gen.RevokeOldWebhookEndpointSecretResponseObject.VisitRevokeOldWebhookEndpointSecretResponse, func(tx *store.Tx) (gen.RevokeOldWebhookEndpointSecretResponseObject, error) {
		endpoint, err := tx.RevokeOldSecret(ctx, req.ID)
		if err == nil && endpoint.UpdatedAt.Equal(tx.Now()) { // without an old secret nothing was done
			err = told(ctx, tx, "webhook_endpoint.old_secret_revoked", req.ID, nil)
		}
		if err != nil {
			return nil, err
		}
		return gen.RevokeOldWebhookEndpointSecret200JSONResponse{Data: payload.WebhookEndpoint(endpoint)}, nil
	})
}
