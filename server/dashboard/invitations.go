package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/thebigclass/api/server/password"
	"github.com/thebigclass/api/store"
)

// invitationRoutes are for people who were invited, and for those who invite.
var invitationRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/invitations/{token}", may: anyone, serve: (*Dashboard).invitationPage},
	{method: http.MethodPost, path: "/dashboard/invitations", may: anyone, serve: (*Dashboard).acceptInvitation},
	{method: http.MethodPost, path: "/dashboard/team/invitations", may: peopleManager, confirm: true, serve: (*Dashboard).invite},
	{method: http.MethodPost, path: "/dashboard/team/invitations/{id}/withdraw", may: peopleManager, serve: (*Dashboard).withdraw},
}

// invite writes to somebody, in the transaction that makes the invitation.
func (d *Dashboard) invite(ctx context.Context, v *visit) (answer, error) {
	in := store.NewInvitation{Email: v.value("email"), Role: v.value("role"), InvitedBy: v.session.UserID}
	_, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		if err := v.mayGive(in.Role); err != nil {
			return effect{}, err
		}
		if err := d.mayReplace(ctx, v, tx, in.Email); err != nil {
			return effect{}, err
		}
		made, token, err := tx.Invite(ctx, in)
		if err != nil {
			return effect{}, err
		}
		if err := tx.Mail(ctx, d.invitationMail(v, made, token)); err != nil {
			return effect{}, err
		}
		return effect{TargetID: made.ID}, tx.Audit(ctx, v.entry("invitation.created", made.ID, map[string]string{"role": made.Role}))
	})
	form := v.entered()
	if form.take(err, map[string]string{"/email": "email", "/role": "role"}) {
		page, err := d.team(ctx, v, form)
		page.status = http.StatusUnprocessableEntity
		return page, err
	}
	return goTo("/dashboard/team?done=invited"), err
}

// mayReplace refuses to touch an invitation that gives a role above one's own. One that is not there is nobody's.
func (d *Dashboard) mayReplace(ctx context.Context, v *visit, tx *store.Tx, idOrEmail string) error {
	found, err := tx.InvitationTo(ctx, idOrEmail)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil && v.mayGive(found.Role) != nil {
		return &store.Invalid{Field: "/email", Issue: "is invited as " + found.Role + ": only an owner may change that"}
	}
	return err
}

// invitationMail is the only place that holds the token.
func (d *Dashboard) invitationMail(v *visit, made store.Invitation, token string) store.NewEmail {
	return store.NewEmail{
		Kind: store.MailMemberInvited, Recipients: []string{made.Email},
		Subject: "You are invited to the dashboard of " + made.WorkspaceName,
		Body: fmt.Sprintf(`%s invites you to the dashboard of %s, as %s.
Accept within 7 days:

%s/dashboard/invitations/%s

You know nothing of this? Then do nothing: without the link nobody gets in.
`, v.session.Email, made.WorkspaceName, withArticle(made.Role), d.BaseURL, token),
	}
}

// withdraw takes an invitation back. A second time changes nothing.
func (d *Dashboard) withdraw(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	_, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		if err := d.mayReplace(ctx, v, tx, id); err != nil {
			return effect{}, err
		}
		if err := tx.WithdrawInvitation(ctx, id); err != nil {
			return effect{}, err
		}
		return effect{TargetID: id}, tx.Audit(ctx, v.entry("invitation.withdrawn", id, nil))
	})
	return goTo("/dashboard/team?done=invitation-withdrawn"), err
}

// invitationPage says where the link leads, and asks for a password of those who have none.
func (d *Dashboard) invitationPage(ctx context.Context, v *visit) (answer, error) {
	found, err := d.Store.Invitation(ctx, v.param("token"))
	if errors.Is(err, store.ErrNotFound) {
		return linkOver(), nil
	}
	return show("invitation", "Invitation", chosen{Token: v.param("token"), Invitation: found}), err
}

// acceptInvitation makes a member of whoever holds the link. Somebody new is
// signed in at once; somebody with a password has signed in or does it now,
// since the link shows no more than that their mail is read.
func (d *Dashboard) acceptInvitation(ctx context.Context, v *visit) (answer, error) {
	token, given := v.value("token"), v.form.Get("password")
	found, err := d.Store.Invitation(ctx, token)
	if errors.Is(err, store.ErrNotFound) {
		return linkOver(), nil
	}
	if err != nil {
		return answer{}, err
	}
	var hash string
	if !found.HasPassword {
		form := v.entered()
		if form.take(password.Check(given), passwordIsWrong) {
			return again("invitation", "Invitation", chosen{entered: form, Token: token, Invitation: found}), nil
		}
		if hash, err = d.Passwords.Hash(ctx, given); err != nil {
			return answer{}, err
		}
	}
	userID, err := d.join(ctx, v, found, acceptance{token, hash})
	if errors.Is(err, store.ErrNotFound) {
		return linkOver(), nil
	}
	if err != nil {
		return answer{}, err
	}
	if v.session.UserID == userID && v.session.WorkspaceID == found.WorkspaceID {
		return goTo(firstRoom), nil
	}
	if v.session.UserID == userID {
		return goTo(firstRoom), d.moveTo(ctx, v, found.WorkspaceID)
	}
	if found.HasPassword {
		d.rememberWorkspace(v, found.WorkspaceID)
		return goTo("/dashboard/sign-in?done=joined"), nil
	}
	return goTo(firstRoom), d.startSessionIn(ctx, v, userID, found.WorkspaceID)
}

// acceptance is what an invited person sends.
type acceptance struct{ token, hash string }

func (d *Dashboard) join(ctx context.Context, v *visit, found store.Invitation, sent acceptance) (userID string, err error) {
	err = d.Store.Workspace(found.WorkspaceID).Tx(ctx, func(tx *store.Tx) error {
		if userID, err = tx.AcceptInvitation(ctx, sent.token, sent.hash); err != nil {
			return err
		}
		told := v.entry("member.joined", userID, map[string]string{"role": found.Role})
		told.Actor = userID
		return tx.Audit(ctx, told)
	})
	return userID, err
}
