package store

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// Slugs that are derived from a title have at most maxDerived characters, a number apart, and are looked for among
// slugTries spellings.
const (
	maxDerived = 100
	slugTries  = 25
)

// slugify spells a text as a slug: letters and digits of any script in lower case, and one hyphen for whatever stands
// between them. "" if there are neither.
func slugify(text string) string {
	var slug strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if !unicode.In(r, unicode.Letter, unicode.Digit, unicode.Mark) {
			gap = true
			continue
		}
		if gap && slug.Len() > 0 {
			slug.WriteByte('-')
		}
		slug.WriteRune(r)
		gap = false
	}
	return slug.String()
}

// slug is the one that a course gets: the one wanted, which must be free, or else a free one made of its title.
func (tx *Tx) slug(ctx context.Context, course Course, wanted string) (string, error) {
	if wanted == "" {
		return tx.derivedSlug(ctx, course)
	}
	if slugify(wanted) != wanted {
		return "", &Invalid{Field: "/slug", Issue: "must be lower-case letters and digits, joined by single hyphens"}
	}
	taken, err := tx.takenSlugs(ctx, course.ID, wanted)
	if err == nil && taken[wanted] {
		err = &Invalid{Field: "/slug", Issue: "is the slug of another course"}
	}
	return wanted, err
}

// derivedSlug is the title, with a number if other courses are called alike, or with an end of the course's id if
// that many are that there is no telling how far to count.
func (tx *Tx) derivedSlug(ctx context.Context, course Course) (string, error) {
	base := slugify(course.Title)
	if letters := []rune(base); len(letters) > maxDerived {
		base = strings.Trim(string(letters[:maxDerived]), "-")
	}
	if base == "" {
		base = "course"
	}
	tries := []string{base}
	for n := 2; n <= slugTries; n++ {
		tries = append(tries, fmt.Sprintf("%s-%d", base, n))
	}
	taken, err := tx.takenSlugs(ctx, course.ID, tries...)
	if err != nil {
		return "", err
	}
	for _, slug := range tries {
		if !taken[slug] {
			return slug, nil
		}
	}
	return base + "-" + strings.ToLower(course.ID[len(course.ID)-8:]), nil
}

// takenSlugs are those of the slugs that other courses have: one query, by courses_slug.
func (tx *Tx) takenSlugs(ctx context.Context, courseID string, slugs ...string) (map[string]bool, error) {
	places, args := idsIn(slugs, 3)
	found, err := scanAll(ctx, tx.scope, sqlQuery{
		text: `SELECT slug FROM courses WHERE workspace_id = $1 AND id <> $2 AND slug IN (` + places + `)`,
		args: append([]any{courseID}, args...),
	}, scanText)
	taken := make(map[string]bool, len(found))
	for _, slug := range found {
		taken[slug] = true
	}
	return taken, wrap("look for slugs", err)
}
