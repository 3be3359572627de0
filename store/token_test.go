package store

import (
	"crypto/rand"
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"
)

// The published pattern and checksum are what secret scanners look for.
func TestNewToken_EveryTokenHasThePublishedForm(t *testing.T) {
	t.Parallel()
	published := regexp.MustCompile(`^tbc_[0-9A-Za-z]{36}$`)
	seen, used := map[string]bool{}, map[rune]bool{}
	for range 10_000 {
		token, err := newToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		hash, ok := ParseToken(token)
		if !published.MatchString(token) || !ok || hash != sha256.Sum256([]byte(token)) || seen[token] {
			t.Fatalf("token %d is malformed or a repetition", len(seen))
		}
		seen[token] = true
		for _, c := range token[4:34] {
			used[c] = true
		}
	}
	if len(used) != 62 {
		t.Errorf("%d different characters were drawn, want 62", len(used))
	}
}

// Bytes from 248 up are drawn again: taken modulo 62 they would favour the first characters.
func TestNewToken_RejectsBytesThatWouldBias(t *testing.T) {
	t.Parallel()
	stream := strings.Repeat("\xf8\xff\xfb\x00", 200)
	token, err := newToken(strings.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("0", 30); token[4:34] != want {
		t.Errorf("drew %q, want %q", token[4:34], want)
	}
}

func TestParseToken_OneWrongCharacterIsRefused(t *testing.T) {
	t.Parallel()
	token, err := newToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(token) {
		for _, c := range []byte{'x', '!', 0} {
			changed := []byte(token)
			changed[i] = c
			if _, ok := ParseToken(string(changed)); ok && string(changed) != token {
				t.Errorf("position %d changed to %q passes", i, c)
			}
		}
	}
	for _, other := range []string{"", "tbc_", token[:39], token + "0", "TBC_" + token[4:], " " + token[1:]} {
		if _, ok := ParseToken(other); ok {
			t.Errorf("%d characters pass as a token", len(other))
		}
	}
}

// A generator in another language needs one example to check its checksum against.
func TestChecksum_OfAKnownBody(t *testing.T) {
	t.Parallel()
	if got := checksum(strings.Repeat("0", 30)); got != "2C8GjS" {
		t.Errorf("checksum %q", got)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("tbc_000000000000000000000000000000000000")
	f.Fuzz(func(t *testing.T, token string) {
		if _, ok := ParseToken(token); ok && (len(token) != 40 || !strings.HasPrefix(token, "tbc_")) {
			t.Errorf("%q passes", token)
		}
	})
}
