package jobs_test

import (
	"log/slog"
	"path"
	"strings"
	"testing"

	"github.com/thebigclass/api/server/jobs"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// Whoever asks gets one mail with a link that works, on any number of processes; strangers get none. No line of the log
// holds the link.
func TestResets_AreMailedOnceWithALinkThatWorks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		workspace := db.NewWorkspace(t)
		for _, email := range []string{"stranger@example.com", "OWNER@example.com"} {
			if err := db.RequestReset(t.Context(), email); err != nil {
				t.Fatal(err)
			}
		}
		var log strings.Builder
		one := jobs.New(db.Store, slog.New(slog.NewTextHandler(&log, nil)), "https://api.example.com")
		two := jobs.New(db.Open(t), slog.New(slog.DiscardHandler), "https://api.example.com")
		one.Once(t.Context())
		two.Once(t.Context())
		one.Once(t.Context())
		page, err := workspace.Emails(t.Context(), store.ListOptions{})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%d mails, %v", len(page.Items), err)
		}
		mail := page.Items[0]
		_, link, found := strings.Cut(mail.Body, "https://api.example.com/dashboard/reset/")
		token, _, _ := strings.Cut(link, "\n")
		if !found || len(mail.Recipients) != 1 || mail.Recipients[0] != "owner@example.com" || mail.Kind != store.MailPasswordReset {
			t.Errorf("the mail is %+v", mail)
		}
		if userID, err := db.Reset(t.Context(), path.Base(token)); err != nil || userID == "" {
			t.Errorf("the link opens %q, %v", userID, err)
		}
		if log.String() != "" {
			t.Errorf("the log says %s", log.String())
		}
	})
}
