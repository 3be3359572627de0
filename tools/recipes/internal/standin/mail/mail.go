// Package mail stands in for a mail server. The protocol is go-smtp's; what is ours are the refusals and the record.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

// messageLimit is what many mail servers take, in bytes.
const messageLimit = 25 << 20

// Letter is what the record holds for each e-mail that was taken.
type Letter struct {
	From        string       `json:"from"` // of the envelope, as To
	To          []string     `json:"to"`
	Subject     string       `json:"subject"`
	MessageID   string       `json:"messageId"`
	Attachments []Attachment `json:"attachments"`
}

// Attachment is one file of an e-mail.
type Attachment struct {
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Bytes int      `json:"bytes"`
	Pages []string `json:"pages"` // the text of each page of a PDF
}

// Server answers as a submission server does. The zero value takes everything.
type Server struct {
	TLS           *tls.Config // nil: no STARTTLS is offered
	Implicit      bool        // TLS from the first byte
	User, Pass    string      // empty: nobody has to log in
	Recipient     func(address string) error
	Content       func() error // asked after the last byte: nil takes it
	CutAfterBytes int64        // over 0: hangs up in the middle of an e-mail that is longer
}

// Refusal is an answer such as 451 or 550.
func Refusal(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCodeNotSet, Message: words}
}

// Serve is a standin.Service.
func (s *Server) Serve(ctx context.Context, listener net.Listener, record *standin.Record) error {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{Server: s, conn: c, record: record, allowed: s.User == ""}, nil
	}))
	server.Domain, server.MaxMessageBytes, server.AllowInsecureAuth, server.TLSConfig = "stand-in", messageLimit, true, s.TLS
	if s.Implicit {
		listener = tls.NewListener(listener, s.TLS)
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// session is one conversation.
type session struct {
	*Server
	conn    *smtp.Conn
	record  *standin.Record
	allowed bool
	letter  Letter
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if s.allowed = user == s.User && pass == s.Pass; !s.allowed {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.allowed {
		return Refusal(530, "Authentication required")
	}
	s.letter = Letter{From: from}
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.letter.To = append(s.letter.To, to)
	if s.Recipient != nil {
		return s.Recipient(to)
	}
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if s.CutAfterBytes > 0 {
		_, err := io.CopyN(io.Discard, r, s.CutAfterBytes)
		return errors.Join(err, s.conn.Conn().Close())
	}
	unreadable := s.letter.read(r)
	if _, err := io.Copy(io.Discard, r); err != nil { // the conversation goes on after the last byte
		return err
	}
	if unreadable != nil {
		return Refusal(554, unreadable.Error())
	}
	if s.Content != nil {
		if err := s.Content(); err != nil {
			return err
		}
	}
	return s.record.Add(s.letter)
}

// Reset implements smtp.Session.
func (s *session) Reset() {}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// read takes the letter apart.
func (l *Letter) read(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return err
	}
	l.MessageID = message.Header.Get("Message-ID")
	kind, options, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		return errors.New("it has no attachment")
	}
	parts := multipart.NewReader(message.Body, options["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && part.FileName() != "" {
			err = l.attach(part)
		}
		if err != nil {
			return err
		}
	}
}

func (l *Letter) attach(part *multipart.Part) error {
	file, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil {
		return err
	}
	kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
	attached := Attachment{Name: part.FileName(), Type: kind, Bytes: len(file)}
	if kind == "application/pdf" {
		if attached.Pages, err = pages(bytes.NewReader(file)); err != nil {
			return err
		}
	}
	l.Attachments = append(l.Attachments, attached)
	return nil
}
