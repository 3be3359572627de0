package mail

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/thebigclass/api/store"
)

// message is an e-mail as RFC 5322 writes it: plain text in UTF-8. Each header's
// value is encoded, so that a line end in a name or a title starts no header.
func message(m store.OutgoingEmail, from *mail.Address) ([]byte, error) {
	_, host, _ := strings.Cut(from.Address, "@")
	var out bytes.Buffer
	for _, header := range [][2]string{
		{"From", from.String()},
		{"To", addresses(m.Recipients)},
		{"Subject", mime.QEncoding.Encode("utf-8", m.Subject)},
		{"Date", m.CreatedAt.UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + m.ID + "@" + host + ">"}, // the same in every try, so that a second copy can be told
		{"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"},
		{"Content-Type", `text/plain; charset="utf-8"`},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", header[0], header[1])
	}
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out)
	if _, err := body.Write([]byte(m.Body)); err != nil {
		return nil, err
	}
	return out.Bytes(), body.Close()
}

func addresses(list []string) string {
	shown := make([]string, len(list))
	for i, address := range list {
		shown[i] = (&mail.Address{Address: address}).String()
	}
	return strings.Join(shown, ",\r\n ")
}
