package jobs

import (
	"context"
	"fmt"

	"github.com/thebigclass/api/store"
)

// ResetPath is where a link to set a new password leads, below the base URL; the
// token follows.
const ResetPath = "/dashboard/reset/"

// mailReset sends the link that somebody asked for.
func (j *Jobs) mailReset(ctx context.Context, tx *store.Tx, requestID string) error {
	email, token, err := tx.StartReset(ctx, requestID)
	if err != nil || token == "" {
		return err
	}
	return tx.Mail(ctx, store.NewEmail{
		Kind: store.MailPasswordReset, Recipients: []string{email}, Subject: "A new password for the dashboard",
		Body: fmt.Sprintf(`Somebody, we hope you, asked for a new password for %s.
Set one within 30 minutes:

%s%s%s

It was not you? Then nothing has changed, and you need do nothing.
`, email, j.baseURL, ResetPath, token),
	})
}
