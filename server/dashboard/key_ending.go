package dashboard

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/thebigclass/api/store"
)

// endingKey is a key that somebody is about to revoke or to replace.
type endingKey struct {
	entered
	liveKey
	Lately store.Outcomes // its requests since Since
	Since  time.Time
	Graces []grace
}

// grace is how long a key may go on after it was replaced.
type grace struct{ Value, Label string }

// graces are the store's, in words.
var graces = []grace{
	{"0", "Not at all: it is refused from the next call on"},
	{"1", "For 1 hour"},
	{"24", "For 24 hours"},
	{"168", "For 7 days"},
}

// ending reads the key and what depends on it.
func (d *Dashboard) ending(ctx context.Context, v *visit) (endingKey, error) {
	key, err := d.workspace(v).Key(ctx, v.param("id"))
	if err != nil {
		return endingKey{}, err
	}
	page := endingKey{liveKey: liveKey{key, d.Now()}, Graces: graces}
	page.Lately, page.Since, err = d.lastDay(ctx, v, key.ID)
	return page, err
}

// revokePage says what stops working.
func (d *Dashboard) revokePage(ctx context.Context, v *visit) (answer, error) {
	page, err := d.ending(ctx, v)
	if err == nil && !page.Live() {
		return goTo(page.Path()), nil
	}
	return show("key_revoke", "Revoke "+page.Name, page), err
}

// revoke ends the key. To stop a leak no password is asked for again.
func (d *Dashboard) revoke(ctx context.Context, v *visit) (answer, error) {
	key, err := d.workspace(v).FindKey(ctx, v.param("id"))
	if err != nil {
		return answer{}, err
	}
	if key.RevokedAt == nil {
		_, err = d.once(ctx, v, func(tx *store.Tx) (effect, error) {
			if now, err := tx.FindKey(ctx, key.ID); err != nil || now.RevokedAt != nil {
				return effect{TargetID: key.ID}, err // somebody else was quicker
			}
			if err := tx.RevokeKey(ctx, key.ID, v.session.UserID); err != nil {
				return effect{}, err
			}
			return effect{TargetID: key.ID}, tx.Audit(ctx, v.entry("key.revoked", key.ID, map[string]string{"hint": key.Hint}))
		})
	}
	return goTo(keyPath(key.ID, "?done=key-revoked")), err
}

// replacePage asks how long the old key may go on.
func (d *Dashboard) replacePage(ctx context.Context, v *visit) (answer, error) {
	page, err := d.ending(ctx, v)
	if err == nil && (!page.Live() || page.ReplacedBy != "") {
		return goTo(page.Path()), nil
	}
	page.entered = filled(url.Values{"grace": {"24"}})
	return show("key_replace", "Replace "+page.Name, page), err
}

// replace makes the sibling and goes on to its secret.
func (d *Dashboard) replace(ctx context.Context, v *visit) (answer, error) {
	key, err := d.workspace(v).FindKey(ctx, v.param("id"))
	if err != nil {
		return answer{}, err
	}
	hours, err := strconv.ParseUint(v.value("grace"), 10, 8)
	if err != nil {
		hours = 2 // no grace: the store refuses it
	}
	in := store.KeyReplacement{KeyID: key.ID, By: v.session.UserID, Grace: time.Duration(hours) * time.Hour}
	made, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		sibling, secret, err := tx.ReplaceKey(ctx, in)
		if err != nil {
			return effect{}, err
		}
		return effect{sibling.ID, secret}, tx.Audit(ctx, v.entry("key.replaced", key.ID, map[string]string{
			"hint": key.Hint, "replacedBy": sibling.ID, "graceHours": strconv.FormatUint(hours, 10),
		}))
	})
	refused := v.entered()
	if refused.take(err, map[string]string{"/grace": "grace"}) {
		page, err := d.ending(ctx, v)
		page.entered = refused
		return again("key_replace", "Replace "+key.Name, page), err
	}
	return goTo(keyPath(made, "/secret")), err
}
