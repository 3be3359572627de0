package sheet_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/tools/internal/sheet"
)

// Whatever is in a text, a reader of RFC 4180 gets it back, but for the apostrophe of one that could compute something.
func TestAppendRow_IsReadBackAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.String(), 2, 5).Draw(t, "texts")
		var cells []sheet.Cell
		for i, text := range want {
			cells = append(cells, sheet.Cell{Text: text})
			// Go's reader takes CRLF for LF within a field.
			want[i] = strings.ReplaceAll(sheet.Defuse(text), "\r\n", "\n")
		}
		line := string(sheet.AppendRow(nil, cells))
		got, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is read as %q, want %q: %v", line, got, want, err)
		}
	})
}

func TestAppendRow_DefusesFormulasAndLeavesNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`=HYPERLINK("http://x","y")`: `"'=HYPERLINK(""http://x"",""y"")"`,
		"+1+cmd|' /C calc'!A0":       "'+1+cmd|' /C calc'!A0",
		"-2+3":                       "'-2+3",
		"@SUM(A1)":                   "'@SUM(A1)",
		"\t=1":                       "'\t=1",
		"\r=1":                       "\"'\r=1\"",
		"+919876543210":              "+919876543210",
		"-12.50":                     "-12.50",
		"Asha, Nair":                 `"Asha, Nair"`,
		"":                           `""`,
		"plain":                      "plain",
	} {
		if got := string(sheet.AppendRow(nil, []sheet.Cell{{Text: text}})); got != want+"\r\n" {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
	if got := string(sheet.AppendRow(nil, []sheet.Cell{{Absent: true}, {Text: "-1", Number: true}})); got != ",-1\r\n" {
		t.Errorf("null and -1 are written as %q", got)
	}
}
