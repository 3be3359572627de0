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

// GetOrder shows one order.
func (a *API) GetOrder(ctx context.Context, req gen.GetOrderRequestObject) (gen.GetOrderResponseObject, error) {
	order, err := a.workspace(ctx).Order(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetOrder200JSONResponse{Data: payload.Order(order)}, nil
}

// CreateOrder records a payment and gives what was bought. The same payment
// again answers 200 with the first order: a gateway's webhook may come twice.
func (a *API) CreateOrder(ctx context.Context, req gen.CreateOrderRequestObject) (gen.CreateOrderResponseObject, error) {
	if err := checkOrder(*req.Body); err != nil {
		return nil, err
	}
	return once(ctx, a, gen.CreateOrderResponseObject.VisitCreateOrderResponse, func(tx *store.Tx) (gen.CreateOrderResponseObject, error) {
		effects, recorded, err := tx.RecordOrder(ctx, newOrder(*req.Body))
		if err != nil {
			return nil, err
		}
		body := gen.OrderResponse{Data: payload.Order(effects.Order)}
		if !recorded {
			return gen.CreateOrder200JSONResponse(body), nil
		}
		return gen.CreateOrder201JSONResponse(body), emitPaid(ctx, tx, effects)
	})
}

// emitPaid tells of a payment in the order in which a reader can follow: who,
// what was paid, what it gave. Nobody is told of a test order.
func emitPaid(ctx context.Context, tx *store.Tx, effects store.OrderEffects) error {
	if effects.Order.Test {
		return nil
	}
	var events []store.Event
	if effects.NewStudent != nil {
		events = append(events, payload.StudentCreated(*effects.NewStudent))
	}
	events = append(events, payload.OrderPaid(effects.Order))
	events = append(events, payload.List(effects.Enrolled, payload.EnrollmentCreated)...)
	return emitAll(ctx, tx, events)
}

// RefundOrder records money given back. The refund that reaches the gross amount
// takes back what the order gave.
func (a *API) RefundOrder(ctx context.Context, req gen.RefundOrderRequestObject) (gen.RefundOrderResponseObject, error) {
	fresh := store.NewRefund{OrderID: req.ID}
	if req.Body != nil {
		fresh.Amount, fresh.Reason, fresh.GatewayRefundID = req.Body.Amount, req.Body.Reason, req.Body.GatewayRefundID
	}
	return once(ctx, a, gen.RefundOrderResponseObject.VisitRefundOrderResponse, func(tx *store.Tx) (gen.RefundOrderResponseObject, error) {
		effects, refunded, err := tx.Refund(ctx, fresh)
		if err != nil {
			return nil, err
		}
		body := gen.OrderResponse{Data: payload.Order(effects.Order)}
		if !refunded {
			return gen.RefundOrder200JSONResponse(body), nil
		}
		return gen.RefundOrder201JSONResponse(body), emitRefunded(ctx, tx, effects)
	})
}

// emitRefunded tells of the refund first, then of the access that it ended.
func emitRefunded(ctx context.Context, tx *store.Tx, effects store.OrderEffects) error {
	if effects.Order.Test {
		return nil
	}
	events := []store.Event{payload.OrderRefunded(effects.Order)}
	return emitAll(ctx, tx, append(events, payload.List(effects.Revoked, payload.EnrollmentRevoked)...))
}

// emitAll emits events in their order.
func emitAll(ctx context.Context, tx *store.Tx, events []store.Event) error {
	for _, event := range events {
		if err := tx.Emit(ctx, event); err != nil {
			return err
		}
	}
	return nil
}
