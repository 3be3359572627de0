package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListOrders lists orders with receipts, refunds and entitlements.
func (a *API) ListOrders(ctx context.Context, req gen.ListOrdersRequestObject) (gen.ListOrdersResponseObject, error) {
	if from, to := req.Params.From, req.Params.To; from != nil && to != nil && !from.Before(*to) {
		return nil, invalid("from", "must be before to")
	}
	query := store.OrderQuery{
		ListOptions: listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince),
		StudentID:   req.Params.StudentID,
		Status:      (*string)(req.Params.Status),
		PaymentID:   req.Params.PaymentID,
		From:        req.Params.From,
		To:          req.Params.To,
	}
	page, err := a.workspace(ctx).Orders(ctx, query)
	if err != nil {
		return nil, err
	}
	return gen.ListOrders200JSONResponse{
		Data:       payload.List(page.Items, payload.Order),
		Pagination: pagination(page.NextCursor, query.Limit),
	}, nil
}
