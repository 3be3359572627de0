package dashboard_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server/dashboard"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

const script = `<script>alert(1)</script>`

// The log is read in words, page by page, filtered by who and what; what a client calls itself is shown as text.
func TestAudit_InWordsPagesAndFilters(t *testing.T) {
	each(t, func(site *Site) {
		owner, err := site.DB.Credentials(t.Context(), "owner@example.com")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			storetest.Tx(t, site.Workspace, func(tx *store.Tx) error {
				return tx.Audit(t.Context(), store.AuditEntry{
					Actor: store.System, Action: "webhook_endpoint.disabled", TargetID: fmt.Sprintf("whe_%02d", i), UserAgent: script, Detail: map[string]string{"why": script},
				})
			})
		}
		site.DB.Clock.Advance(time.Minute)
		b := site.Owner()
		first := b.Get("/dashboard/audit").WantStatus(http.StatusOK).WantNot(script).
			Want("Signed in", "owner@example.com", "Disabled a webhook endpoint", "The service", "whe_59", "127.0.0.1", "CET", script)
		var older string
		for link := range elements(first.doc, "a") {
			if attribute(link, "rel") == "next" {
				older = attribute(link, "href")
			}
		}
		last := b.Get(older).Want("whe_00", "Newest")
		if strings.Contains(last.Text(), "whe_59") || strings.Contains(last.Text(), "Older") {
			t.Error("the second page repeats the first, or there is a third")
		}
		key, _ := site.DB.NewKey(t, site.Workspace, store.NewKey{Name: "CRM <b>", Scopes: []string{"read:courses"}})
		for _, actor := range []string{key.ID, store.CommandLine} {
			storetest.Tx(t, site.Workspace, func(tx *store.Tx) error {
				return tx.Audit(t.Context(), store.AuditEntry{Actor: actor, Action: "webhook_endpoint.created", TargetID: "whe_by_" + actor})
			})
		}
		b.Get("/dashboard/audit").Want("CRM <b> ("+key.Hint+"…)", "The command line", "whe_by_"+key.ID)
		b.Get("/dashboard/audit?actor="+key.ID).Want("whe_by_"+key.ID, "CRM <b> (").WantNot("whe_by_tbc", "whe_59")
		b.Get("/dashboard/audit?actor=" + store.CommandLine).Want("whe_by_tbc").WantNot("whe_by_key")
		b.Get("/dashboard/audit?actor=" + owner.UserID).Want("Signed in").WantNot("whe_59")
		b.Get("/dashboard/audit?action=webhook_endpoint.disabled").Want("whe_59").WantNot("ses_")
		b.Get("/dashboard/audit?action=key.revoked").Want("Nothing fits")
		b.Get("/dashboard/audit?cursor=changed").WantStatus(http.StatusUnprocessableEntity)
		other, err := site.DB.CreateWorkspace(t.Context(), store.NewWorkspace{Name: "O", TimeZone: "UTC", Currency: "EUR", OwnerEmail: "o@example.com"})
		if err != nil || other.ID == "" {
			t.Fatal(err)
		}
		site.letIn("o@example.com")
		site.SignIn("o@example.com").Get("/dashboard/audit").WantNot("whe_", "owner@example.com")
	})
}

// On a machine without a mail server, mails are read in the dashboard, as text; in production there is no such page.
func TestMail_IsReadInDevelopmentAlone(t *testing.T) {
	each(t, func(site *Site) {
		storetest.Tx(t, site.Workspace, func(tx *store.Tx) error {
			return tx.Mail(t.Context(), store.NewEmail{Kind: "k", Recipients: []string{"a@example.com"}, Subject: script, Body: "Body " + script})
		})
		b := site.Owner()
		b.Get("/dashboard/mail").WantStatus(http.StatusOK).WantNot(script).Want(script, "Body", "a@example.com", "in development only")
		if !b.Get("/dashboard/developer").Offers("/dashboard/mail") {
			t.Error("the menu does not offer it")
		}
		site.Production()
		hidden := site.Owner()
		hidden.Get("/dashboard/mail").WantStatus(http.StatusNotFound).WantNot("Body")
		if hidden.Get("/dashboard/developer").Offers("/dashboard/mail") {
			t.Error("the menu of production offers it")
		}
	})
}

// What the program writes to the log, the page has words for.
func TestAudit_HasWordsForEveryAction(t *testing.T) {
	t.Parallel()
	written := regexp.MustCompile(`"((?:key|member|invitation|password|session|webhook_endpoint|webhook_delivery|webhook_recovery)\.[a-z_]+)"`)
	found := 0
	for _, pattern := range []string{"*.go", "../cmd/tbc/*.go", "../../store/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, action := range written.FindAllStringSubmatch(string(text), -1) {
				found++
				if dashboard.Words(action[1]) == "" && action[1] != store.MailMemberInvited {
					t.Errorf("%s: there are no words for %s", file, action[1])
				}
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d actions were found", found)
	}
}

// A key's page leads to what was done with the key, and to nothing else that was.
func TestAudit_OfOneKey(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		made := b.makeKey().keyID()
		page := b.Get("/dashboard/developer/keys/" + made)
		if about := "/dashboard/audit?on=" + made; !page.Offers(about) {
			t.Errorf("no link to %s", about)
		} else {
			b.Get(about).Want("Made an API key", made).WantNot("<td>Signed in")
		}
		b.Get("/dashboard/audit?on=key_nobodys").Want("Nothing fits these filters")
	})
}
