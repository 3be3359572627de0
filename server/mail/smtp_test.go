package mail_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	outgoing "github.com/thebigclass/api/server/mail"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// mailServer takes one e-mail in one conversation; its answer to RCPT is given.
func mailServer(t *testing.T, toRecipient string) (url string, took <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	taken := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "220 ready\r\n")
		lines := bufio.NewReader(conn)
		for {
			line, err := lines.ReadString('\n')
			switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); {
			case err != nil:
				return
			case verb == "RCPT":
				fmt.Fprintf(conn, "%s\r\n", toRecipient)
			case verb == "DATA":
				fmt.Fprint(conn, "354 go on\r\n")
				taken <- untilDot(lines)
				fmt.Fprint(conn, "250 taken\r\n")
			default:
				fmt.Fprint(conn, "250 fine\r\n")
			}
		}
	}()
	return "smtp://" + listener.Addr().String(), taken
}

func untilDot(lines *bufio.Reader) string {
	var text strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return text.String()
		}
		text.WriteString(strings.TrimPrefix(line, ".")) // a dot at the start is doubled on the way
	}
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
		url, took := mailServer(t, "250 known")
		sender, err := outgoing.NewSMTP(url, "The Big Class <no-reply@example.com>")
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		loop, workspace := outbox(t, db, sender, &log)
		loop.Once(t.Context())
		message, err := mail.ReadMessage(strings.NewReader(<-took))
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
		url, _ := mailServer(t, answer)
		sender, err := outgoing.NewSMTP(url, "no-reply@example.com")
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		loop, workspace := outbox(t, db, sender, &log)
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
