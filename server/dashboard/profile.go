package dashboard

import (
	"context"
	"net/http"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

// profileRoutes are the pages about oneself.
var profileRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/account", may: member, serve: (*Dashboard).profilePage},
	{method: http.MethodPost, path: "/dashboard/account/password", may: member, confirm: true, serve: (*Dashboard).changePassword},
	{method: http.MethodPost, path: "/dashboard/account/workspace", may: member, serve: (*Dashboard).switchWorkspace},
	{method: http.MethodPost, path: "/dashboard/account/sessions/{id}/end", may: member, serve: (*Dashboard).endSession},
	{method: http.MethodPost, path: "/dashboard/account/sessions/end", may: member, serve: (*Dashboard).endSessions},
}

// profileData is the page of one's account.
type profileData struct {
	entered
	Sessions   []store.Session
	Workspaces []store.Membership
}

// profilePage shows one's sessions and workspaces, and where the password is changed.
func (d *Dashboard) profilePage(ctx context.Context, v *visit) (answer, error) {
	return d.profile(ctx, v, entered{})
}

func (d *Dashboard) profile(ctx context.Context, v *visit, form entered) (answer, error) {
	data := profileData{entered: form}
	var err error
	if data.Sessions, err = d.Store.Sessions(ctx, v.session.UserID); err != nil {
		return answer{}, err
	}
	data.Workspaces, err = d.Store.Memberships(ctx, v.session.UserID)
	return show("account", "Your account", data), err
}

// changePassword wants the present password with this very form, however lately
// it was given: whoever finds an open browser must not make the account theirs.
// The gate has found right what came. All sessions end; this person goes on in a
// new one.
func (d *Dashboard) changePassword(ctx context.Context, v *visit) (answer, error) {
	given, form := v.form.Get("password"), v.entered()
	if !v.form.Has(passwordField) {
		form.refuse(passwordField, "enter your current password")
	}
	if form.take(password.Check(given), passwordIsWrong) || form.Any() {
		page, err := d.profile(ctx, v, form)
		page.status = http.StatusUnprocessableEntity
		return page, err
	}
	hash, err := d.Passwords.Hash(ctx, given)
	if err != nil {
		return answer{}, err
	}
	if err := d.Store.SetPassword(ctx, v.session.UserID, hash); err != nil {
		return answer{}, err
	}
	if err := d.tell(ctx, v, "password.changed", v.session.UserID); err != nil {
		return answer{}, err
	}
	return goTo("/dashboard/account?done=password-changed"), d.startSessionIn(ctx, v, v.session.UserID, v.session.WorkspaceID)
}

// switchWorkspace goes on in another workspace, in a session of its own: what
// one may do there is another thing.
func (d *Dashboard) switchWorkspace(ctx context.Context, v *visit) (answer, error) {
	switch v.value("workspace") {
	case "":
		return answer{}, store.ErrNotFound
	case v.session.WorkspaceID: // nothing changes, the session neither
		return goTo(firstRoom), nil
	}
	return goTo(firstRoom), d.moveTo(ctx, v, v.value("workspace"))
}

// endSession ends one of one's own sessions. This one ends as by signing out.
func (d *Dashboard) endSession(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	if id == v.session.ID {
		return d.signOut(ctx, v)
	}
	_, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		if err := tx.EndSession(ctx, v.session.UserID, id); err != nil {
			return effect{}, err
		}
		return effect{TargetID: id}, tx.Audit(ctx, v.entry("session.ended", id, nil))
	})
	return goTo("/dashboard/account?done=session-ended"), err
}

// endSessions signs out everywhere, here included.
func (d *Dashboard) endSessions(ctx context.Context, v *visit) (answer, error) {
	if err := d.Store.EndSessions(ctx, v.session.UserID, ""); err != nil {
		return answer{}, err
	}
	d.dropCookie(v)
	return goTo("/dashboard/sign-in?done=signed-out-all"), d.tell(ctx, v, "session.all_ended", v.session.UserID)
}

// tell writes to the audit log of the session's workspace what was done outside of any transaction of it.
func (d *Dashboard) tell(ctx context.Context, v *visit, action, targetID string) error {
	return d.Store.AuditPerson(ctx, v.session.UserID, v.session.WorkspaceID, v.entry(action, targetID, nil))
}
