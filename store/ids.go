package store

import (
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"
)

// Prefixes of the ids that the store's core gives out. They equal those that the contract publishes.
const (
	prefixWorkspace = "org_"
	prefixUser      = "usr_"
	prefixKey       = "key_"
)

// newID is prefix and a ULID: 48 bits of milliseconds and 80 random ones, so that ids sort roughly by age
// and cannot be guessed.
func newID(prefix string, at time.Time, random io.Reader) (string, error) {
	id, err := ulid.New(ulid.Timestamp(at), random)
	if err != nil {
		return "", fmt.Errorf("make an id with prefix %s: %w", prefix, err)
	}
	return prefix + id.String(), nil
}

// newID makes an id whose time is that of the transaction.
func (tx *Tx) newID(prefix string) (string, error) {
	if tx.rand != nil {
		return newID(prefix, tx.now, tx.rand)
	}
	return newID(prefix, tx.now, tx.store.rand)
}
