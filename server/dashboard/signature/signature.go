// Package signature explains to a person why a webhook's signature is right or
// wrong. The verdict of every check is that of package webhooks, so that it
// cannot disagree with a receiver that uses it; what is added here are guesses
// at how a wrong one came about. Nothing is kept, logged or sent.
package signature

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// Input is what somebody has pasted.
type Input struct {
	Header string // X-TBC-Signature, with or without its name
	Body   string
	Secret string
}

// The states of a check.
const (
	Passed  = "passed"
	Warned  = "warned" // a receiver would take it, or it was mended to go on
	Failed  = "failed"
	Skipped = "skipped" // an earlier check failed
)

// Check is one step of verifying. A receiver looks at the age before the
// signature; here it comes last, since what is pasted is mostly old.
type Check struct {
	Name  string
	State string
	Text  string // what was found, in a sentence
}

// Compared is one v1 of the header beside what it has to be.
type Compared struct {
	Given   string
	Matches bool
}

// Report is the answer. Expected is shown whole: it is good for this body and
// this t alone, within five minutes, and whoever has the secret can make it. Cut
// short it could not be searched for in a receiver's own log.
type Report struct {
	Right    bool // a receiver with this secret takes the delivery now
	Verdict  string
	Checks   []Check
	Expected string
	Compared []Compared
	Hints    []string // how a mismatch may have come about, the likeliest first
}

// Explain goes through the checks.
func Explain(in Input, now time.Time) Report {
	e := examination{in: in, now: now, secret: in.Secret}
	e.readHeader()
	for _, step := range []func() bool{e.checkSecret, e.checkBody, e.checkFormat, e.checkMAC, e.checkTime} {
		if !step() {
			break
		}
	}
	return e.report()
}

// examination is the state between checks.
type examination struct {
	in     Input
	now    time.Time
	header string // as it is examined
	secret string
	body   string // the reading that is examined

	done     []Check
	signedAt time.Time
	expected string
	compared []Compared
	hints    []string
	wrong    bool
}

// names are the checks in their order.
var names = []string{"Secret", "Body", "Format of the header", "Signature", "Age"}

func (e *examination) add(state, format string, args ...any) bool {
	e.done = append(e.done, Check{Name: names[len(e.done)], State: state, Text: fmt.Sprintf(format, args...)})
	e.wrong = e.wrong || state == Failed
	return state != Failed
}

// readHeader takes the header's name off: it is what comes along when a line is copied.
func (e *examination) readHeader() {
	e.header = strings.Trim(e.in.Header, "\r\n")
	if name, value, found := strings.Cut(e.header, ":"); found && strings.EqualFold(strings.TrimSpace(name), webhooks.HeaderSignature) {
		e.header = strings.TrimSpace(value)
	}
}

func (e *examination) checkSecret() bool {
	if e.in.Secret == "" {
		return e.add(Failed, "There is no secret. A receiver whose environment variable is not set is in the same place: it must refuse everything.")
	}
	if !strings.HasPrefix(e.in.Secret, "whsec_") {
		return e.add(Warned, "It does not begin with whsec_ as ours do. The whole secret is the key, this beginning included.")
	}
	return e.add(Passed, "It has %d characters and begins with whsec_.", len(e.in.Secret))
}

// checkBody also chooses how the body is read: browsers send every line end of
// a text field as CR LF, whatever was pasted.
func (e *examination) checkBody() bool {
	e.body = strings.ReplaceAll(e.in.Body, "\r\n", "\n")
	if e.body != e.in.Body && e.verify(e.in.Body) == nil {
		e.body = e.in.Body
	}
	if err := webhooks.Verify("", []byte(e.body), e.now, e.secret); errors.Is(err, webhooks.ErrBodyTooLarge) {
		return e.add(Failed, "It has %d bytes. A receiver refuses more than %d, and we never send more than %d.", len(e.body), webhooks.BodyLimit, webhooks.MaxBodyBytes)
	}
	if e.body == "" {
		return e.add(Warned, "It is empty. Ours never are: the body may have been read before, for instance by a JSON parser.")
	}
	return e.add(Passed, "It has %d bytes.", len(e.body))
}

// verify asks package webhooks about another body, at the time of the signature.
func (e *examination) verify(body string) error {
	at, err := signedAt(e.header)
	if err != nil {
		return err
	}
	return webhooks.Verify(e.header, []byte(body), at, e.secret)
}

// signedAt reads t of a header; whether it is well formed is for package webhooks to say.
func signedAt(header string) (time.Time, error) {
	first, _, _ := strings.Cut(header, ",")
	seconds, err := strconv.ParseInt(strings.TrimPrefix(first, "t="), 10, 64)
	return time.Unix(seconds, 0), err
}

