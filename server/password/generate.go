package password

import (
	"fmt"
	"io"
	"strings"
)

// A generated password is four groups of three syllables, of 80 each: 75 bits that can be read out on a telephone.
const (
	groups     = 4
	perGroup   = 3
	consonants = "bdfghjklmnprstvz"
	vowels     = "aeiou"
)

// Generate makes a password that can be read and typed. Its letters leave no doubt which is which.
func Generate(random io.Reader) (string, error) {
	words := make([]string, groups)
	for i := range words {
		var word strings.Builder
		for range perGroup {
			n, err := below(random, len(consonants)*len(vowels))
			if err != nil {
				return "", fmt.Errorf("generate a password: %w", err)
			}
			word.WriteByte(consonants[n/len(vowels)])
			word.WriteByte(vowels[n%len(vowels)])
		}
		words[i] = word.String()
	}
	return strings.Join(words, "-"), nil
}

// below is a number from 0 to n-1, each as likely: a byte that would favour some is drawn again.
func below(random io.Reader, n int) (int, error) {
	var one [1]byte
	for {
		if _, err := io.ReadFull(random, one[:]); err != nil {
			return 0, err
		}
		if int(one[0]) < 256/n*n {
			return int(one[0]) % n, nil
		}
	}
}
