package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const (
	dialTimeout = 30 * time.Second
	// sendTimeout is for a whole conversation, with an attachment of many megabytes.
	sendTimeout = 5 * time.Minute

	submissionPort  = 587
	submissionsPort = 465
)

// post is the mail server.
type post struct {
	host   string
	port   int
	secure bool // TLS from the first byte, rather than STARTTLS
	near   bool // it runs on this machine: TLS is not needed
	login  *url.Userinfo
	roots  *x509.CertPool // nil is what the system trusts
}

// newPost reads smtp://user:password@host:port or smtps://…. No error repeats the URL, which may hold a password.
func newPost(raw string) (post, error) {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Hostname() == "" || (parsed.Scheme != "smtp" && parsed.Scheme != "smtps") {
		return post{}, errors.New("not a URL such as smtp://user:password@host:587 or smtps://user:password@host")
	}
	p := post{host: parsed.Hostname(), port: submissionPort, secure: parsed.Scheme == "smtps", near: cli.IsThisMachine(parsed.Hostname())}
	if p.secure {
		p.port = submissionsPort
	}
	if port := parsed.Port(); port != "" {
		if p.port, err = strconv.Atoi(port); err != nil {
			return post{}, errors.New("the port is no number")
		}
	}
	if _, ok := parsed.User.Password(); ok {
		p.login = parsed.User
	}
	_, err = p.client(nil)
	return p, err
}

// send hands a letter over. It is Permanent where the server refuses this letter or its recipient for good.
func (p post) send(ctx context.Context, l letter) error {
	m, err := l.message()
	if err != nil {
		return recipe.Permanent(err)
	}
	ctx, hangUp := context.WithTimeout(ctx, sendTimeout)
	defer hangUp() // closes the connection, however the conversation ended
	client, err := p.client(p.dial(ctx))
	if err != nil {
		return err
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("the mail server cannot be reached: %w", numbered(err))
	}
	if err := client.SendWithSMTPClient(conversation, m); err != nil && !m.IsDelivered() {
		return verdict(err)
	}
	_ = conversation.Quit() // the server has taken the e-mail; how it says goodbye does not matter
	return nil
}

// client knows how to speak to the server. It is used once: a login in a conversation leaves traces in it.
func (p post) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(p.port), gomail.WithTimeout(sendTimeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(p.settings()), gomail.WithTLSPolicy(gomail.TLSMandatory),
	}
	if p.near {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if dial != nil {
		options = append(options, gomail.WithDialContextFunc(dial))
	}
	if p.secure {
		options = append(options, gomail.WithSSL())
	}
	if p.login != nil {
		password, _ := p.login.Password()
		options = append(options, gomail.WithUsername(p.login.Username()), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(p.host, options...)
}

func (p post) settings() *tls.Config {
	return &tls.Config{ServerName: p.host, MinVersion: tls.VersionTLS12, RootCAs: p.roots}
}

// dial opens a connection that closes when sending ends: go-mail bounds what it waits for, but does not end when a
// context does, and leaves the connection of a failed login open.
func (p post) dial(sending context.Context) gomail.DialContextFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		plain, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, net.JoinHostPort(p.host, strconv.Itoa(p.port)))
		if err != nil {
			return nil, err
		}
		context.AfterFunc(sending, func() { _ = plain.Close() })
		if !p.secure {
			return plain, nil
		}
		secured := tls.Client(plain, p.settings())
		return secured, secured.HandshakeContext(ctx)
	}
}

// numbered keeps the number alone of what the server said: its words may repeat an address.
func numbered(err error) error {
	if said := (*textproto.Error)(nil); errors.As(err, &said) {
		return fmt.Errorf("it answers %d", said.Code)
	}
	return err
}

// verdict is final where the server refuses the recipient or the letter with a 5xx. Elsewhere a 5xx is a fault of the
// configuration, which somebody may mend, and a 4xx, such as that of greylisting, asks to come again.
func verdict(err error) error {
	failed := (*gomail.SendError)(nil)
	if !errors.As(err, &failed) {
		return fmt.Errorf("the e-mail was not taken: %w", numbered(err))
	}
	step := failed.Reason.String() // not its Error, which repeats addresses
	if failed.ErrorCode() == 0 {
		return fmt.Errorf("the mail server breaks off: %s", step)
	}
	said := fmt.Errorf("the mail server answers %d: %s", failed.ErrorCode(), step)
	judged := failed.Reason == gomail.ErrSMTPRcptTo || failed.Reason == gomail.ErrSMTPDataClose
	if judged && failed.ErrorCode() >= 500 {
		return recipe.Permanent(said)
	}
	return said
}
