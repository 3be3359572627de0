package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin/mail"
)

// secured is a mail server that wants a login, and the post that trusts its certificate.
func secured(t *testing.T, scheme, password string) (post, *recipetest.Record[mail.Letter]) {
	t.Helper()
	lender := httptest.NewTLSServer(nil)
	t.Cleanup(lender.Close)
	server := &mail.Server{
		User: "asha", Pass: "right", Implicit: scheme == "smtps",
		TLS: &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12},
	}
	record := &recipetest.Record[mail.Letter]{}
	at := url.URL{Scheme: scheme, User: url.UserPassword("asha", password), Host: listen(t, "127.0.0.1:0", server, record)}
	p, err := newPost(at.String())
	if err != nil {
		t.Fatal(err)
	}
	p.roots = x509.NewCertPool()
	p.roots.AddCert(lender.Certificate())
	return p, record
}

func note() letter {
	return letter{
		id: event + ".0", from: &netmail.Address{Address: "asha@example.com"}, to: &netmail.Address{Address: "meera@example.com"},
		order: "TBC-1042", title: "Riyaz Notes", name: "riyaz-notes.bin", pdf: []byte("no PDF"),
	}
}

func TestPost_LogsInOverTLSEitherWay(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"smtp", "smtps"} {
		p, record := secured(t, scheme, "right")
		l := note()
		l.pdf = sample(t)
		if err := p.send(t.Context(), l); err != nil || len(record.All(t)) != 1 {
			t.Errorf("over %s: %v, %+v", scheme, err, record.All(t))
		}
	}
}

// A wrong password, and a certificate that nobody vouches for, are for a person to mend: the letter is good.
func TestPost_AFaultOfTheConfigurationIsNotTheLetters(t *testing.T) {
	t.Parallel()
	wrong, _ := secured(t, "smtps", "wrong")
	unknown, record := secured(t, "smtp", "right")
	unknown.roots = nil
	for what, p := range map[string]post{"535": wrong, "certificate": unknown} {
		err := p.send(t.Context(), note())
		if err == nil || !strings.Contains(err.Error(), what) || recipe.IsPermanent(err) {
			t.Errorf("%v, want one about %s", err, what)
		}
	}
	if len(record.All(t)) != 0 {
		t.Error("sent to a server that nobody knows")
	}
}

// Names, addresses and files of buyers do not travel in the clear.
func TestPost_WithoutTLSNothingLeavesThisMachine(t *testing.T) {
	t.Parallel()
	record := &recipetest.Record[mail.Letter]{}
	p, err := newPost("smtp://" + listen(t, "127.0.0.1:0", new(mail.Server), record))
	if err != nil || !p.near || cli.IsThisMachine("mail.example.com") || cli.IsThisMachine("192.0.2.1") {
		t.Fatalf("%+v, %v", p, err)
	}
	p.near = false
	if err := p.send(t.Context(), note()); err == nil || !strings.Contains(err.Error(), "STARTTLS") || len(record.All(t)) != 0 {
		t.Errorf("%v, %d letters", err, len(record.All(t)))
	}
}

// A stop does not wait for a server that says nothing.
func TestPost_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	record := &recipetest.Record[mail.Letter]{}
	ctx, stop := context.WithCancel(t.Context())
	server := &mail.Server{Recipient: func(string) error { stop(); <-t.Context().Done(); return nil }}
	p, err := newPost("smtp://" + listen(t, "127.0.0.1:0", server, record))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.send(ctx, note()); err == nil {
		t.Error("sent")
	}
}

// The parts of a licence that the built-in font cannot show are not shown as something else.
func TestLicence_SaysNothingWrong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100) + "@example.com"
	for _, c := range []struct{ name, email, want string }{
		{"Zoë (Z) Müller", "zoe@example.com", "Licensed to Zoë (Z) Müller, zoe@example.com|Order TBC-1"},
		{"आशा नायर", "asha@example.com", "Licensed to asha@example.com|Order TBC-1"},
		{"100 %P", "a%p@example.com", "Licensed to a?p@example.com|Order TBC-1"},
		{"", long, "Licensed to " + long[:68] + "|" + long[68:] + "|Order TBC-1"},
	} {
		if got := strings.Join(licence(c.name, c.email, "TBC-1"), "|"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A PDF that needs a password is told apart at the start.
func TestInspect_RefusesWhatCannotBeStamped(t *testing.T) {
	t.Parallel()
	if err := inspect(sample(t)); err != nil {
		t.Error(err)
	}
	if err := inspect(bytes.Replace(sample(t), []byte("/Root 1 0 R"), []byte("/Root 9 0 R"), 1)); err == nil {
		t.Error("a PDF without pages passes")
	}
}

func sample(t *testing.T) []byte {
	t.Helper()
	pdf, err := os.ReadFile("sample/riyaz-notes.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}
