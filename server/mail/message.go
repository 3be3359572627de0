package mail

import (
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/thebigclass/api/store"
)

// message is an e-mail as it is sent: plain text in UTF-8. Each header's value is
// encoded, so that a line end in a name or a title starts no header.
func message(m store.OutgoingEmail, from *mail.Address) *gomail.Msg {
	_, host, _ := strings.Cut(from.Address, "@")
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(from)
	recipients := make([]*mail.Address, len(m.Recipients))
	for i, address := range m.Recipients {
		recipients[i] = &mail.Address{Address: address} // quoted where it needs to be
	}
	letter.ToMailAddress(recipients...)
	letter.Subject(m.Subject)
	letter.SetDateWithValue(m.CreatedAt.UTC())
	letter.SetMessageIDWithValue(m.ID + "@" + host) // the same in every try, so that a second copy can be told
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetBodyString(gomail.TypeTextPlain, m.Body)
	return letter
}
