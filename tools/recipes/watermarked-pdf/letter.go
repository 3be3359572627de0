package main

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// letter is an e-mail with one PDF.
type letter struct {
	id       string // the same in every attempt, so that a second copy can be told
	from, to *mail.Address
	order    string
	title    string
	name     string // of the file
	pdf      []byte
	at       time.Time
}

// message is the letter as it is sent. Names and titles are people's own words: they go into headers as one line each,
// which go-mail encodes, so that none of them starts a header.
func (l letter) message() (*gomail.Msg, error) {
	_, host, _ := strings.Cut(l.from.Address, "@")
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(l.from)
	m.ToMailAddress(l.to)
	m.Subject(fmt.Sprintf("Your copy of %s (order %s)", oneLine(l.title), oneLine(l.order)))
	m.SetDateWithValue(l.at.UTC())
	m.SetMessageIDWithValue(l.id + "@" + host)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, l.text())
	err := m.AttachReader(l.name, bytes.NewReader(l.pdf), gomail.WithFileContentType("application/pdf"))
	return m, err
}

func (l letter) text() string {
	greeting := "Hello,"
	if l.to.Name != "" {
		greeting = "Hello " + l.to.Name + ","
	}
	return fmt.Sprintf("%s\n\nthank you for buying %s. Your copy is attached.\n\n"+
		"It carries your e-mail address and the number of your order, %s.\n", greeting, oneLine(l.title), oneLine(l.order))
}

// oneLine makes a space of every line end and every other run of white space, and leaves out control characters.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