func (e *examination) checkFormat() bool {
	err := webhooks.Verify(e.header, []byte(e.body), e.now, e.secret)
	switch {
	case errors.Is(err, webhooks.ErrNoSignature):
		return e.add(Failed, "There is no header. It is called %s; some frameworks hand it over in lower case only.", webhooks.HeaderSignature)
	case errors.Is(err, webhooks.ErrMalformedSignature):
		return e.badFormat(err)
	}
	n := strings.Count(e.header, ",v1=")
	at, parseErr := signedAt(e.header)
	if parseErr != nil {
		return e.add(Failed, "Its t cannot be read.")
	}
	e.signedAt = at
	if n > 1 {
		return e.add(Passed, "It has t and %d v1: the endpoint's secret is being replaced, and the old one signs too, last. One match is enough.", n)
	}
	return e.add(Passed, "It has t and one v1.")
}

// badFormat says what is wrong with the header. What can be mended without
// guessing is, so that the other checks have something to say.
func (e *examination) badFormat(err error) bool {
	_, why, _ := strings.Cut(err.Error(), ": ")
	mended := strings.ToLower(strings.Join(strings.Fields(strings.Trim(e.header, "\"'")), ""))
	at, parseErr := signedAt(mended)
	if mended == e.header || parseErr != nil || errors.Is(webhooks.Verify(mended, nil, at, e.secret), webhooks.ErrMalformedSignature) {
		return e.add(Failed, "A receiver stops here: %s.%s", why, formatHint(e.header))
	}
	e.add(Failed, "A receiver stops here: %s. It was changed on its way, by a proxy or in the copy. We went on with it as we send it: no space, no quotes, small letters.", why)
	e.header, e.signedAt = mended, at
	return true
}

func formatHint(header string) string {
	switch {
	case !strings.Contains(header, "v1="):
		return " The part that begins with v1= is missing: was the value cut at its comma?"
	case strings.Contains(header, "…") || strings.Contains(header, "..."):
		return " It was shortened: copy the whole value."
	}
	return ""
}

func (e *examination) checkMAC() bool {
	signed, err := webhooks.Sign([]byte(e.body), e.signedAt, e.secret)
	if err != nil {
		return e.add(Failed, "Nothing can be signed for its t.")
	}
	_, e.expected, _ = strings.Cut(signed, ",v1=")
	place := 0
	for element := range strings.SplitSeq(e.header, ",") {
		given, found := strings.CutPrefix(element, "v1=")
		if _, err := hex.DecodeString(given); !found || err != nil {
			continue
		}
		e.compared = append(e.compared, Compared{Given: given, Matches: given == e.expected})
		if given == e.expected {
			place = len(e.compared)
		}
	}
	if e.verify(e.body) != nil {
		e.hints = e.guess()
		e.add(Failed, "The HMAC-SHA256 of t, a full stop and this body, with this secret, is not what the header says: the body or the secret is another one.")
		return true // how old it is can be told all the same
	}
	if len(e.compared) > 1 {
		return e.add(Passed, "Number %d of %d matches.%s", place, len(e.compared), overlapText(place, len(e.compared)))
	}
	return e.add(Passed, "It matches: this body was signed with this secret.")
}

func overlapText(place, of int) string {
	if place == of {
		return " It is the last, which is the old secret's unless the endpoint has answered to the other order: change to the new one before the old one ends."
	}
	return " A receiver that keeps only the last v1, as short examples do, finds no match until the old secret has ended."
}

func (e *examination) checkTime() bool {
	off := e.now.Sub(e.signedAt)
	if err := webhooks.Verify(e.header, []byte(e.body), e.now, e.secret); !errors.Is(err, webhooks.ErrTimestamp) {
		return e.add(Passed, "It was signed %s ago, within the five minutes that a receiver allows.", off.Abs().Round(time.Second))
	}
	when := "ago"
	if off < 0 {
		when = "ahead of our clock"
	}
	return e.add(Failed, "It was signed %s %s. A receiver allows five minutes, so it refuses this now. If it refused it at once, too, its clock is wrong. A delivery that is sent again has a fresh t.", off.Abs().Round(time.Second), when)
}

func (e *examination) report() Report {
	r := Report{Right: !e.wrong, Checks: e.done, Expected: e.expected, Compared: e.compared, Hints: e.hints}
	for _, name := range names[len(e.done):] {
		r.Checks = append(r.Checks, Check{Name: name, State: Skipped, Text: "Not looked at."})
	}
	r.Verdict = e.verdict()
	return r
}

func (e *examination) verdict() string {
	var failed []string
	for _, check := range e.done {
		if check.State == Failed {
			failed = append(failed, strings.ToLower(check.Name))
		}
	}
	switch {
	case len(failed) == 0:
		return "The signature is right: a receiver with this secret takes this delivery."
	case len(failed) == 1 && failed[0] == "age":
		return "The signature is right, but too old by now: only the age is wrong."
	}
	return "A receiver refuses this: " + strings.Join(failed, ", ") + "."
}
