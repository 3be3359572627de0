package server

import (
	"context"
	"net/http"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListWebhookDeliveries lists the delivery log, deleted endpoints included.
func (a *API) ListWebhookDeliveries(ctx context.Context, req gen.ListWebhookDeliveriesRequestObject) (gen.ListWebhookDeliveriesResponseObject, error) {
	query := store.DeliveryQuery{
		ListOptions: listOptions(req.Params.Limit, req.Params.Cursor, nil),
		EndpointID:  filter(req.Params.EndpointID),
		EventID:     filter(req.Params.EventID),
		EventType:   filter(req.Params.EventType),
		Status:      filter(req.Params.Status),
		Since:       req.Params.Since,
	}
	page, err := a.workspace(ctx).Deliveries(ctx, query)
	if err != nil {
		return nil, err
	}
	return gen.ListWebhookDeliveries200JSONResponse{
		Data:       payload.List(page.Items, payload.Delivery),
		Pagination: pagination(page.NextCursor, query.Limit),
	}, nil
}

// GetWebhookDelivery shows one delivery with its newest attempts.
func (a *API) GetWebhookDelivery(ctx context.Context, req gen.GetWebhookDeliveryRequestObject) (gen.GetWebhookDeliveryResponseObject, error) {
	delivery, attempts, err := a.workspace(ctx).Delivery(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetWebhookDelivery200JSONResponse{Data: payload.DeliveryDetail(delivery, attempts)}, nil
}

// RedeliverWebhookDelivery makes a delivery due now: the same event id, delivery
// id and bytes, with a signature of their time.
func (a *API) RedeliverWebhookDelivery(ctx context.Context, req gen.RedeliverWebhookDeliveryRequestObject) (gen.RedeliverWebhookDeliveryResponseObject, error) {
	return once(ctx, a, visitRedeliverWebhookDelivery, func(tx *store.Tx) (gen.RedeliverWebhookDeliveryResponseObject, error) {
		delivery, err := tx.Redeliver(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		attempts, err := tx.Attempts(ctx, req.ID)
		if err != nil {
			return nil, err
		}
		return gen.RedeliverWebhookDelivery200JSONResponse{Data: payload.DeliveryDetail(delivery, attempts)}, told(ctx, tx, "webhook_delivery.redelivered", req.ID, nil)
	})
}

func visitRedeliverWebhookDelivery(response gen.RedeliverWebhookDeliveryResponseObject, w http.ResponseWriter) error {
	return response.VisitRedeliverWebhookDeliveryResponse(w)
}

// filter is the value of an optional filter, "" where it is not given. No
// filter can be given empty: validation refuses that.
func filter[T ~string](value *T) string {
	if value == nil {
		return ""
	}
	return string(*value)
}
