package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Scanners for hand-written lists. database/sql turns an integer into text and back before it stores it into an
// int, and goes through reflection for every pointer; these do not, and hold one pointer so that they cost nothing.

// whole scans an integer column into an int.
func whole(dst *int) wholeScanner { return wholeScanner{dst} }

type wholeScanner struct{ dst *int }

// Scan implements sql.Scanner.
func (s wholeScanner) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("integer column holds %T", value)
	}
	*s.dst = int(n)
	return nil
}

// amountOrNil scans a nullable integer column.
func amountOrNil(dst **int64) nullAmountScanner { return nullAmountScanner{dst} }

type nullAmountScanner struct{ dst **int64 }

// Scan implements sql.Scanner.
func (s nullAmountScanner) Scan(value any) error {
	*s.dst = nil
	if value == nil {
		return nil
	}
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("integer column holds %T", value)
	}
	*s.dst = &n
	return nil
}

// textOrNil scans a nullable text column.
func textOrNil(dst **string) nullTextScanner { return nullTextScanner{dst} }

type nullTextScanner struct{ dst **string }

// Scan implements sql.Scanner.
func (s nullTextScanner) Scan(value any) error {
	*s.dst = nil
	if value == nil {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("text column holds %T", value)
	}
	*s.dst = &text
	return nil
}

// asJSON scans a text column that holds JSON.
func asJSON[T any](dst *T) jsonScanner[T] { return jsonScanner[T]{dst} }

type jsonScanner[T any] struct{ dst *T }

// Scan implements sql.Scanner.
func (s jsonScanner[T]) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("JSON column holds %T", value)
	}
	return json.Unmarshal([]byte(text), s.dst)
}

// idsIn is the list of an IN condition whose parameters begin at $first. It is padded with the last id to one of
// three lengths, so that the database prepares three statements and not a hundred.
func idsIn(ids []string, first int) (places string, args []any) {
	length := 1
	for _, l := range []int{25, 100, len(ids)} {
		if len(ids) > length {
			length = max(l, length)
		}
	}
	var list strings.Builder
	for i := range length {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteByte('$')
		list.WriteString(strconv.Itoa(first + i))
		args = append(args, ids[min(i, len(ids)-1)])
	}
	return list.String(), args
}

// scanText reads a single text column.
func scanText(row *sql.Rows, dst *string) error { return row.Scan(dst) }
