package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"

	"github.com/thebigclass/api/store"
)

// SMTP sends through one mail server, with a conversation for each e-mail: they
// are few.
type SMTP struct {
	host, address string
	secure        bool // TLS from the first byte; otherwise STARTTLS if the server offers it
	auth          smtp.Auth
	from          *mail.Address
}

// NewSMTP reads smtp://user:password@host:port or smtps://…, and the sender's
// address. A password is sent over TLS alone, or to this machine.
func NewSMTP(rawURL, from string) (*SMTP, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("the URL of the mail server cannot be read") // its text may hold a password
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender of e-mails: %w", err)
	}
	s := &SMTP{host: parsed.Hostname(), secure: parsed.Scheme == "smtps", from: sender}
	port := parsed.Port()
	switch {
	case port != "":
	case s.secure:
		port = "465"
	default:
		port = "587"
	}
	s.address = net.JoinHostPort(s.host, port)
	if password, ok := parsed.User.Password(); ok {
		s.auth = smtp.PlainAuth("", parsed.User.Username(), password, s.host)
	}
	return s, nil
}

// Send hands an e-mail over. It wraps ErrRefused where the server does not want it.
func (s *SMTP) Send(ctx context.Context, m store.OutgoingEmail) error {
	text, err := message(m, s.from)
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // net/smtp knows no context
	defer stop()
	if err := s.talk(conn, m.Recipients, text); err != nil {
		return fmt.Errorf("talk to the mail server: %w", err)
	}
	return nil
}

// answer keeps the number alone of what the server said: its words may repeat an address.
func answer(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) {
		return fmt.Errorf("it answered %d", said.Code)
	}
	return err
}

// verdict is answer where the server judges this e-mail: a 5xx is final then.
// Elsewhere it is a fault of the configuration, which somebody may mend.
func verdict(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 500 {
		return fmt.Errorf("%w: %w", ErrRefused, answer(err))
	}
	return answer(err)
}

func (s *SMTP) talk(conn net.Conn, recipients []string, text []byte) error {
	settings := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.secure {
		conn = tls.Client(conn, settings)
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return err
	}
	if offered, _ := client.Extension("STARTTLS"); offered && !s.secure {
		if err := client.StartTLS(settings); err != nil {
			return err
		}
	}
	if s.auth != nil {
		if err := client.Auth(s.auth); err != nil {
			return answer(err)
		}
	}
	return s.hand(client, recipients, text)
}

// hand gives the e-mail to a server that knows who we are.
func (s *SMTP) hand(client *smtp.Client, recipients []string, text []byte) error {
	if err := client.Mail(s.from.Address); err != nil {
		return answer(err)
	}
	for _, recipient := range recipients {
		if err := client.Rcpt(recipient); err != nil {
			return verdict(err)
		}
	}
	data, err := client.Data()
	if err != nil {
		return answer(err)
	}
	if _, err := data.Write(text); err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return verdict(err)
	}
	_ = client.Quit() // the server has taken the e-mail; how it says goodbye does not matter
	return nil
}
