package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/thebigclass/api/store"
)

// contentPolicy lets a page load what is ours and nothing else, and be framed by nobody.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guarded sets the headers of every answer, assets and refusals included, and
// turns away whoever comes with an API key: keys open /api/v1 and nothing else.
func (d *Dashboard) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if d.Production {
			header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "bearer") {
			d.write(w, &visit{request: r}, refusal(http.StatusForbidden, "An API key does not open the dashboard",
				"Keys are for /api/v1. Sign in here with your e-mail address and password."), nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuseCrossSite answers a form that another site has sent with our visitor's cookie.
func (d *Dashboard) refuseCrossSite(w http.ResponseWriter, r *http.Request) {
	d.write(w, &visit{request: r}, refusal(http.StatusForbidden, "This form came from another site",
		"Nothing was changed. Open the page here and send it again."), nil)
}

// serve is the whole way of a request of one route: who is it, may they, and
// is it certain enough that it is still them.
func (d *Dashboard) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		v, err := d.arrive(w, request)
		if err != nil {
			d.write(w, v, answer{}, err)
			return
		}
		shown, err := d.answer(request.Context(), r, v)
		d.write(w, v, shown, err)
	})
}

func (d *Dashboard) answer(ctx context.Context, r route, v *visit) (answer, error) {
	if v.form.Has(passwordField) {
		if asked, err := d.identify(ctx, v); err != nil || asked.view != "" {
			return asked, err
		}
	}
	if r.may == anyone {
		return r.serve(d, ctx, v)
	}
	post := v.request.Method == http.MethodPost
	if post && v.session.ID != "" {
		if page, refused, err := d.stray(ctx, v); err != nil || refused {
			return page, err
		}
	}
	switch {
	case v.session.ID == "" && !post:
		return goTo("/dashboard/sign-in?next=" + escapeQuery(v.request.URL.RequestURI())), nil
	case v.session.ID == "":
		return v.askWho(v.resumed("Your session has ended. Sign in to go on: what you entered is kept.")), nil
	case !v.may(r.may):
		return refusal(http.StatusForbidden, "Your role does not allow this",
			fmt.Sprintf("You are a %s of %s. Ask an owner or admin for another role.", v.session.Role, v.session.WorkspaceName)), nil
	case r.confirm && post && d.Now().Sub(v.session.ConfirmedAt) > confirmedFor:
		asked := v.resumed("Enter your password once more: this is a change that nobody else should make. What you entered is kept.")
		asked.Email = v.session.Email
		return v.askWho(asked), nil
	}
	return r.serve(d, ctx, v)
}

// identify takes the e-mail address and the password that came along with any
// form, and begins or confirms a session. It returns the question again if they
// are not right. The form's own fields go on to the route either way.
func (d *Dashboard) identify(ctx context.Context, v *visit) (answer, error) {
	email, given := v.value(emailField), v.form.Get(passwordField)
	if v.session.ID != "" {
		email = v.session.Email
	}
	userID, err := d.check(ctx, v, email, given)
	var slow *tooManyGuesses
	if errors.Is(err, store.ErrUnauthorized) || errors.As(err, &slow) {
		asked := v.resumed("")
		asked.Email, asked.Fault = email, "The e-mail address or the password is not right."
		if asked.Known {
			asked.Fault = "The password is not right."
		}
		if slow != nil {
			asked.Fault = slow.Error()
		}
		return v.askWho(asked), nil
	}
	if err != nil {
		return answer{}, err
	}
	if v.session.ID != "" {
		v.session.ConfirmedAt = d.Now()
		return answer{}, d.Store.ConfirmSession(ctx, v.session.ID)
	}
	err = d.startSession(ctx, v, userID)
	if errors.Is(err, store.ErrNotFound) {
		return refusal(http.StatusForbidden, "You belong to no workspace", "Your password is right. Ask an owner or admin of a workspace for an invitation."), nil
	}
	return answer{}, err
}

// nothingHere is the page of every path that has none.
func (d *Dashboard) nothingHere(context.Context, *visit) (answer, error) {
	return answer{}, store.ErrNotFound
}
