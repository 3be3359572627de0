package webhooks_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const (
	newSecret = "whsec_new"
	oldSecret = "whsec_old"
)

var noon = time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)

func sign(tb testing.TB, body string, at time.Time, secrets ...string) string {
	tb.Helper()
	header, err := webhooks.Sign([]byte(body), at, secrets...)
	if err != nil {
		tb.Fatal(err)
	}
	return header
}

func wantError(tb testing.TB, got, want error) {
	tb.Helper()
	if !errors.Is(got, want) {
		tb.Errorf("error: %v, want %v", got, want)
	}
}

// The page's example keeps the last v1 and its owner still holds the old
// secret: the order of the secrets is the order on the wire.
func TestSign_PutsTheOldSecretLast(t *testing.T) {
	t.Parallel()
	both := sign(t, "{}", noon, newSecret, oldSecret)
	old := strings.TrimPrefix(sign(t, "{}", noon, oldSecret), "t=1779192000")
	if !strings.HasSuffix(both, old) {
		t.Errorf("%s does not end in %s", both, old)
	}
	for _, secret := range []string{newSecret, oldSecret} {
		wantError(t, webhooks.Verify(both, []byte("{}"), noon, secret), nil)
	}
}

// Fractions of a second must not push a delivery out of the window on one side
// and let it stay on the other.
func TestVerify_WindowIsExactOnBothSides(t *testing.T) {
	t.Parallel()
	header := sign(t, "{}", noon, newSecret)
	for offset, want := range map[time.Duration]error{
		webhooks.Window:            nil,
		webhooks.Window + 1:        webhooks.ErrTimestamp,
		-webhooks.Window:           nil,
		-webhooks.Window - 1:       webhooks.ErrTimestamp,
		200 * 365 * 24 * time.Hour: webhooks.ErrTimestamp,
	} {
		wantError(t, webhooks.Verify(header, []byte("{}"), noon.Add(offset), newSecret), want)
	}
}

// A variable that is not set must not turn the check off.
func TestVerify_RefusesAnEmptySecretEvenIfItMatches(t *testing.T) {
	t.Parallel()
	_, err := webhooks.Sign([]byte("{}"), noon, "")
	wantError(t, err, webhooks.ErrNoSecret)
	_, err = webhooks.Sign([]byte("{}"), noon)
	wantError(t, err, webhooks.ErrNoSecret)
	header := sign(t, "{}", noon, newSecret)
	wantError(t, webhooks.Verify(header, []byte("{}"), noon), webhooks.ErrNoSecret)
	wantError(t, webhooks.Verify(header, []byte("{}"), noon, newSecret, ""), webhooks.ErrNoSecret)
}

func TestSign_RefusesATimeThatNoReceiverCanRead(t *testing.T) {
	t.Parallel()
	_, err := webhooks.Sign([]byte("{}"), time.Unix(-1, 0), newSecret)
	wantError(t, err, webhooks.ErrTimestamp)
}

// Errors end up in logs and in answers that the sender stores.
func TestVerify_ErrorsShowNeitherSecretNorSignature(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t) {
		header := strings.Join(v.Header, ",")
		err := webhooks.Verify(header, v.body(), v.clock(), v.Secrets...)
		if err == nil {
			continue
		}
		_, sum, _ := strings.Cut(header, "v1=")
		if strings.Contains(err.Error(), v.Secrets[0]) || sum != "" && strings.Contains(err.Error(), sum) {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

// What Sign writes, Verify accepts; and nothing that Verify accepts verifies
// for a body with one byte changed, or ends in a panic.
func FuzzVerify(f *testing.F) {
	for _, v := range readVectors(f) {
		if v.Repeat == 0 {
			f.Add(strings.Join(v.Header, ","), v.body(), v.Now, v.Secrets[0])
		}
	}
	f.Fuzz(func(t *testing.T, header string, body []byte, unix int64, secret string) {
		now := time.Unix(unix, 0)
		if webhooks.Verify(header, body, now, secret) == nil {
			changed := append(bytes.Clone(body), 0)[:max(len(body), 1)]
			changed[0] ^= 1
			wantError(t, webhooks.Verify(header, changed, now, secret), webhooks.ErrMismatch)
		}
		if unix < 0 || unix > 999_999_999_999_999 || secret == "" || len(body) > webhooks.BodyLimit {
			return
		}
		signed := sign(t, string(body), now, "another", secret)
		wantError(t, webhooks.Verify(signed, body, now, secret), nil)
	})
}
