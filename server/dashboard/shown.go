package dashboard

import (
	"context"
	"errors"
	"net/http"

	"github.com/thebigclass/api/store"
)

// takeSecret is the secret that a form of this session left for the target, this once, and "" afterwards. HEAD, which
// shows no page, does not use it up.
func (d *Dashboard) takeSecret(ctx context.Context, v *visit, targetID string) (string, error) {
	if v.request.Method != http.MethodGet {
		return "", nil
	}
	secret, err := d.Store.TakeSecret(ctx, v.session.ID, targetID)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return secret, err
}

// serveShown is an empty picture that pages with a secret load, and no other. A browser may keep a page as it is for
// its back button, though the page says no-store; but it drops one during which a cookie changed that scripts cannot
// read. So this changes one, and whoever goes back asks the server, which says that the secret is gone. It needs no
// script.
func (d *Dashboard) serveShown(w http.ResponseWriter, _ *http.Request) {
	_, secure := d.sessionCookie()
	http.SetCookie(w, &http.Cookie{Name: "tbc_shown", Value: "1", Path: "/dashboard", MaxAge: 60,
		Secure: secure, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
}
