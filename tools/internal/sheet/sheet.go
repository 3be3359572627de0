// Package sheet writes rows that open in a spreadsheet: CSV as RFC 4180 has it, whose texts are never taken for formulas.
package sheet

import (
	"regexp"
	"strings"
)

// Cell is a field of a row. One that is absent is empty; an empty text is "".
type Cell struct {
	Text   string
	Number bool // ours, so that a minus is no formula
	Absent bool
}

// AppendRow writes a row with its line end.
func AppendRow(to []byte, cells []Cell) []byte {
	for i, c := range cells {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendCell(to, c)
	}
	return append(to, '\r', '\n')
}

func appendCell(to []byte, c Cell) []byte {
	if c.Absent {
		return to
	}
	value := c.Text
	if !c.Number {
		value = Defuse(value)
	}
	if value != "" && !strings.ContainsAny(value, "\",\r\n") && strings.TrimSpace(value) == value {
		return append(to, value...)
	}
	to = append(to, '"')
	to = append(to, strings.ReplaceAll(value, `"`, `""`)...)
	return append(to, '"')
}

var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// Defuse keeps a spreadsheet from taking a text that a stranger wrote for a formula: an apostrophe before it makes it
// text. Plain numbers, telephone numbers among them, compute nothing and stay.
func Defuse(value string) string {
	if value == "" || !strings.ContainsRune("=+-@\t\r\n", rune(value[0])) || plainNumber.MatchString(value) {
		return value
	}
	return "'" + value
}
