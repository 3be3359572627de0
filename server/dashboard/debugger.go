package dashboard

import (
	"context"
	"net/url"

	"github.com/thebigclass/api/server/dashboard/signature"
)

// debuggerPage is the signature debugger: its form, and what it found.
type debuggerPage struct {
	Entered entered
	Report  *signature.Report // nil before anything was sent
}

// debugger shows the form. From a delivery's page it comes with its body, which
// is the usual thing to compare.
func (d *Dashboard) debugger(ctx context.Context, v *visit) (answer, error) {
	values := url.Values{}
	if id := v.query("delivery"); id != "" {
		_, attempts, err := d.workspace(v).Delivery(ctx, id)
		if err != nil {
			return answer{}, err
		}
		if len(attempts) > 0 && attempts[0].RequestBody != nil {
			values.Set("body", *attempts[0].RequestBody)
		}
	}
	return show("debugger", "Signature debugger", debuggerPage{Entered: filled(values)}), nil
}

// debug examines what was pasted. Nothing of it is stored or logged, and the
// secret does not come back in the page: it is entered anew for each try.
func (d *Dashboard) debug(_ context.Context, v *visit) (answer, error) {
	report := signature.Explain(signature.Input{
		Header: v.form.Get("header"), Body: v.form.Get("body"), Secret: v.form.Get("secret"),
	}, d.Now())
	kept := url.Values{"header": v.form["header"], "body": v.form["body"]}
	return show("debugger", "Signature debugger", debuggerPage{Entered: filled(kept), Report: &report}), nil
}
