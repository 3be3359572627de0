package server

import (
	"context"
	"net/http"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListWebhookEndpoints lists endpoints without their secrets.
func (a *API) ListWebhookEndpoints(ctx context.Context, req gen.ListWebhookEndpointsRequestObject) (gen.ListWebhookEndpointsResponseObject, error) {
	options := listOptions(req.Params.Limit, req.Params.Cursor, nil)
	page, err := a.workspace(ctx).Endpoints(ctx, options)
	if err != nil {
		return nil, err
	}
	return gen.ListWebhookEndpoints200JSONResponse{
		Data:       payload.List(page.Items, payload.WebhookEndpoint),
		Pagination: pagination(page.NextCursor, options.Limit),
	}, nil
}

// GetWebhookEndpoint shows one endpoint without its secret.
func (a *API) GetWebhookEndpoint(ctx context.Context, req gen.GetWebhookEndpointRequestObject) (gen.GetWebhookEndpointResponseObject, error) {
	endpoint, err := a.workspace(ctx).Endpoint(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetWebhookEndpoint200JSONResponse{Data: payload.WebhookEndpoint(endpoint)}, nil
}

// CreateWebhookEndpoint makes an endpoint. Its answer, and a replay of it, are
// the only ones that show the secret.
func (a *API) CreateWebhookEndpoint(ctx context.Context, req gen.CreateWebhookEndpointRequestObject) (gen.CreateWebhookEndpointResponseObject, error) {
	if err := a.checkDestination(&req.Body.URL); err != nil {
		return nil, err
	}
	fresh := store.NewEndpoint{URL: req.Body.URL, Events: eventNames(req.Body.Events)}
	if req.Body.Label != nil {
		fresh.Label = *req.Body.Label
	}
	return once(ctx, a, visitCreateWebhookEndpoint, func(tx *store.Tx) (gen.CreateWebhookEndpointResponseObject, error) {
		endpoint, secret, err := tx.CreateEndpoint(ctx, fresh)
		if err != nil {
			return nil, err
		}
		return gen.CreateWebhookEndpoint201JSONResponse{Data: payload.CreatedWebhookEndpoint(endpoint, secret)}, told(ctx, tx, "webhook_endpoint.created", endpoint.ID, nil)
	})
}

func visitCreateWebhookEndpoint(response gen.CreateWebhookEndpointResponseObject, w http.ResponseWriter) error {
	return response.VisitCreateWebhookEndpointResponse(w)
}

// UpdateWebhookEndpoint changes what the patch names, the status included.
func (a *API) UpdateWebhookEndpoint(ctx context.Context, req gen.UpdateWebhookEndpointRequestObject) (gen.UpdateWebhookEndpointResponseObject, error) {
	if err := a.checkDestination(req.Body.URL); err != nil {
		return nil, err
	}
	patch := endpointPatch(*req.Body)
	return once(ctx, a, visitUpdateWebhookEndpoint, func(tx *store.Tx) (gen.UpdateWebhookEndpointResponseObject, error) {
		endpoint, err := tx.UpdateEndpoint(ctx, req.ID, patch)
		if err == nil && endpoint.UpdatedAt.Equal(tx.Now()) { // what changes nothing leaves no line
			err = told(ctx, tx, patchAction(patch), req.ID, nil)
		}
		if err != nil {
			return nil, err
		}
		return gen.UpdateWebhookEndpoint200JSONResponse{Data: payload.WebhookEndpoint(endpoint)}, nil
	})
}

func visitUpdateWebhookEndpoint(response gen.UpdateWebhookEndpointResponseObject, w http.ResponseWriter) error {
	return response.VisitUpdateWebhookEndpointResponse(w)
}

// DeleteWebhookEndpoint ends an endpoint and cancels what waits for it. The log
// of its deliveries stays readable.
func (a *API) DeleteWebhookEndpoint(ctx context.Context, req gen.DeleteWebhookEndpointRequestObject) (gen.DeleteWebhookEndpointResponseObject, error) {
	return once(ctx, a, visitDeleteWebhookEndpoint, func(tx *store.Tx) (gen.DeleteWebhookEndpointResponseObject, error) {
		if err := tx.DeleteEndpoint(ctx, req.ID); err != nil {
			return nil, err
		}
		return gen.DeleteWebhookEndpoint200JSONResponse{Data: payload.DeletedWebhookEndpoint(req.ID, tx.Now())}, told(ctx, tx, "webhook_endpoint.deleted", req.ID, nil)
	})
}

func visitDeleteWebhookEndpoint(response gen.DeleteWebhookEndpointResponseObject, w http.ResponseWriter) error {
	return response.VisitDeleteWebhookEndpointResponse(w)
}

// TestWebhookEndpoint queues a webhook.test to this endpoint alone.
func (a *API) TestWebhookEndpoint(ctx context.Context, req gen.TestWebhookEndpointRequestObject) (gen.TestWebhookEndpointResponseObject, error) {
	return once(ctx, a, visitTestWebhookEndpoint, func(tx *store.Tx) (gen.TestWebhookEndpointResponseObject, error) {
		delivery, err := tx.TestEndpoint(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		return gen.TestWebhookEndpoint200JSONResponse{Data: payload.DeliveryDetail(delivery, nil)}, told(ctx, tx, "webhook_endpoint.tested", req.ID, nil)
	})
}

func visitTestWebhookEndpoint(response gen.TestWebhookEndpointResponseObject, w http.ResponseWriter) error {
	return response.VisitTestWebhookEndpointResponse(w)
}

// checkDestination refuses a URL that nothing may be sent to; nil is no URL.
func (a *API) checkDestination(url *string) error {
	if url == nil {
		return nil
	}
	if err := a.destinations.CheckURL(*url); err != nil {
		return invalid("/url", err.Error())
	}
	return nil
}

// patchAction is what the audit log says of a patch.
func patchAction(patch store.EndpointPatch) string {
	switch {
	case patch.Status == nil || patch.URL != nil || patch.Label != nil || patch.Events != nil:
		return "webhook_endpoint.changed"
	case *patch.Status == store.EndpointDisabled:
		return "webhook_endpoint.disabled"
	}
	return "webhook_endpoint.enabled"
}

// endpointPatch reads the body. A label of null takes the label away.
func endpointPatch(body gen.WebhookEndpointPatch) store.EndpointPatch {
	patch := store.EndpointPatch{URL: body.URL, Status: (*string)(body.Status)}
	if body.Label != nil {
		label := ""
		if *body.Label != nil {
			label = **body.Label
		}
		patch.Label = &label
	}
	if body.Events != nil {
		names := eventNames(*body.Events)
		patch.Events = &names
	}
	return patch
}

func eventNames(subscriptions []gen.EventSubscription) []string {
	return payload.List(subscriptions, func(s gen.EventSubscription) string { return string(s) })
}
