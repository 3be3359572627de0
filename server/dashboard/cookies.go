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

// startSession begins a session with a new id, in the workspace of the last one
// if the person still belongs to it.
func (d *Dashboard) startSession(ctx context.Context, v *visit, userID string) error {
	fresh := store.NewSession{UserID: userID, Address: v.address, UserAgent: v.request.UserAgent()}
	if last, err := v.request.Cookie(workspaceCookie); err == nil {
		fresh.WorkspaceID = last.Value
	}
	session, token, err := d.Store.StartSession(ctx, fresh)
	if errors.Is(err, store.ErrNotFound) && fresh.WorkspaceID != "" {
		fresh.WorkspaceID = ""
		session, token, err = d.Store.StartSession(ctx, fresh)
	}
	if err != nil {
		return err
	}
	v.session = session
	d.setCookie(v, token, sessionSeconds)
	return nil
}

func (d *Dashboard) setCookie(v *visit, token string, seconds int) {
	name, secure := d.sessionCookie()
	v.cookies = append(v.cookies,
		&http.Cookie{Name: name, Value: token, Path: "/", MaxAge: seconds, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode},
		&http.Cookie{Name: workspaceCookie, Value: v.session.WorkspaceID, Path: "/dashboard", MaxAge: workspaceSeconds, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// dropCookie makes the browser forget the session.
func (d *Dashboard) dropCookie(v *visit) { d.setCookie(v, "", -1) }
