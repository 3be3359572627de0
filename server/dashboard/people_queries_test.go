package dashboard_test

import (
	"fmt"
	"testing"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// However many people, sessions, lines and mails there are, a page about them takes at most five statements, the
// session's among them, and one for strangers does not take more.
func TestPeoplePages_TakeAtMostFiveQueries(t *testing.T) {
	t.Parallel()
	t.Run(store.PostgreSQL, func(t *testing.T) {
		t.Parallel()
		site := newSite(t, storetest.Postgres(t))
		owner, err := site.DB.Credentials(t.Context(), "owner@example.com")
		if err != nil {
			t.Fatal(err)
		}
		var invitation string
		for i := range 12 {
			site.Join(fmt.Sprintf("dev-%d@example.com", i), store.Developer)
			key, _ := site.DB.NewKey(t, site.Workspace, store.NewKey{Scopes: storetest.AllScopes})
			storetest.Tx(t, site.Workspace, func(tx *store.Tx) error {
				if err := tx.Mail(t.Context(), store.NewEmail{Kind: "k", Recipients: []string{"a@example.com"}, Subject: "S", Body: "B"}); err != nil {
					return err
				}
				if err := tx.Audit(t.Context(), store.AuditEntry{Actor: key.ID, Action: "webhook_endpoint.tested", TargetID: "whe_1"}); err != nil {
					return err
				}
				_, invitation, err = tx.Invite(t.Context(), store.NewInvitation{
					Email: fmt.Sprintf("new-%d@example.com", i), Role: store.Viewer, InvitedBy: owner.UserID,
				})
				return err
			})
		}
		reset, err := site.DB.CreateReset(t.Context(), owner.UserID)
		if err != nil {
			t.Fatal(err)
		}
		tapped, tap := site.DB.Tap(t)
		site.serve(tapped, server.Config{})
		for range 5 {
			site.Owner()
		}
		b := site.Owner()
		b.wantStatements(tap, map[string]int64{
			"/dashboard/team": 5, "/dashboard/team/usr_dev-1@example.com": 5, "/dashboard/account": 5, "/dashboard/audit": 5,
			"/dashboard/audit?actor=" + owner.UserID: 5, "/dashboard/mail": 5, "/dashboard/forgot": 1,
			"/dashboard/reset/" + reset: 2, "/dashboard/invitations/" + invitation: 2,
		})
	})
}
