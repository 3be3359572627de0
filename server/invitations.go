package server

import (
	"context"
	"fmt"

	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// mailInvitation is the kind of the e-mail to a student who was invited.
const mailInvitation = "student.invited"

// invite writes to new students, through the outbox of the transaction that
// makes them: no mail without its student.
func (a *API) invite(ctx context.Context, tx *store.Tx, students ...store.Student) error {
	if len(students) == 0 {
		return nil
	}
	workspace, err := tx.Info(ctx)
	if err != nil {
		return err
	}
	mails := payload.List(students, func(student store.Student) store.NewEmail {
		return store.NewEmail{
			Kind:       mailInvitation,
			Recipients: []string{student.Email},
			Subject:    "You are invited to " + workspace.Name,
			Body: fmt.Sprintf("Hello %s,\n\n%s has invited you to its courses. Sign in with this e-mail address:\n\n%s/\n",
				student.DisplayName, workspace.Name, a.config.BaseURL),
			StudentID: &student.ID,
		}
	})
	return tx.Mail(ctx, mails...)
}
