package mail_test

import (
	"bytes"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	outgoing "github.com/thebigclass/api/server/mail"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// anywhere is any free port of this machine.
const anywhere = "127.0.0.1:0"

func sender(t *testing.T, url string) *outgoing.SMTP {
	t.Helper()
	s, err := outgoing.NewSMTP(url, "The Big Class <no-reply@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// outbox is a loop over a database with one e-mail whose texts try to be headers.
func outbox(t *testing.T, db *storetest.DB, sender outgoing.Sender, log io.Writer) (*outgoing.Loop, *store.Workspace) {
	t.Helper()
	workspace := db.NewWorkspace(t)
	storetest.Tx(t, workspace, func(tx *store.Tx) error {
		return tx.Mail(t.Context(), store.NewEmail{
			Kind: "student.invited", Recipients: []string{"meera@example.com"},
			Subject: "Zoë's school\r\nBcc: evil@example.com", Body: "Hello Zoë,\n.\nlong " + strings.Repeat("line ", 40) + "\n",
		})
	})
	return &outgoing.Loop{Outbox: db.Store, Sender: sender, Log: slog.New(slog.NewJSONHandler(log, nil))}, workspace
}

func sentAt(t *testing.T, workspace *store.Workspace) bool {
	t.Helper()
	page, err := workspace.Emails(t.Context(), store.ListOptions{Limit: 10})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("the outbox has %+v, %v", page.Items, err)
	}
	return page.Items[0].SentAt != nil
}

func TestLoop_HandsOverWhatWasWritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		server := newMailServer(t)
		var log bytes.Buffer
		loop, workspace := outbox(t, db, sender(t, "smtp://"+server.listen(anywhere)), &log)
		loop.Once(t.Context())
		message, err := mail.ReadMessage(strings.NewReader(<-server.took))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
		if err != nil || !strings.HasPrefix(subject, "Zoë's school") || message.Header.Get("Bcc") != "" {
			t.Errorf("headers %v, %v", message.Header, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
		if err != nil || !strings.HasPrefix(strings.ReplaceAll(string(body), "\r", ""), "Hello Zoë,\n.\nlong line") {
			t.Errorf("body %q, %v", body, err)
		}
		if !sentAt(t, workspace) || strings.Contains(log.String(), "meera@") || strings.Contains(log.String(), "Zo") {
			t.Errorf("sent %v, log %s", sentAt(t, workspace), log.String())
		}
	})
}

// A mail server that is full is asked again, one that knows nobody of that name is not.
func TestLoop_RetriesWhatMayStillWork(t *testing.T) {
	t.Parallel()
	for answer, again := range map[string]int{"451 later": 1, "550 meera@example.com is unknown": 0} {
		db := storetest.SQLite(t)
		server := newMailServer(t)
		server.toRecipient = answer
		var log bytes.Buffer
		loop, workspace := outbox(t, db, sender(t, "smtp://"+server.listen(anywhere)), &log)
		loop.Once(t.Context())
		db.Clock.Advance(30 * 24 * time.Hour)
		claimed, err := db.Store.ClaimEmails(t.Context(), 10)
		if err != nil || len(claimed) != again || sentAt(t, workspace) || strings.Contains(log.String(), "meera@") {
			t.Errorf("after %q: %d tries left, %v, log %s", answer, len(claimed), err, log.String())
		}
	}
}

// Without a mail server nothing may leave, pile up or show in the log.
func TestLoop_WithoutAMailServerKeepsAndLogs(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	var log bytes.Buffer
	loop, workspace := outbox(t, db, nil, &log)
	loop.Once(t.Context())
	db.Clock.Advance(24 * time.Hour)
	claimed, err := db.Store.ClaimEmails(t.Context(), 10)
	if err != nil || len(claimed) != 0 || sentAt(t, workspace) {
		t.Errorf("%d e-mails are still due, %v", len(claimed), err)
	}
	if text := log.String(); !strings.Contains(text, "student.invited") || strings.Contains(text, "meera@") || strings.Contains(text, "Hello") {
		t.Errorf("the log says %s", text)
	}
}
