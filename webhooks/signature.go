package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The headers of a delivery in their published spelling. Header.Set would write
// X-Tbc-Signature on the wire, so a sender assigns the map key:
//
//	req.Header[webhooks.HeaderSignature] = []string{signature}
//
// A receiver may use Header.Get, since net/http has put received names into its
// own spelling.
const (
	HeaderSignature = "X-TBC-Signature"
	HeaderEvent     = "X-TBC-Event"
	HeaderDelivery  = "X-TBC-Delivery"
	HeaderAttempt   = "X-TBC-Attempt"
)

const (
	// Window is how far a signature's time may be from the receiver's clock, in
	// either direction.
	Window = 5 * time.Minute

	// MaxBodyBytes is the most that is ever sent.
	MaxBodyBytes = 64 << 10

	// BodyLimit is the most that is accepted. The slack over MaxBodyBytes lets
	// the sender's limit grow without breaking receivers; 100 KiB is also where
	// express.raw, which the developer page uses, stops by default.
	BodyLimit = 100 << 10

	// maxSignatureBytes bounds the work that a header can cause before its
	// sender is known: room for t and 14 signatures, where we send at most two.
	maxSignatureBytes = 1024

	// maxUnixDigits keeps t exact in languages whose only number is a double.
	maxUnixDigits = 15
)

// What can be wrong with a delivery. Verify wraps them with the particulars, so
// compare with errors.Is. None of the texts contains a secret or a signature.
var (
	ErrNoSignature        = errors.New("no " + HeaderSignature + " header")
	ErrMalformedSignature = errors.New("malformed " + HeaderSignature + " header")
	ErrTimestamp          = errors.New("signed outside the five-minute window")
	ErrMismatch           = errors.New("signature does not match")
	ErrBodyTooLarge       = errors.New("body is over 102400 bytes")

	// ErrNoSecret is a mistake of the caller: HMAC accepts an empty key, so an
	// environment variable that is not set would let anybody sign.
	ErrNoSecret = errors.New("no signing secret, or an empty one")
)

// Sign returns the value of X-TBC-Signature for body sent at the given time, of
// which whole seconds count. Secrets are the valid ones, newest first, so that
// the old one's v1 comes last during a rotation. It fails with ErrNoSecret, and
// with ErrTimestamp for a time before 1970, which no receiver could parse.
func Sign(body []byte, at time.Time, secrets ...string) (string, error) {
	if err := checkSecrets(secrets); err != nil {
		return "", err
	}
	if at.Unix() < 0 {
		return "", fmt.Errorf("%w: %s is before 1970", ErrTimestamp, at)
	}
	unix := strconv.FormatInt(at.Unix(), 10)
	var header strings.Builder
	header.WriteString("t=" + unix)
	for _, secret := range secrets {
		header.WriteString(",v1=" + hex.EncodeToString(mac(secret, unix, body)))
	}
	return header.String(), nil
}

// Verify reports whether signature, the value of X-TBC-Signature, was made for
// exactly this body by the holder of one of the secrets, at most Window before
// or after now. A nil error means yes.
func Verify(signature string, body []byte, now time.Time, secrets ...string) error {
	if err := checkSecrets(secrets); err != nil {
		return err
	}
	if len(body) > BodyLimit {
		return ErrBodyTooLarge
	}
	signed, err := parseSignature(signature)
	if err != nil {
		return err
	}
	if off := now.Sub(signed.at); off.Abs() > Window {
		return fmt.Errorf("%w: t differs from this machine's clock by %s", ErrTimestamp, off.Abs().Round(time.Millisecond))
	}
	if !signed.by(secrets, body) {
		return ErrMismatch
	}
	return nil
}

// signatureHeader is a parsed X-TBC-Signature.
type signatureHeader struct {
	unix string // t as it was written, since these digits are what was signed
	at   time.Time
	v1   [][]byte // each of sha256.Size bytes
}

// by reports whether any v1 was made with any of the secrets. All pairs are
// compared, so the time taken does not tell which one matched.
func (h signatureHeader) by(secrets []string, body []byte) bool {
	matches := 0
	for _, secret := range secrets {
		want := mac(secret, h.unix, body)
		for _, got := range h.v1 {
			matches |= subtle.ConstantTimeCompare(want, got)
		}
	}
	return matches == 1
}

// parseSignature reads the grammar in the package documentation and nothing
// more lenient: two readings of one header are how verifiers get fooled.
func parseSignature(value string) (signatureHeader, error) {
	if value == "" {
		return signatureHeader{}, ErrNoSignature
	}
	if len(value) > maxSignatureBytes {
		return signatureHeader{}, malformed("it is over %d bytes", maxSignatureBytes)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return signatureHeader{}, malformed("it has a space or another character that does not belong")
	}
	first, rest, _ := strings.Cut(value, ",")
	parsed, err := parseTime(first)
	if err != nil {
		return signatureHeader{}, err
	}
	for element := range strings.SplitSeq(rest, ",") {
		scheme, digits, found := strings.Cut(element, "=")
		switch {
		case !found || !isScheme(scheme) || scheme == "t":
			return signatureHeader{}, malformed("t is followed by something other than v1=…")
		case scheme == "v1":
			sum, err := parseV1(digits)
			if err != nil {
				return signatureHeader{}, err
			}
			parsed.v1 = append(parsed.v1, sum)
		}
	}
	if len(parsed.v1) == 0 {
		return signatureHeader{}, malformed("it has no v1")
	}
	return parsed, nil
}

func parseTime(element string) (signatureHeader, error) {
	unix, found := strings.CutPrefix(element, "t=")
	if !found {
		return signatureHeader{}, malformed("it does not begin with t=")
	}
	seconds, err := strconv.ParseInt(unix, 10, 64)
	// Printing it again refuses signs and leading zeros.
	if err != nil || seconds < 0 || len(unix) > maxUnixDigits || strconv.FormatInt(seconds, 10) != unix {
		return signatureHeader{}, malformed("t is not a whole number of seconds")
	}
	return signatureHeader{unix: unix, at: time.Unix(seconds, 0)}, nil
}

func parseV1(digits string) ([]byte, error) {
	sum, err := hex.DecodeString(digits)
	if err != nil || len(sum) != sha256.Size || strings.ToLower(digits) != digits {
		return nil, malformed("v1 is not 64 lower-case hexadecimal digits")
	}
	return sum, nil
}

func isScheme(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformedSignature, fmt.Sprintf(format, args...))
}

func checkSecrets(secrets []string) error {
	if len(secrets) == 0 {
		return ErrNoSecret
	}
	for _, secret := range secrets {
		if secret == "" {
			return ErrNoSecret
		}
	}
	return nil
}

func mac(secret, unix string, body []byte) []byte {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(unix + "."))
	sum.Write(body)
	return sum.Sum(nil)
}
