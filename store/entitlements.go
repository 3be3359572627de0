package store

import (
	"context"
	"database/sql"
	"time"
)

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

const entitlementColumns = `workspace_id, id, created_at, updated_at, order_id, student_id, type, reference, source,
	granted_at, expires_at, revoked_at`

func scanEntitlement(row *sql.Rows, e *Entitlement) error {
	return row.Scan(&e.WorkspaceID, &e.ID, at(&e.CreatedAt), at(&e.UpdatedAt), &e.OrderID, &e.StudentID, &e.Type,
		&e.Reference, &e.Source, at(&e.GrantedAt), atOrNil(&e.ExpiresAt), atOrNil(&e.RevokedAt))
}

// entitlementsOf reads all entitlements of some orders by entitlements_order: at most one for each item.
func entitlementsOf(ctx context.Context, s scope, orderIDs []string) ([]Entitlement, error) {
	places, args := idsIn(orderIDs, 2)
	return scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + entitlementColumns + ` FROM entitlements WHERE workspace_id = $1 AND order_id IN (` + places + `)
			ORDER BY created_at, id`,
		args: args, capacity: len(orderIDs),
	}, scanEntitlement)
}

// grant gives the buyer what each item of a paid order stands for, and enrols in the courses among them.
func (tx *Tx) grant(ctx context.Context, effects *OrderEffects) error {
	order := &effects.Order
	for i, item := range order.Items {
		if item.ProductID == nil {
			continue // nothing of this workspace
		}
		entitlement := Entitlement{WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now, OrderID: order.ID,
			StudentID: *order.StudentID, Type: item.Kind, Reference: *item.ProductID, Source: SourceCheckout, GrantedAt: tx.now}
		var err error
		if entitlement.ID, err = tx.newID(prefixEntitlement); err != nil {
			return err
		}
		if err := insert(ctx, tx.scope, &entitlement); err != nil {
			return err
		}
		order.Entitlements = append(order.Entitlements, entitlement)
		if !item.course() {
			continue
		}
		enrollment, created, err := tx.Enroll(ctx, NewEnrollment{StudentID: *order.StudentID, CourseID: *item.ProductID,
			Source: SourceCheckout, orderID: &order.ID})
		if err != nil {
			return atItem(i, err)
		}
		if created {
			effects.Enrolled = append(effects.Enrolled, enrollment)
		}
	}
	return nil
}

// endEntitlements ends what an order gave. An enrollment that it gave goes over to another order that still covers
// it, or else is revoked and returned.
func (tx *Tx) endEntitlements(ctx context.Context, orderID string) (revoked []Enrollment, err error) {
	_, err = tx.scope.exec(ctx, `UPDATE entitlements SET revoked_at = $3, updated_at = $3
		WHERE workspace_id = $1 AND order_id = $2 AND revoked_at IS NULL`, orderID, micros(tx.now))
	if err != nil {
		return nil, err
	}
	given, err := scanAll(ctx, tx.scope, sqlQuery{
		text: `SELECT ` + enrollmentColumns + ` FROM enrollments WHERE workspace_id = $1 AND order_id = $2 ORDER BY id`,
		args: []any{orderID},
	}, scanEnrollment)
	if err != nil {
		return nil, err
	}
	for _, enrollment := range given {
		if !enrollment.Live() {
			continue
		}
		ended, err := tx.uncover(ctx, enrollment)
		if err != nil {
			return nil, err
		}
		if ended != nil {
			revoked = append(revoked, *ended)
		}
	}
	return revoked, nil
}

// uncover takes from an enrollment the order that gave it. It returns the enrollment if that revoked it, and nil if
// another order still covers it.
func (tx *Tx) uncover(ctx context.Context, e Enrollment) (*Enrollment, error) {
	heir, err := tx.coveringOrder(ctx, e)
	if err != nil {
		return nil, err
	}
	if heir != "" {
		return nil, tx.handOver(ctx, e, heir)
	}
	reason := "refunded"
	e, _, err = tx.Revoke(ctx, e.ID, &reason, SourceCheckout)
	return &e, err
}

// coveringOrder is the order of the oldest live entitlement to the enrollment's course, "" if there is none.
func (tx *Tx) coveringOrder(ctx context.Context, e Enrollment) (string, error) {
	orders, err := scanAll(ctx, tx.scope, sqlQuery{
		text: `SELECT order_id FROM entitlements WHERE workspace_id = $1 AND student_id = $2 AND reference = $3
			AND type = 'course' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $4)
			ORDER BY granted_at, id LIMIT 1`,
		args: []any{e.StudentID, e.CourseID, micros(tx.now)},
	}, scanText)
	if err != nil || len(orders) == 0 {
		return "", err
	}
	return orders[0], nil
}

// handOver names another order as the one that gave the enrollment.
func (tx *Tx) handOver(ctx context.Context, e Enrollment, orderID string) error {
	e.OrderID, e.UpdatedAt = &orderID, tx.now
	if err := tx.saveEnrollment(ctx, e); err != nil {
		return err
	}
	return tx.sumUpStudent(ctx, e.StudentID) // for its updatedAt: the student embeds the enrollment
}
