package dashboard

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/thebigclass/api/store"
)

// newKeyForm is the form of a new key.
type newKeyForm struct {
	entered
	Groups []scopeGroup
	Today  string // the earliest day to expire on
}

// Lives are the choices of how long a key lives, in days.
func (newKeyForm) Lives() []string { return []string{"30", "90", "365"} }

func (d *Dashboard) keyForm(v *visit, in entered) newKeyForm {
	return newKeyForm{entered: in, Groups: scopeGroups, Today: d.Now().In(zone(v.session)).Format(time.DateOnly)}
}

// newKeyPage is the empty form.
func (d *Dashboard) newKeyPage(_ context.Context, v *visit) (answer, error) {
	return show("key_new", "New API key", d.keyForm(v, filled(url.Values{"expires": {"never"}}))), nil
}

// keyFields names the form's field for each of the store's.
var keyFields = map[string]string{"/name": "name", "/note": "note", "/scopes": "scope", "/expiresAt": "expires"}

// newKey makes the key and goes on to its secret.
func (d *Dashboard) newKey(ctx context.Context, v *visit) (answer, error) {
	in := v.entered()
	fresh := store.NewKey{
		Name: v.value("name"), Note: v.value("note"), Scopes: knownScopes(v.form["scope"]), CreatedBy: v.session.UserID,
	}
	fresh.ExpiresAt = d.expiry(v, in)
	if fresh.Name == "" {
		in.refuse("name", "enter a name that tells you later what uses the key")
	}
	if len(fresh.Scopes) == 0 {
		in.refuse("scope", "choose at least one scope")
	}
	if in.Any() {
		return again("key_new", "New API key", d.keyForm(v, in)), nil
	}
	made, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		key, secret, err := tx.CreateKey(ctx, fresh)
		if err != nil {
			return effect{}, err
		}
		return effect{key.ID, secret}, tx.Audit(ctx, v.entry("key.created", key.ID, keyDetail(key)))
	})
	if in.take(err, keyFields) {
		return again("key_new", "New API key", d.keyForm(v, in)), nil
	}
	return goTo(keyPath(made, "/secret")), err
}

// keyDetail is what the audit log tells of a key: never its name, which may be anything.
func keyDetail(key store.Key) map[string]string {
	detail := map[string]string{"hint": key.Hint, "scopes": strings.Join(key.Scopes, " ")}
	if key.ExpiresAt != nil {
		detail["expiresAt"] = key.ExpiresAt.Format(time.RFC3339)
	}
	return detail
}

// expiry reads when the new key ends: never, after some days, or with a day of the workspace's calendar.
func (d *Dashboard) expiry(v *visit, in entered) *time.Time {
	now := d.Now()
	switch choice := v.value("expires"); choice {
	case "never":
		return nil
	case "30", "90", "365":
		days := map[string]int{"30": 30, "90": 90, "365": 365}[choice]
		ends := now.AddDate(0, 0, days)
		return &ends
	case "date":
		day, err := time.ParseInLocation(time.DateOnly, v.value("day"), zone(v.session))
		if err != nil {
			in.refuse("day", "enter the last day on which the key works")
			return nil
		}
		ends := midnight(day.Location(), day, 1).Add(-time.Second) // the day that was chosen, wherever it is shown
		if !ends.After(now) {
			in.refuse("day", "this day is over already")
		}
		if day.Year() > 9998 {
			in.refuse("day", "this day is too far away")
		}
		return &ends
	}
	in.refuse("expires", "choose when the key expires")
	return nil
}
