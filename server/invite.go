package server

import (
	"context"
	"fmt"

	"github.com/thebigclass/api/store"
)

// invitation is what the e-mails of one call say about the school.
type invitation struct {
	school, signIn string
}

// invitationOf reads what invitations of the calling key's workspace say. Call it
// before a transaction begins, since it uses another connection.
func (a *API) invitationOf(ctx context.Context) (invitation, error) {
	info, err := a.workspace(ctx).Info(ctx)
	return invitation{school: info.Name, signIn: a.config.BaseURL}, err
}

// to puts the e-mail into the outbox, in the transaction that makes the student.
func (i invitation) to(ctx context.Context, tx *store.Tx, student store.Student) error {
	return tx.Mail(ctx, store.NewEmail{
		Kind:       "invitation",
		Recipients: []string{student.Email},
		Subject:    "You are invited to " + i.school,
		Body: fmt.Sprintf("Hello %s,\n\n%s has made an account for you. Sign in with this e-mail address:\n\n%s\n\n"+
			"If you did not expect this, you need not do anything.\n", student.DisplayName, i.school, i.signIn),
		StudentID: &student.ID,
	})
}
