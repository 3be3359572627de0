package store

import (
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
)

// A token is "tbc_", 30 random base62 characters (178 bits) and 6 of their CRC-32 in base62. The checksum lets typos
// and the noise of scanners be refused without a query; it is no secret.
const (
	tokenPrefix = "tbc_"
	tokenRandom = 30
	tokenCheck  = 6
	tokenLength = len(tokenPrefix) + tokenRandom + tokenCheck
	hintLength  = len(tokenPrefix) + 4
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// ParseToken reports whether token can be one of ours, and the hash under which the database would know it.
// SHA-256 is enough: a slow hash defends secrets that can be guessed.
func ParseToken(token string) (hash [32]byte, ok bool) {
	if len(token) != tokenLength || token[:len(tokenPrefix)] != tokenPrefix {
		return hash, false
	}
	body := token[len(tokenPrefix) : len(tokenPrefix)+tokenRandom]
	for i := range len(body) {
		if !isBase62(body[i]) {
			return hash, false
		}
	}
	if checksum(body) != token[len(tokenPrefix)+tokenRandom:] {
		return hash, false
	}
	return sha256.Sum256([]byte(token)), true
}

// newToken draws each character by rejection: a random byte modulo 62 would favour the first eight.
func newToken(random io.Reader) (string, error) {
	body := make([]byte, 0, tokenRandom)
	buffer := make([]byte, 2*tokenRandom)
	for len(body) < tokenRandom {
		if _, err := io.ReadFull(random, buffer); err != nil {
			return "", fmt.Errorf("make a token: %w", err)
		}
		for _, b := range buffer {
			if b < 248 && len(body) < tokenRandom { // 248 is the largest multiple of 62 in a byte
				body = append(body, base62[b%62])
			}
		}
	}
	return tokenPrefix + string(body) + checksum(string(body)), nil
}

// checksum is CRC-32 (IEEE) of the characters before it, in base62, most significant digit first.
func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	out := make([]byte, tokenCheck)
	for i := tokenCheck - 1; i >= 0; i-- {
		out[i] = base62[sum%62]
		sum /= 62
	}
	return string(out)
}

func isBase62(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
