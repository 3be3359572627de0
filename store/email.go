package store

import (
	"strings"

	"golang.org/x/text/cases"
)

// fold makes addresses comparable without regard to case. It is done here and stored in a column of its own,
// because the two databases fold differently beyond ASCII.
func fold(email string) string { return cases.Fold().String(strings.TrimSpace(email)) }
