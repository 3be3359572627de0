// Package password keeps the passwords of people who sign in to the dashboard: which ones are good enough, how they are
// stored (argon2id, in PHC form), and how they are checked without letting guesses eat the machine.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The cost of a hash: 19 MiB of memory, two passes, one lane, about 50 ms. It is the least that OWASP recommends; stored
// hashes carry theirs, so that raising it leaves them valid.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	hashBytes = 32
)

// atOnce bounds how many hashes a process computes at a time: what guesses can take of its processors and its memory.
const atOnce = 2

// atMost bounds how many wait for that, or compute: with 50 ms each, whoever is let in waits less than a second.
const atMost = 32 + atOnce

// ErrBusy is a password that was not looked at: too many wait already.
var ErrBusy = errors.New("too many passwords are being checked")

// Hasher hashes and checks passwords, a few at a time. It is safe for concurrent use.
type Hasher struct {
	room  chan struct{} // holds one for each that waits or computes
	slots chan struct{} // holds one for each that computes
}

// New makes a hasher. A process needs one: the bound is the hasher's.
func New() *Hasher {
	return &Hasher{room: make(chan struct{}, atMost), slots: make(chan struct{}, atOnce)}
}

// Hash is what to store of a password. It waits for its turn, no longer than ctx. ErrBusy
// if too many wait.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	p := phc{memory: memoryKiB, passes: passes, lanes: lanes, salt: salt}
	sum, err := h.compute(ctx, p, password)
	if err != nil {
		return "", err
	}
	p.sum = sum
	return p.String(), nil
}

// Verify reports whether a password is the one that was hashed. An empty hash, of nobody, costs as much time as any and
// is never right: who measures does not learn who has an account. So does a password that is longer than any can be. ErrBusy
// as for Hash.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	p, err := parsePHC(hash)
	if hash == "" || len(password) > maxBytes {
		p, err, password = phc{memory: memoryKiB, passes: passes, lanes: lanes, salt: make([]byte, saltBytes)}, nil, ""
	}
	if err != nil {
		return false, err
	}
	sum, err := h.compute(ctx, p, password)
	if err != nil {
		return false, err
	}
	return len(p.sum) > 0 && subtle.ConstantTimeCompare(sum, p.sum) == 1, nil
}

// compute hashes the password as its owner meant it, however their keyboard composes it.
func (h *Hasher) compute(ctx context.Context, p phc, password string) ([]byte, error) {
	select {
	case h.room <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	defer func() { <-h.room }()
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), p.salt, p.passes, p.memory, p.lanes, hashBytes), nil
}

// phc is a hash with what it was made from, written $argon2id$v=19$m=…,t=…,p=…$salt$hash.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

// String is the form that is stored.
func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.sum))
}

var errHash = errors.New("the stored hash of a password is damaged")

// The most that a stored hash may ask for: a damaged one must not take the machine.
const (
	mostMemoryKiB = 256 * 1024
	mostPasses    = 16
)

func parsePHC(text string) (phc, error) {
	part := strings.Split(text, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errHash
	}
	var p phc
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return phc{}, errHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(part[4])
	sum, sumErr := base64.RawStdEncoding.DecodeString(part[5])
	p.salt, p.sum = salt, sum
	if saltErr != nil || sumErr != nil || len(sum) != hashBytes || p.passes == 0 || p.lanes == 0 ||
		p.memory > mostMemoryKiB || p.passes > mostPasses {
		return phc{}, errHash
	}
	return p, nil
}
