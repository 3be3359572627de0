package store

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func parseRing(t *testing.T, text string) *Keyring {
	t.Helper()
	ring, err := ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// What is sealed opens in its own place only: copied to another row it is worthless.
func TestKeyring_SealedOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	ring := parseRing(t, NewMasterKey(rand.Reader))
	sealed := ring.Seal("table/row", []byte("secret"))
	if bytes.Contains(sealed, []byte("secret")) {
		t.Error("the sealed value shows its content")
	}
	plain, err := ring.Open("table/row", sealed)
	if err != nil || string(plain) != "secret" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if _, err := ring.Open("table/other", sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("in another place: %v, want ErrSealed", err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := ring.Open("table/row", changed); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed: %v, want ErrSealed", i, err)
		}
	}
	for _, short := range [][]byte{nil, {0}, {9, 1}, sealed[:12]} {
		if _, err := ring.Open("table/row", short); !errors.Is(err, ErrSealed) {
			t.Errorf("%d bytes: %v, want ErrSealed", len(short), err)
		}
	}
}

func TestKeyring_RotationOpensOldAndSealsNew(t *testing.T) {
	t.Parallel()
	first, second := NewMasterKey(rand.Reader), NewMasterKey(rand.Reader)
	sealed := parseRing(t, first).Seal("place", []byte("secret"))
	both := parseRing(t, "2027:"+second+","+first)
	if plain, err := both.Open("place", sealed); err != nil || string(plain) != "secret" {
		t.Errorf("the old key's value: %q, %v", plain, err)
	}
	if bytes.HasPrefix(sealed, both.underFirst()) || !bytes.HasPrefix(both.Seal("place", nil), both.underFirst()) {
		t.Error("exactly the old key's value is not under the first key")
	}
	if _, err := parseRing(t, second).Open("place", sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("without the old key: %v, want ErrSealed", err)
	}
}

func TestParseKeyring_FaultsNameThePlaceAndNotTheKey(t *testing.T) {
	t.Parallel()
	good := NewMasterKey(rand.Reader)
	for _, text := range []string{"", "short", good + ",", good + "," + good, ":" + good, "a:" + good + ",a:" + NewMasterKey(rand.Reader),
		strings.Repeat("i", 33) + ":" + good, good[:len(good)-4]} {
		_, err := ParseKeyring(text)
		if err == nil {
			t.Errorf("%d characters were taken for a keyring", len(text))
		} else if strings.Contains(err.Error(), good[:20]) || !strings.Contains(err.Error(), "master key ") {
			t.Errorf("fault %q", err)
		}
	}
}

// A secret that can be printed will be.
func TestKeyring_NeverPrints(t *testing.T) {
	t.Parallel()
	secret := NewMasterKey(rand.Reader)
	ring := parseRing(t, secret)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("opened", "keyring", ring, "config", Config{Keyring: ring})
	encoded, err := json.Marshal(Config{Keyring: ring}.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(encoded) + fmt.Sprintf("%v %+v %#v %s %x %d %v", ring, ring, ring, ring, ring, ring, Config{Keyring: ring})
	derived := fmt.Sprintf("%x", ring.keys[0].cursor)
	for _, hidden := range []string{secret, secret[:16], derived, derived[:16], ring.keys[0].id} {
		if strings.Contains(shown, hidden) {
			t.Errorf("it prints: %s", shown)
		}
	}
}
