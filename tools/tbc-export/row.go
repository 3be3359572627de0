package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// row is what a walk must know of a row.
type row struct {
	ID        string
	UpdatedAt time.Time
	CreatedAt time.Time // of events, which never change
}

func (r row) changed() time.Time {
	if r.UpdatedAt.IsZero() {
		return r.CreatedAt
	}
	return r.UpdatedAt
}

var errNoRow = errors.New("what should be a row is no object")

// readRow finds the members of an object of valid JSON and skips all others,
// without taking them apart: every row comes by here, and decoding each of them
// would be a third of all the work of an export.
func readRow(object []byte) (r row, err error) {
	at := skipSpace(object, 0)
	if at == len(object) || object[at] != '{' {
		return r, errNoRow
	}
	for at++; ; at++ {
		at = skipSpace(object, at)
		if at == len(object) || object[at] == '}' {
			return r, nil
		}
		end := skipValue(object, at)
		name := object[at:end]
		at = min(skipSpace(object, end)+1, len(object)) // behind the colon
		at = skipSpace(object, at)
		end = skipValue(object, at)
		if err := r.set(name, object[at:end]); err != nil {
			return r, err
		}
		if at = skipSpace(object, end); at == len(object) || object[at] != ',' {
			return r, nil
		}
	}
}

// set takes a member, if it is one that matters.
func (r *row) set(name, value []byte) error {
	switch string(name) {
	case `"id"`:
		return json.Unmarshal(value, &r.ID)
	case `"updatedAt"`:
		return json.Unmarshal(value, &r.UpdatedAt)
	case `"created_at"`:
		return json.Unmarshal(value, &r.CreatedAt)
	}
	return nil
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && bytes.IndexByte([]byte(" \t\r\n"), text[at]) >= 0 {
		at++
	}
	return at
}

// skipValue returns where the value that begins at a place ends.
func skipValue(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = skipText(text, at)
			if depth == 0 {
				return at
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
			if depth < 0 { // a number or a word ends with the object that it is in
				return at
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	return at
}

// skipText returns the place behind the quotation mark that ends a text.
func skipText(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}
