package dashboard

import (
	"context"
	"net/http"
	"strings"
)

// accountRoutes are the way in and out.
var accountRoutes = []route{
	{method: http.MethodGet, path: "/dashboard", may: member, serve: (*Dashboard).home},
	{method: http.MethodGet, path: "/dashboard/{$}", may: member, serve: (*Dashboard).home},
	{method: http.MethodGet, path: "/dashboard/sign-in", may: anyone, serve: (*Dashboard).signInPage},
	{method: http.MethodPost, path: "/dashboard/sign-in", may: anyone, serve: (*Dashboard).signedIn},
	{method: http.MethodPost, path: "/dashboard/sign-out", may: anyone, serve: (*Dashboard).signOut},
}

const firstRoom = "/dashboard/developer"

// home is where the work is.
func (d *Dashboard) home(context.Context, *visit) (answer, error) { return goTo(firstRoom), nil }

// signInPage asks who is there. Who is known already goes on.
func (d *Dashboard) signInPage(_ context.Context, v *visit) (answer, error) {
	next := localPath(v.request.URL.Query().Get("next"))
	if v.session.ID != "" {
		return goTo(next), nil
	}
	return v.askWho(question{Action: "/dashboard/sign-in", Next: next}), nil
}

// signedIn is reached only after the gate has found the password right.
func (d *Dashboard) signedIn(_ context.Context, v *visit) (answer, error) {
	if v.session.ID == "" {
		return v.askWho(question{Action: "/dashboard/sign-in", Next: localPath(v.form.Get("next")), Fault: "Enter your e-mail address and your password."}), nil
	}
	return goTo(localPath(v.form.Get("next"))), nil
}

// signOut ends the session here and in the database.
func (d *Dashboard) signOut(ctx context.Context, v *visit) (answer, error) {
	if v.session.ID != "" {
		if err := d.Store.EndSession(ctx, v.session.UserID, v.session.ID); err != nil {
			return answer{}, err
		}
		d.dropCookie(v)
		if err := d.tell(ctx, v, "session.ended", v.session.ID); err != nil {
			return answer{}, err
		}
	}
	return goTo("/dashboard/sign-in?done=signed-out"), nil
}

// localPath is a path of the dashboard to go on to, whatever was asked for: a
// link must not lead from our sign-in page to somebody else's.
func localPath(next string) string {
	if next != "/dashboard" && !strings.HasPrefix(next, "/dashboard/") || strings.ContainsAny(next, "\\\r\n") {
		return firstRoom
	}
	return next
}
