package dashboard

import (
	"context"
	"errors"
	"net/http"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

// passwordRoutes are for people who cannot sign in: they ask for a link, and set
// a new password with it. The link's token is in the path of the mail alone; the
// form sends it back in its body.
var passwordRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/forgot", may: anyone, serve: (*Dashboard).forgotPage},
	{method: http.MethodPost, path: "/dashboard/forgot", may: anyone, serve: (*Dashboard).forgot},
	{method: http.MethodGet, path: "/dashboard/reset/{token}", may: anyone, serve: (*Dashboard).resetPage},
	{method: http.MethodPost, path: "/dashboard/reset", may: anyone, serve: (*Dashboard).reset},
}

// forgotPage asks for the address.
func (d *Dashboard) forgotPage(context.Context, *visit) (answer, error) {
	return show("forgot", "Forgotten password", entered{}), nil
}

// forgot takes the request down. It says and does the same for every address,
// known or not: a job looks whose it is.
func (d *Dashboard) forgot(ctx context.Context, v *visit) (answer, error) {
	form := v.entered()
	if v.value("email") == "" {
		form.refuse("email", "enter your e-mail address")
		return again("forgot", "Forgotten password", form), nil
	}
	asked, err := d.Store.TakeGuess(ctx, store.ResetSubject(v.network()))
	if err != nil {
		return answer{}, err
	}
	if asked.Wait > 0 {
		form.refuse("", "that was asked for often from here: try again in "+largestUnit(asked.Wait))
		return again("forgot", "Forgotten password", form), nil
	}
	if err := d.Store.RequestReset(ctx, v.value("email")); err != nil {
		return answer{}, err
	}
	return goTo("/dashboard/sign-in?done=reset-asked"), nil
}

// chosen is a page on which somebody with a link chooses a password.
type chosen struct {
	entered
	Token      string
	Invitation store.Invitation // zero on the page of a reset
}

// linkOver is the page of a link that opens nothing (any more).
func linkOver() answer {
	return refusal(http.StatusNotFound, "This link opens nothing any more",
		"It was used, replaced or taken back, or its time is over. If you have just set a password with it, sign in; if not, ask for a new link.")
}

// resetPage asks for the new password.
func (d *Dashboard) resetPage(ctx context.Context, v *visit) (answer, error) {
	_, err := d.Store.Reset(ctx, v.param("token"))
	if errors.Is(err, store.ErrNotFound) {
		return linkOver(), nil
	}
	return show("reset", "New password", chosen{Token: v.param("token")}), err
}

// reset sets the password, once, and ends the person's sessions.
func (d *Dashboard) reset(ctx context.Context, v *visit) (answer, error) {
	token, given := v.value("token"), v.form.Get("password")
	if _, err := d.Store.Reset(ctx, token); errors.Is(err, store.ErrNotFound) {
		return linkOver(), nil
	} else if err != nil {
		return answer{}, err
	}
	form := v.entered()
	if form.take(password.Check(given), passwordIsWrong) {
		return again("reset", "New password", chosen{entered: form, Token: token}), nil
	}
	hash, err := d.Passwords.Hash(ctx, given)
	if err != nil {
		return answer{}, err
	}
	userID, err := d.Store.UseReset(ctx, token, hash)
	if errors.Is(err, store.ErrNotFound) {
		return linkOver(), nil
	}
	if err != nil {
		return answer{}, err
	}
	told := v.entry("password.reset", userID, nil)
	told.Actor = userID
	return goTo("/dashboard/sign-in?done=password-set"), d.Store.AuditPerson(ctx, userID, "", told)
}

// passwordIsWrong names the field of what the policy refuses.
var passwordIsWrong = map[string]string{"/password": "password"}
