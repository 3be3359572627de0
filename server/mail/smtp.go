package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"

	gomail "github.com/wneessen/go-mail"

	"github.com/thebigclass/api/store"
)

// SMTP sends through one mail server, with a conversation for each e-mail: they
// are few.
type SMTP struct {
	host     string
	port     int
	secure   bool // TLS from the first byte; otherwise STARTTLS if the server offers it
	login    *url.Userinfo
	from     *mail.Address
	trusting *x509.CertPool // nil is what the system trusts
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
	s := &SMTP{host: parsed.Hostname(), port: 587, secure: parsed.Scheme == "smtps", from: sender}
	if s.secure {
		s.port = 465
	}
	if port := parsed.Port(); port != "" {
		if s.port, err = strconv.Atoi(port); err != nil {
			return nil, errors.New("the port of the mail server is no number")
		}
	}
	if _, ok := parsed.User.Password(); ok {
		s.login = parsed.User
	}
	_, err = s.client(nil)
	return s, err
}

// dialer opens the connection of a conversation.
type dialer = gomail.DialContextFunc

// client knows how to speak to the server. It is used once: a login in a
// conversation leaves traces in it.
func (s *SMTP) client(dial dialer) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(sendTimeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(s.settings()), gomail.WithTLSPolicy(gomail.TLSOpportunistic),
	}
	if dial != nil {
		options = append(options, gomail.WithDialContextFunc(dial))
	}
	if s.secure {
		options = append(options, gomail.WithSSL())
	}
	if s.login != nil {
		password, _ := s.login.Password()
		options = append(options, gomail.WithUsername(s.login.Username()), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, fmt.Errorf("the settings of the mail server: %w", err)
	}
	return client, nil
}

func (s *SMTP) settings() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: s.trusting}
}

// Send hands an e-mail over. It wraps ErrRefused where the server does not want it.
func (s *SMTP) Send(ctx context.Context, m store.OutgoingEmail) error {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp() // closes the connection, however the conversation ended
	client, err := s.client(s.dial(ctx))
	if err != nil {
		return err
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", answer(err))
	}
	letter := message(m, s.from)
	if err := client.SendWithSMTPClient(conversation, letter); err != nil && !letter.IsDelivered() {
		return fmt.Errorf("hand the e-mail over: %w", verdict(err))
	}
	_ = conversation.Quit() // the server has taken the e-mail; how it says goodbye does not matter
	return nil
}

// dial opens connections that close when sending ends: go-mail bounds what it
// waits for, but does not end when a context does, and leaves the connection of a
// failed login open.
func (s *SMTP) dial(sending context.Context) dialer {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		address := net.JoinHostPort(s.host, strconv.Itoa(s.port))
		plain, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(sending, func() { _ = plain.Close() })
		if !s.secure {
			return plain, nil
		}
		secured := tls.Client(plain, s.settings())
		return secured, secured.HandshakeContext(ctx)
	}
}

// answer keeps the number alone of what the server said: its words may repeat an address.
func answer(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) {
		return fmt.Errorf("it answered %d", said.Code)
	}
	return err
}

// verdict is answer once we may send. Where the server judges this e-mail, a 5xx
// is final. Elsewhere it is a fault of the configuration, which somebody may mend.
func verdict(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return answer(err)
	}
	step := failed.Reason.String() // not its Error, which repeats addresses
	if failed.ErrorCode() == 0 {
		return fmt.Errorf("no answer after %s", step)
	}
	said := fmt.Errorf("it answered %d after %s", failed.ErrorCode(), step)
	judged := failed.Reason == gomail.ErrSMTPRcptTo || failed.Reason == gomail.ErrSMTPDataClose
	if judged && failed.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %w", ErrRefused, said)
	}
	return said
}
