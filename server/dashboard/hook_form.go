package dashboard

import (
	"context"
	"net/url"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// hookForm is the page that makes or changes an endpoint.
type hookForm struct {
	Entered entered
	Hook    hookView // zero for a new one
	Action  string
	Groups  []eventGroup
}

// hookFields are the form's fields for the members of the contract's body.
var hookFields = map[string]string{"/url": "url", "/label": "label", "/events": "events"}

// newHook shows the empty form.
func (d *Dashboard) newHook(context.Context, *visit) (answer, error) {
	return show("webhook_form", "New endpoint", hookForm{Entered: filled(url.Values{}), Action: hooksPath + "/new", Groups: eventGroups}), nil
}

// createHook makes an endpoint and goes on to the page that shows its secret once.
func (d *Dashboard) createHook(ctx context.Context, v *visit) (answer, error) {
	form := hookForm{Entered: v.entered(), Action: hooksPath + "/new", Groups: eventGroups}
	wanted, ok := d.describedHook(v, form.Entered)
	if !ok {
		return again("webhook_form", "New endpoint", form), nil
	}
	id, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		endpoint, secret, err := tx.CreateEndpoint(ctx, wanted)
		if err != nil {
			return effect{}, err
		}
		err = tx.Audit(ctx, v.entry("webhook_endpoint.created", endpoint.ID, nil))
		return effect{TargetID: endpoint.ID, Secret: secret}, err
	})
	if form.Entered.take(err, hookFields) {
		return again("webhook_form", "New endpoint", form), nil
	}
	if err != nil {
		return answer{}, err
	}
	return goTo(hookPath(id) + "/secret?done=endpoint-created"), nil
}

// editHook shows the form with what is stored.
func (d *Dashboard) editHook(_ context.Context, _ *visit, p store.Endpoint) (answer, error) {
	stored := url.Values{"url": {p.URL}, "label": {p.Label}, "events": p.Events}
	return show("webhook_form", "Edit endpoint", d.editForm(p, filled(stored))), nil
}

func (d *Dashboard) editForm(p store.Endpoint, e entered) hookForm {
	return hookForm{Entered: e, Hook: d.hookView(p), Action: hookPath(p.ID) + "/edit", Groups: eventGroups}
}

// changeHook stores the form.
func (d *Dashboard) changeHook(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	entered := v.entered()
	wanted, ok := d.describedHook(v, entered)
	var err error
	if ok {
		_, err = d.once(ctx, v, func(tx *store.Tx) (effect, error) {
			patch := store.EndpointPatch{URL: &wanted.URL, Label: &wanted.Label, Events: &wanted.Events}
			return v.patchHook(ctx, tx, patch, "webhook_endpoint.changed")
		})
	}
	if !ok || entered.take(err, hookFields) {
		endpoint, err := d.workspace(v).Endpoint(ctx, id)
		return again("webhook_form", "Edit endpoint", d.editForm(endpoint, entered)), err
	}
	if err != nil {
		return answer{}, err
	}
	return goTo(hookPath(id) + "?done=endpoint-changed"), nil
}

// describedHook reads the form by the contract's rules for the body of the same
// call, and by the operator's for destinations. It is false if a fault was noted.
func (d *Dashboard) describedHook(v *visit, e entered) (store.NewEndpoint, bool) {
	body := map[string]any{"url": v.value("url"), "events": chosenEvents(v.form["events"])}
	if v.form["events"] == nil {
		body["events"] = []string{}
	}
	if label := v.value("label"); label != "" {
		body["label"] = label
	}
	decoded, ok := checkedBody[gen.WebhookEndpointCreate](v, "createWebhookEndpoint", body, e, hookFields)
	if ok {
		if err := d.Destinations.CheckURL(decoded.URL); err != nil {
			e.refuse("url", err.Error())
			ok = false
		}
	}
	wanted := store.NewEndpoint{URL: decoded.URL, Label: v.value("label")}
	for _, event := range decoded.Events {
		wanted.Events = append(wanted.Events, string(event))
	}
	return wanted, ok
}
