package mail_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
)

// mailServer is a mail server in this process. Its fields are set before it listens.
type mailServer struct {
	*testing.T
	toRecipient string      // its answer to RCPT; "" is 250
	toGoodbye   string      // its answer to RSET and QUIT; "" is that it hangs up
	tls         *tls.Config // nil: it speaks no TLS
	implicit    bool        // TLS from the first byte, rather than STARTTLS
	login       string      // "user:password" that it wants before MAIL; "" is that it offers no login

	roots *x509.CertPool
	took  chan string // e-mails, as they came
}

func newMailServer(t *testing.T) *mailServer {
	return &mailServer{T: t, toGoodbye: "250 fine", took: make(chan string, 10)}
}

// certified gives the server a certificate for 127.0.0.1 that roots vouch for.
func (s *mailServer) certified() *mailServer {
	lender := httptest.NewTLSServer(nil)
	s.Cleanup(lender.Close)
	s.tls, s.roots = &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12}, x509.NewCertPool()
	s.roots.AddCert(lender.Certificate())
	return s
}

// listen serves at an address, "127.0.0.1:0" for any, and returns which that is.
func (s *mailServer) listen(address string) string {
	s.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.converse(conn)
		}
	}()
	return listener.Addr().String()
}

// conversation is one with a client.
type conversation struct {
	*mailServer
	conn    net.Conn
	lines   *bufio.Reader
	secure  bool
	allowed bool
}

func (s *mailServer) converse(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	c := &conversation{mailServer: s, conn: conn, allowed: s.login == ""}
	if s.implicit {
		c.secured()
	}
	c.lines = bufio.NewReader(c.conn)
	c.say("220 ready")
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !c.answer(verb, rest) {
			return
		}
	}
}

func (c *conversation) secured() {
	c.conn, c.secure = tls.Server(c.conn, c.tls), true
	c.lines = bufio.NewReader(c.conn)
}

func (c *conversation) say(format string, args ...any) {
	fmt.Fprintf(c.conn, format+"\r\n", args...)
}

// answer reports whether the conversation goes on.
func (c *conversation) answer(verb, rest string) bool {
	switch {
	case verb == "EHLO":
		c.say("250-at your service")
		if c.tls != nil && !c.secure {
			c.say("250-STARTTLS")
		}
		if c.login != "" {
			c.say("250-AUTH PLAIN")
		}
		c.say("250 HELP")
	case verb == "STARTTLS":
		c.say("220 go on")
		c.secured()
	case verb == "AUTH":
		c.authenticate(strings.TrimPrefix(rest, "PLAIN "))
	case !c.allowed:
		c.say("530 who are you")
	case verb == "RCPT" && c.toRecipient != "":
		c.say("%s", c.toRecipient)
	case verb == "DATA":
		c.say("354 go on")
		c.took <- untilDot(c.lines)
		c.say("250 taken")
	case verb == "RSET" || verb == "QUIT":
		c.say("%s", c.toGoodbye)
		return c.toGoodbye != "" && verb == "RSET"
	default:
		c.say("250 fine")
	}
	return true
}

// authenticate takes a password over TLS alone: a client that sends one in the clear has told everybody.
func (c *conversation) authenticate(encoded string) {
	text, _ := base64.StdEncoding.DecodeString(encoded)
	if c.tls != nil && !c.secure {
		c.Error("the password came in the clear")
	}
	if strings.TrimPrefix(strings.ReplaceAll(string(text), "\x00", ":"), ":") != c.login {
		c.say("535 no")
		return
	}
	c.allowed = true
	c.say("235 welcome")
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
