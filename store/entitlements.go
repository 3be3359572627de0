package store

import "time"

// Entitlement is what an order gave its buyer. It is live until RevokedAt or ExpiresAt.
type Entitlement struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	OrderID   string
	StudentID string
	Type      string // the kind of the item: course, download, …
	Reference string // the item's product id; of type course: the course's id
	Source    string
	GrantedAt time.Time  `gorm:"serializer:micros"`
	ExpiresAt *time.Time `gorm:"serializer:micros"`
	RevokedAt *time.Time `gorm:"serializer:micros"`
}
