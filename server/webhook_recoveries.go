package server

import (
	"context"
	"net/http"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// RecoverWebhookEndpoint starts a job that sends an endpoint what it has missed.
func (a *API) RecoverWebhookEndpoint(ctx context.Context, req gen.RecoverWebhookEndpointRequestObject) (gen.RecoverWebhookEndpointResponseObject, error) {
	fresh := store.NewRecovery{Since: req.Body.Since}
	if req.Body.Events != nil {
		fresh.Events = payload.List(*req.Body.Events, func(kind gen.FeedEventType) string { return string(kind) })
	}
	return once(ctx, a, visitRecoverWebhookEndpoint, func(tx *store.Tx) (gen.RecoverWebhookEndpointResponseObject, error) {
		recovery, err := tx.Recover(ctx, req.ID, fresh)
		if err != nil {
			return nil, err
		}
		return gen.RecoverWebhookEndpoint201JSONResponse{Data: payload.WebhookRecovery(recovery)},
			told(ctx, tx, "webhook_recovery.started", req.ID, map[string]string{"recoveryId": recovery.ID})
	})
}

func visitRecoverWebhookEndpoint(response gen.RecoverWebhookEndpointResponseObject, w http.ResponseWriter) error {
	return response.VisitRecoverWebhookEndpointResponse(w)
}

// GetWebhookRecovery shows how far a recovery is.
func (a *API) GetWebhookRecovery(ctx context.Context, req gen.GetWebhookRecoveryRequestObject) (gen.GetWebhookRecoveryResponseObject, error) {
	recovery, err := a.workspace(ctx).Recovery(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetWebhookRecovery200JSONResponse{Data: payload.WebhookRecovery(recovery)}, nil
}
