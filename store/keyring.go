package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Keyring holds the master keys. The first one seals and signs cursors, all of them open and verify: to rotate, put a
// new key in front, run `tbc rekey`, and take the old one away. What is lost with it are cursors from before the new
// key. It never prints: neither with fmt nor in a log.
type Keyring struct {
	keys []masterKey
}

// masterKey is one key under an id. The sealing key and the key that signs cursors are derived from the master
// key, so that no key serves two purposes.
type masterKey struct {
	id     string
	sealer cipher.AEAD
	cursor []byte
}

const masterKeyBytes = 32

// NewMasterKey makes a key in the form that ParseKeyring reads. It panics if random fails, which crypto/rand never
// does: a program without randomness must not go on.
func NewMasterKey(random io.Reader) string {
	secret := make([]byte, masterKeyBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		panic("store: no randomness for a master key: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(secret)
}

// ParseKeyring reads one or more keys, separated by commas, each 32 bytes in base64 with an optional id in front:
// "2026:BASE64,2025:BASE64". A key without an id is named after its hash, so that a single key may later become
// one of several. Faults name the position of a key, never its value.
func ParseKeyring(text string) (*Keyring, error) {
	ring := &Keyring{}
	seen := map[string]bool{}
	for i, entry := range strings.Split(text, ",") {
		key, err := parseMasterKey(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("master key %d: %w", i+1, err)
		}
		if seen[key.id] {
			return nil, fmt.Errorf("master key %d: a second key with this id", i+1)
		}
		seen[key.id] = true
		ring.keys = append(ring.keys, key)
	}
	return ring, nil
}

func parseMasterKey(entry string) (masterKey, error) {
	id, encoded, named := strings.Cut(entry, ":")
	if !named {
		id, encoded = "", entry
	}
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(secret) != masterKeyBytes {
		return masterKey{}, fmt.Errorf("want %d bytes in base64", masterKeyBytes)
	}
	if named && (id == "" || len(id) > 32) {
		return masterKey{}, errors.New("an id has 1 to 32 characters")
	}
	if !named {
		sum := sha256.Sum256(append([]byte("tbc master key id:"), secret...))
		id = hex.EncodeToString(sum[:4])
	}
	return deriveMasterKey(id, secret)
}

func deriveMasterKey(id string, secret []byte) (masterKey, error) {
	sealing, err := hkdf.Key(sha256.New, secret, nil, "tbc seal v1", 32)
	if err != nil {
		return masterKey{}, err
	}
	cursor, err := hkdf.Key(sha256.New, secret, nil, "tbc cursor v1", 32)
	if err != nil {
		return masterKey{}, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return masterKey{}, err
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	return masterKey{id: id, sealer: sealer, cursor: cursor}, err
}

// ErrSealed is sealed bytes that no key of the ring opens: changed, moved to another row, or sealed under a key
// that has been taken away.
var ErrSealed = errors.New("sealed value cannot be opened")

// Seal encrypts plain with AES-256-GCM under the first key. place names the row and column that the result is for:
// moved anywhere else it does not open. The result is: length of the key's id, the id, nonce, ciphertext, tag.
func (k *Keyring) Seal(place string, plain []byte) []byte {
	return k.keys[0].sealer.Seal(k.underFirst(), nil, plain, []byte(place))
}

// Open is the inverse of Seal. Its only error is ErrSealed.
func (k *Keyring) Open(place string, sealed []byte) ([]byte, error) {
	id, box, ok := splitSealed(sealed)
	if !ok {
		return nil, ErrSealed
	}
	key, ok := k.find(id)
	if !ok {
		return nil, fmt.Errorf("%w: no master key with id %q", ErrSealed, id)
	}
	plain, err := key.sealer.Open(nil, nil, box, []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// underFirst is how everything begins that the first key sealed.
func (k *Keyring) underFirst() []byte {
	id := k.keys[0].id
	return append([]byte{byte(len(id))}, id...)
}

func splitSealed(sealed []byte) (id string, box []byte, ok bool) {
	if len(sealed) == 0 || len(sealed) < 1+int(sealed[0]) {
		return "", nil, false
	}
	end := 1 + int(sealed[0])
	return string(sealed[1:end]), sealed[end:], true
}

func (k *Keyring) find(id string) (masterKey, bool) {
	for _, key := range k.keys {
		if key.id == id {
			return key, true
		}
	}
	return masterKey{}, false
}

const hiddenKeys = "[master keys]"

// String implements fmt.Stringer and hides the keys.
func (k *Keyring) String() string { return hiddenKeys }

// GoString implements fmt.GoStringer and hides the keys, also from %#v.
func (k *Keyring) GoString() string { return hiddenKeys }

// Format implements fmt.Formatter, so that no verb shows the keys.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenKeys) }

// LogValue implements slog.LogValuer and hides the keys.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(hiddenKeys) }

// MarshalText implements encoding.TextMarshaler and hides the keys, from JSON too.
func (k *Keyring) MarshalText() ([]byte, error) { return []byte(hiddenKeys), nil }
