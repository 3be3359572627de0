package store

import "time"

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
