package dashboard

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/thebigclass/api/store"
)

// workspaceCookie remembers the workspace of the last session, so that the next
// one goes on in it. It is no secret and opens nothing.
const workspaceCookie = "tbc_workspace"

const (
	sessionSeconds   = 14 * 24 * 60 * 60
	workspaceSeconds = 365 * 24 * 60 * 60
)

// sessionCookie is bound to this host by its prefix where there is TLS. Without
// TLS, on a developer's machine, browsers refuse that prefix.
func (d *Dashboard) sessionCookie() (name string, secure bool) {
	if strings.HasPrefix(d.BaseURL, "https:") {
		return "__Host-tbc_session", true
	}
	return "tbc_session", false
}

// token is what the browser brought, or "".
func (d *Dashboard) token(r *http.Request) string {
	name, _ := d.sessionCookie()
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// startSession begins a session with a new id, in the workspace of the form that
// was interrupted, or else of the last session, if the person belongs to it.
func (d *Dashboard) startSession(ctx context.Context, v *visit, userID string) error {
	likely := []string{v.value(workspaceField)}
	if last, err := v.request.Cookie(workspaceCookie); err == nil {
		likely = append(likely, last.Value)
	}
	for _, workspaceID := range likely {
		if workspaceID == "" {
			continue
		}
		if err := d.startSessionIn(ctx, v, userID, workspaceID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return d.startSessionIn(ctx, v, userID, "")
}

// startSessionIn begins a session with a new id in a workspace of the person's;
// "" is the one that they joined first.
func (d *Dashboard) startSessionIn(ctx context.Context, v *visit, userID, workspaceID string) error {
	return d.enter(ctx, v, store.NewSession{UserID: userID, WorkspaceID: workspaceID})
}

// moveTo goes on in a workspace of the person's, or in another role, in a session of its own. It is as old as the one
// that it ends, and the password was given when it was: moving must prove nothing.
func (d *Dashboard) moveTo(ctx context.Context, v *visit, workspaceID string) error {
	return d.enter(ctx, v, store.NewSession{UserID: v.session.UserID, WorkspaceID: workspaceID, Continues: v.session})
}

func (d *Dashboard) enter(ctx context.Context, v *visit, in store.NewSession) error {
	in.Address, in.UserAgent = v.address, v.request.UserAgent()
	session, token, err := d.Store.StartSession(ctx, in)
	if err != nil {
		return err
	}
	v.session = session
	d.setCookie(v, token, sessionSeconds)
	return d.Store.AuditPerson(ctx, session.UserID, session.WorkspaceID, v.entry("session.started", session.ID, nil))
}

func (d *Dashboard) setCookie(v *visit, token string, seconds int) {
	name, secure := d.sessionCookie()
	v.cookies = append(v.cookies,
		&http.Cookie{Name: name, Value: token, Path: "/", MaxAge: seconds, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	d.rememberWorkspace(v, v.session.WorkspaceID)
}

// rememberWorkspace lets the next session begin in this workspace.
func (d *Dashboard) rememberWorkspace(v *visit, id string) {
	_, secure := d.sessionCookie()
	v.cookies = append(v.cookies,
		&http.Cookie{Name: workspaceCookie, Value: id, Path: "/dashboard", MaxAge: workspaceSeconds, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// dropCookie makes the browser forget the session.
func (d *Dashboard) dropCookie(v *visit) { d.setCookie(v, "", -1) }
