package dashboard

import (
	"context"
	"strconv"
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// hookChange is what a button on an endpoint's page does: once, in one
// transaction with its line in the audit log.
type hookChange struct {
	do   func(tx *store.Tx, id string) (effect, error)
	next func(id, targetID string) string // where to go on
}

// changed runs a change. A refusal is shown on the endpoint's page.
func (d *Dashboard) changed(ctx context.Context, v *visit, e entered, change hookChange) (answer, error) {
	id := v.param("id")
	targetID, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) { return change.do(tx, id) })
	if e.take(err, map[string]string{"/since": "since", "/overlapSeconds": "overlap"}) {
		return d.hookAgain(ctx, v, id, e)
	}
	if err != nil {
		return answer{}, err
	}
	return goTo(change.next(id, targetID)), nil
}

// stay goes back to the endpoint's page, which says what was done.
func stay(notice string) func(id, targetID string) string {
	return func(id, _ string) string { return hookPath(id) + "?done=" + notice }
}

// patchHook changes the endpoint of the path. What changes nothing leaves no line in the audit log.
func (v *visit) patchHook(ctx context.Context, tx *store.Tx, patch store.EndpointPatch, action string) (effect, error) {
	id := v.param("id")
	after, err := tx.UpdateEndpoint(ctx, id, patch)
	if err != nil || !after.UpdatedAt.Equal(tx.Now()) {
		return effect{TargetID: id}, err
	}
	return effect{TargetID: id}, tx.Audit(ctx, v.entry(action, id, nil))
}

func (d *Dashboard) disableHook(ctx context.Context, v *visit) (answer, error) {
	return d.setHookStatus(ctx, v, store.EndpointDisabled, "disabled")
}

func (d *Dashboard) enableHook(ctx context.Context, v *visit) (answer, error) {
	return d.setHookStatus(ctx, v, store.EndpointActive, "enabled")
}

func (d *Dashboard) setHookStatus(ctx context.Context, v *visit, status, done string) (answer, error) {
	return d.changed(ctx, v, v.entered(), hookChange{
		do: func(tx *store.Tx, _ string) (effect, error) {
			return v.patchHook(ctx, tx, store.EndpointPatch{Status: &status}, "webhook_endpoint."+done)
		},
		next: stay("endpoint-" + done),
	})
}

// rotateSecret replaces the secret and goes on to the page that shows the new one once.
func (d *Dashboard) rotateSecret(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	e := v.entered()
	seconds, err := strconv.Atoi(v.value("overlap"))
	if err != nil {
		e.refuse("overlap", "choose how long the old secret may sign")
		return d.hookAgain(ctx, v, id, e)
	}
	fields := map[string]string{"/overlapSeconds": "overlap"}
	if _, ok := checkedBody[gen.WebhookSecretRotation](v, "rotateWebhookEndpointSecret", map[string]any{"overlapSeconds": seconds}, e, fields); !ok {
		return d.hookAgain(ctx, v, id, e)
	}
	return d.changed(ctx, v, e, hookChange{
		do: func(tx *store.Tx, id string) (effect, error) {
			_, secret, err := tx.RotateSecret(ctx, id, time.Duration(seconds)*time.Second)
			if err != nil {
				return effect{}, err
			}
			detail := map[string]string{"overlapSeconds": strconv.Itoa(seconds)}
			return effect{TargetID: id, Secret: secret}, tx.Audit(ctx, v.entry("webhook_endpoint.secret_rotated", id, detail))
		},
		next: func(id, _ string) string { return hookPath(id) + "/secret?done=secret-rotated" },
	})
}

// revokeOldSecret ends an overlap now.
func (d *Dashboard) revokeOldSecret(ctx context.Context, v *visit) (answer, error) {
	return d.changed(ctx, v, v.entered(), hookChange{
		do: func(tx *store.Tx, id string) (effect, error) {
			after, err := tx.RevokeOldSecret(ctx, id)
			if err != nil || !after.UpdatedAt.Equal(tx.Now()) {
				return effect{TargetID: id}, err
			}
			return effect{TargetID: id}, tx.Audit(ctx, v.entry("webhook_endpoint.old_secret_revoked", id, nil))
		},
		next: stay("old-secret-revoked"),
	})
}

// testHook sends a webhook.test and goes on to its delivery.
func (d *Dashboard) testHook(ctx context.Context, v *visit) (answer, error) {
	return d.changed(ctx, v, v.entered(), hookChange{
		do: func(tx *store.Tx, id string) (effect, error) {
			delivery, err := tx.TestEndpoint(ctx, id)
			if err != nil {
				return effect{}, err
			}
			return effect{TargetID: delivery.ID}, tx.Audit(ctx, v.entry("webhook_endpoint.tested", id, nil))
		},
		next: func(_, deliveryID string) string { return deliveryPath(deliveryID) + "?done=test-sent" },
	})
}

// deleteHook ends the endpoint; its deliveries stay readable.
func (d *Dashboard) deleteHook(ctx context.Context, v *visit) (answer, error) {
	return d.changed(ctx, v, v.entered(), hookChange{
		do: func(tx *store.Tx, id string) (effect, error) {
			if err := tx.DeleteEndpoint(ctx, id); err != nil {
				return effect{}, err
			}
			return effect{TargetID: id}, tx.Audit(ctx, v.entry("webhook_endpoint.deleted", id, nil))
		},
		next: func(string, string) string { return hooksPath + "?done=endpoint-deleted" },
	})
}

// recoverHook starts to send all that the endpoint has missed since a time.
func (d *Dashboard) recoverHook(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	e := v.entered()
	since, ok := minuteIn(v.value("since"), zone(v.session))
	if !ok {
		e.refuse("since", "enter a date and a time")
		return d.hookAgain(ctx, v, id, e)
	}
	return d.changed(ctx, v, e, hookChange{
		do: func(tx *store.Tx, id string) (effect, error) {
			recovery, err := tx.Recover(ctx, id, store.NewRecovery{Since: since})
			if err != nil {
				return effect{}, err
			}
			return effect{TargetID: recovery.ID}, tx.Audit(ctx, v.entry("webhook_recovery.started", id, map[string]string{"recoveryId": recovery.ID}))
		},
		next: stay("recovery-started"),
	})
}
