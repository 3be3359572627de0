package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/thebigclass/api/tools/internal/cli"
)

// What a signing secret looks like, as the contract has it.
const (
	secretPrefix   = "whsec_"
	shortestSecret = 20
	longestSecret  = 200
)

// errSecret does not show what it refuses.
var errSecret = errors.New("a signing secret begins with " + secretPrefix + " and has 20 to 200 characters, all of which are the key: " +
	"take the whole of what was shown when the endpoint was created")

// readSecrets takes signing secrets apart at commas, and refuses what cannot be one. A line end from a file that a secret
// was read out of is no part of it.
func readSecrets(values ...string) (secrets []string, err error) {
	for secret := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if secret = strings.TrimSpace(secret); secret == "" {
			continue
		}
		if !strings.HasPrefix(secret, secretPrefix) || len(secret) < shortestSecret || len(secret) > longestSecret || !cli.Visible(secret) {
			return nil, errSecret
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

// makeSecret makes one of 256 bits, as long as those of the service.
func makeSecret(random io.Reader) (string, error) {
	var bits [32]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("make a signing secret: %w", err)
	}
	return secretPrefix + base64.RawURLEncoding.EncodeToString(bits[:]), nil
}
