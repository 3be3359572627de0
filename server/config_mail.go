package server

import (
	"fmt"
	"io"
	"net/mail"
	"net/url"
)

// MailConfig says how e-mails leave. Without a URL they are only kept and logged.
type MailConfig struct {
	SMTPURL SMTPURL // smtp://… or smtps://…, or ""
	From    string  // an address, with or without a name
}

// SMTPURL may hold a password, so it prints without one.
type SMTPURL string

// String is the URL with its password replaced.
func (u SMTPURL) String() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return "(unreadable)"
	}
	return parsed.Redacted()
}

// Format hides the password from every verb.
func (u SMTPURL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// MarshalText hides the password from JSON, and so from logs.
func (u SMTPURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

func (e *environment) mail() MailConfig {
	c := MailConfig{SMTPURL: SMTPURL(e.text("TBC_SMTP_URL", "")), From: e.text("TBC_MAIL_FROM", "")}
	if c.SMTPURL == "" {
		return c
	}
	// The URL may hold a password: it is not repeated.
	parsed, err := url.Parse(string(c.SMTPURL))
	if err != nil || (parsed.Scheme != "smtp" && parsed.Scheme != "smtps") || parsed.Hostname() == "" || parsed.Path != "" || parsed.RawQuery != "" {
		e.fault("TBC_SMTP_URL", "must be smtp://user:password@host:port (with STARTTLS if the host offers it) or smtps://…")
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		e.fault("TBC_MAIL_FROM", "must be an e-mail address when TBC_SMTP_URL is set")
	}
	return c
}
