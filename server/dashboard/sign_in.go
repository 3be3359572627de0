package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/thebigclass/api/store"
)

// The fields that any form may carry to say who sends it. No field of a page
// begins with an underscore.
const (
	emailField    = "_email"
	passwordField = "_password"
)

// question is the page that asks for a password, alone or in the middle of
// another form, whose fields it carries on.
type question struct {
	Action  string // where the answer goes: the sign-in page, or the form that was interrupted
	Next    string // where to go on to from the sign-in page
	Email   string // what was entered, or whose password is asked for
	Known   bool   // somebody is signed in: only the password is asked for
	Reason  string
	Fault   string
	Carried []field
}

// field is one value of an interrupted form.
type field struct{ Name, Value string }

// resumed asks in the middle of the form that v sent. A secret is not carried:
// it would stand in one more page.
func (v *visit) resumed(reason string) question {
	q := question{Action: v.request.URL.RequestURI(), Reason: reason, Known: v.session.ID != ""}
	for _, name := range slices.Sorted(mapKeys(v.form)) {
		if strings.HasPrefix(name, "_") || strings.Contains(name, "secret") || strings.Contains(name, "password") {
			continue
		}
		for _, value := range v.form[name] {
			q.Carried = append(q.Carried, field{name, value})
		}
	}
	return q
}

// askWho is the answer that asks. It is no success: nothing of what was sent has been done.
func (v *visit) askWho(q question) answer {
	status := 200
	if q.Fault != "" || q.Reason != "" {
		status = 403
	}
	if q.Next != "" {
		q.Carried = append(q.Carried, field{"next", q.Next})
	}
	return answer{status: status, view: "sign_in", title: "Sign in", data: q}
}

// tooManyGuesses is a person who has to wait.
type tooManyGuesses struct{ wait time.Duration }

func (e *tooManyGuesses) Error() string {
	seconds := int(e.wait.Seconds()) + 1
	return fmt.Sprintf("Too many attempts. Try again in %d seconds, or reset your password.", seconds)
}

// check returns whose password it is: store.ErrUnauthorized for an unknown
// address and for a wrong password alike, after the same work. A guess counts
// before it is judged, so that many at once are not all free.
func (d *Dashboard) check(ctx context.Context, v *visit, email, given string) (userID string, err error) {
	guess, err := d.Store.TakeGuess(ctx, store.AccountSubject(email), store.NetworkSubject(v.network()))
	if err != nil {
		return "", err
	}
	if guess.Wait > 0 {
		return "", &tooManyGuesses{guess.Wait}
	}
	known, err := d.Store.Credentials(ctx, email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	right, err := d.Passwords.Verify(ctx, known.PasswordHash, given)
	if err != nil { // nobody has looked at it: it is no failure
		return "", errors.Join(err, d.Store.ReturnGuess(context.WithoutCancel(ctx), guess))
	}
	if !right {
		told := v.entry("session.refused", known.UserID, nil)
		told.Actor = store.System // whoever it was, they have not shown who they are
		if err := d.Store.WrongGuess(ctx, known.UserID, guess, told); err != nil {
			return "", err
		}
		return "", fmt.Errorf("sign in: %w", store.ErrUnauthorized)
	}
	return known.UserID, d.Store.RightGuess(ctx, guess)
}

// network is where the visit comes from: the address, and of IPv6 the part that
// one customer has.
func (v *visit) network() string {
	if parsed, err := netip.ParseAddr(v.address); err == nil && parsed.Is6() {
		if prefix, err := parsed.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return v.address
}

// escapeQuery escapes one value of a query.
func escapeQuery(text string) string { return url.QueryEscape(text) }
