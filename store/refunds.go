package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Refund is money given back for an order. It was made at CreatedAt and never changes.
type Refund struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	OrderID         string
	Amount          int64
	Reason          *string
	GatewayRefundID *string
}

const refundColumns = `workspace_id, id, created_at, updated_at, order_id, amount, reason, gateway_refund_id`

func scanRefund(row *sql.Rows, r *Refund) error {
	return row.Scan(&r.WorkspaceID, &r.ID, at(&r.CreatedAt), at(&r.UpdatedAt), &r.OrderID, &r.Amount,
		textOrNil(&r.Reason), textOrNil(&r.GatewayRefundID))
}

// maxRefunds is what an order shows, so the last of them must give back all that is left.
const maxRefunds = 1000

// refundsOf reads all refunds of some orders, newest first, by refunds_order. An order has at most maxRefunds.
func refundsOf(ctx context.Context, s scope, orderIDs []string) ([]Refund, error) {
	places, args := idsIn(orderIDs, 2)
	return scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + refundColumns + ` FROM refunds WHERE workspace_id = $1 AND order_id IN (` + places + `)
			ORDER BY created_at DESC, id DESC`,
		args: args, capacity: len(orderIDs),
	}, scanRefund)
}

// NewRefund is what a caller decides about a refund. Amount nil is all that is left.
type NewRefund struct {
	OrderID         string
	Amount          *int64
	Reason          *string
	GatewayRefundID *string
}

// Refund gives money of a paid order back and reports whether that is new: a GatewayRefundID that the order knows
// already changes nothing. The gateway's fee is not returned. Only the refund that reaches the gross amount ends
// what the order gave.
func (tx *Tx) Refund(ctx context.Context, in NewRefund) (OrderEffects, bool, error) {
	order, err := readOrder(ctx, tx.scope, "id = $2", in.OrderID)
	if err != nil {
		return OrderEffects{}, false, fmt.Errorf("refund %s: %w", in.OrderID, err)
	}
	for _, known := range order.Refunds {
		if in.GatewayRefundID != nil && known.GatewayRefundID != nil && *in.GatewayRefundID == *known.GatewayRefundID {
			return OrderEffects{Order: order}, false, nil
		}
	}
	amount, err := refundable(order, in.Amount)
	if err != nil {
		return OrderEffects{}, false, err
	}
	if err := tx.keepRefund(ctx, in, amount); err != nil {
		return OrderEffects{}, false, fmt.Errorf("refund %s: %w", in.OrderID, err)
	}
	effects := OrderEffects{}
	if effects.Revoked, err = tx.takeBack(ctx, order, amount); err != nil {
		return OrderEffects{}, false, fmt.Errorf("refund %s: %w", in.OrderID, err)
	}
	effects.Order, err = readOrder(ctx, tx.scope, "id = $2", in.OrderID)
	return effects, true, err
}

// refundable is the amount of the refund, or why there can be none.
func refundable(order Order, amount *int64) (int64, error) {
	left := order.GrossAmount - order.RefundedAmount
	if order.Status != OrderPaid && order.Status != OrderPartiallyRefunded || left == 0 {
		return 0, &Invalid{Field: "", Issue: "the order is " + order.Status + ": there is nothing to refund"}
	}
	if amount == nil {
		return left, nil
	}
	if *amount < 1 || *amount > left {
		return 0, &Invalid{Field: "/amount", Issue: fmt.Sprintf("must be from 1 to %d, which is what is left", left)}
	}
	if *amount < left && len(order.Refunds) >= maxRefunds-1 {
		return 0, &Invalid{Field: "/amount", Issue: fmt.Sprintf(
			"must be %d, which is all that is left: an order has at most %d refunds", left, maxRefunds)}
	}
	return *amount, nil
}

func (tx *Tx) keepRefund(ctx context.Context, in NewRefund, amount int64) error {
	id, err := tx.newID(prefixRefund)
	if err != nil {
		return err
	}
	return insert(ctx, tx.scope, &Refund{WorkspaceID: tx.WorkspaceID(), ID: id, CreatedAt: tx.now, UpdatedAt: tx.now,
		OrderID: in.OrderID, Amount: amount, Reason: in.Reason, GatewayRefundID: in.GatewayRefundID})
}

// takeBack moves the order's amounts and status, the rollups, and with the last refund what the order gave: it
// returns the enrollments that this revoked.
func (tx *Tx) takeBack(ctx context.Context, order Order, amount int64) ([]Enrollment, error) {
	order.RefundedAmount += amount
	order.Status, order.RefundedAt, order.UpdatedAt = OrderPartiallyRefunded, &tx.now, tx.now
	if order.RefundedAmount == order.GrossAmount {
		order.Status = OrderRefunded
	}
	order.NetAmount = order.net()
	n, err := rows[Order](tx.scope).Where("id = ?", order.ID).
		Select("status", "refunded_amount", "net_amount", "refunded_at", "updated_at").Updates(ctx, order)
	if err := affected(n, err); err != nil {
		return nil, err
	}
	if order.Test {
		return nil, nil
	}
	if err := tx.addDay(ctx, tx.now, dayFigures{refunded: amount, refunds: 1}); err != nil {
		return nil, err
	}
	if order.Status == OrderRefunded {
		return tx.endEntitlements(ctx, order.ID)
	}
	return nil, nil
}
