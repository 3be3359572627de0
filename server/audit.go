package server

import (
	"context"

	"github.com/thebigclass/api/store"
)

// told writes to the workspace's audit log what the calling key did, in the
// transaction that does it. A replay runs none, so it tells nothing twice.
func told(ctx context.Context, tx *store.Tx, action, targetID string, detail map[string]string) error {
	made := callOf(ctx)
	return tx.Audit(ctx, store.AuditEntry{
		Actor: made.key.ID, Action: action, TargetID: targetID, Detail: detail,
		Address: made.client.String(), UserAgent: made.agent,
	})
}
