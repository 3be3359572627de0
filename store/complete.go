package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Outcome says how the attempt of a claim went.
type Outcome struct {
	Claim     Claim
	Attempt   Attempt // number, trigger and request body are the claim's
	Succeeded bool
	// Reordered says that it succeeded with the claim's two secrets in the other order.
	Reordered bool
	// RetryIn is how long after now the next attempt is due; nil if a failure is final.
	RetryIn *time.Duration
	// DisableAfter is how long an endpoint may fail before a failed attempt disables it; 0 is for ever.
	DisableAfter time.Duration
}

// CompleteDeliveries records attempts, all in one transaction. Only the holder of the current lease is heard: what a
// stale worker says changes nothing, and fenced is how many were not heard: their lease had run out and others have the
// delivery, or it was canceled. A failed attempt that disables its endpoint is recorded in a Tx of the
// workspace, since no event may be queued for the endpoint meanwhile; that Tx also writes the e-mail and the audit
// line. On an error nothing of the group, or only of those endpoints, was recorded: calling again is safe.
func (s *Store) CompleteDeliveries(ctx context.Context, list []Outcome) (fenced int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	writer, giveBack := s.writers.take()
	defer giveBack()
	group := outcomes{list: list, writer: writer}
	var done completion
	err = s.inTx(ctx, func(db connection) (err error) {
		done, err = s.complete(ctx, db, group, false)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("complete deliveries: %w", err)
	}
	fenced = done.fenced
	for _, doomed := range byEndpoint(done.doomed) {
		more, err := s.completeAndDisable(ctx, outcomes{list: doomed, writer: writer})
		fenced += more
		if err != nil {
			return fenced, fmt.Errorf("complete deliveries: %w", err)
		}
	}
	return fenced, nil
}

// outcomes are a group to be completed, and the name under which it is counted.
type outcomes struct {
	list   []Outcome
	writer string
}

// completion is what became of a group.
type completion struct {
	doomed []Outcome // of endpoints that the group disables
	fenced int       // with another token than the row's
}

func byEndpoint(list []Outcome) map[laneKey][]Outcome {
	groups := map[laneKey][]Outcome{}
	for _, c := range list {
		key := c.Claim.held().laneKey
		groups[key] = append(groups[key], c)
	}
	return groups
}

func (s *Store) completeAndDisable(ctx context.Context, group outcomes) (fenced int, err error) {
	first := group.list[0].Claim
	err = s.Workspace(first.WorkspaceID).Tx(ctx, func(tx *Tx) error {
		done, err := s.complete(ctx, tx.scope.db.Statement.ConnPool, group, true)
		fenced = done.fenced
		if err != nil || len(done.doomed) == 0 {
			return err
		}
		endpoint, err := readEndpoint(ctx, tx.scope, first.EndpointID, "")
		if err != nil {
			return err
		}
		if err := tx.disableEndpoint(ctx, endpoint.ID, DisabledFailing); err != nil {
			return err
		}
		if err := tx.audit(ctx, "system", "webhook_endpoint.disabled", endpoint.ID); err != nil {
			return err
		}
		return tx.mailOwners(ctx, disabledMail(endpoint))
	})
	return fenced, err
}

// complete records completions. Those of an endpoint that one of them disables are left out and returned, unless
// inTx: then they are recorded, and returned for the caller to disable the endpoint.
func (s *Store) complete(ctx context.Context, db connection, group outcomes, inTx bool) (done completion, err error) {
	list := group.list
	endpoints, err := s.lockHealth(ctx, db, lanesOf(heldOf(list)))
	if err != nil {
		return done, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(c Outcome) bool {
		if !disables(list, endpoints, c.Claim.held().laneKey) {
			return false
		}
		done.doomed = append(done.doomed, c)
		return !inTx
	})
	if len(list) == 0 {
		return done, nil
	}
	heard, err := s.settle(ctx, db, outcomeRows(list, endpoints), group.writer)
	if err != nil {
		return done, err
	}
	done.fenced = len(list) - len(heard)
	list = slices.DeleteFunc(list, func(c Outcome) bool { return !heard[c.Claim.DeliveryID] })
	done.doomed = slices.DeleteFunc(done.doomed, func(c Outcome) bool { return inTx && !heard[c.Claim.DeliveryID] })
	return done, s.noteHealth(ctx, db, list, endpoints)
}

// disables reports whether a failed attempt in list is the end of the endpoint. A success in the same group saves it.
func disables(list []Outcome, endpoints map[laneKey]*health, key laneKey) bool {
	h := endpoints[key]
	end := false
	for _, c := range list {
		if c.Claim.held().laneKey != key || c.Claim.EventType == TestEventType || h == nil {
			continue
		}
		if c.Succeeded {
			return false
		}
		end = end || h.exhausted(c.DisableAfter)
	}
	return end
}

func heldOf(list []Outcome) []held {
	all := make([]held, len(list))
	for i, c := range list {
		all[i] = c.Claim.held()
	}
	return all
}

// noteHealth tells the endpoints how their attempts went.
func (s *Store) noteHealth(ctx context.Context, db connection, list []Outcome, endpoints map[laneKey]*health) error {
	changed := map[laneKey]bool{}
	for _, c := range list {
		if c.Claim.EventType == TestEventType {
			continue
		}
		key := c.Claim.held().laneKey
		changed[key] = true
		if c.Succeeded {
			endpoints[key].succeed()
		} else {
			endpoints[key].fail()
		}
	}
	var updates []*health
	for key := range changed {
		updates = append(updates, endpoints[key])
	}
	if err := s.keepHealth(ctx, db, updates); err != nil {
		return err
	}
	return s.keepOrder(ctx, db, list)
}

// disabledMail tells the owners what happened and what to do.
func disabledMail(endpoint Endpoint) mail {
	return mail{
		kind:    "webhook_endpoint_disabled",
		subject: "Webhook endpoint disabled: " + endpoint.name(),
		body: "The webhook endpoint " + endpoint.name() + " (" + endpoint.ID + ") has failed for seven days and was " +
			"disabled. Pending deliveries were canceled; events are kept for 30 days. Once the endpoint answers again, " +
			"enable it under /dashboard/developer/webhooks and recover what it missed.",
	}
}
