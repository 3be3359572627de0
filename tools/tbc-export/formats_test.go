package main

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is in a text, a reader of RFC 4180 gets it back, but for the
// apostrophe of one that could compute something.
func TestCSV_IsReadBackAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.String(), 2, 5).Draw(t, "texts")
		var line []byte
		for i, text := range want {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendField(line, cell{text: text})
			// Go's reader takes CRLF for LF within a field.
			want[i] = strings.ReplaceAll(defuse(text), "\r\n", "\n")
		}
		got, err := csv.NewReader(strings.NewReader(string(line) + "\r\n")).Read()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is read as %q, want %q: %v", line, got, want, err)
		}
	})
}

func TestCSV_DefusesFormulasAndLeavesNumbers(t *testing.T) {
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
		if got := string(appendField(nil, cell{text: text})); got != want {
			t.Errorf("%q is written as %s, want %s", text, got, want)
		}
	}
	if got := string(appendField(nil, cell{absent: true})); got != "" {
		t.Errorf("null is written as %q", got)
	}
}

// Two tables or columns of one name would hide each other, and a part that does
// not say what it is of could not be joined.
func TestTables_HaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	var names []string
	for resource := range shapes {
		for _, part := range newTable(resource).all() {
			names = append(names, part.name)
			var columns []string
			for _, c := range part.columns {
				columns = append(columns, c.name)
			}
			if slices.Sort(columns); len(slices.Compact(slices.Clone(columns))) != len(columns) {
				t.Errorf("%s has a column twice: %q", part.name, columns)
			}
			if key := part.of; key != "" && !slices.Contains(columns, key) || key == "" && !slices.Contains(columns, "id") {
				t.Errorf("%s has no %q: %q", part.name, key, columns)
			}
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) || len(names) < 21 {
		t.Errorf("%q", names)
	}
}

// A course's lessons know their module, their module its course.
func TestTables_JoinPartsByTheirIDs(t *testing.T) {
	t.Parallel()
	var rows []string
	line := `{"id":"crs_1","title":"T","price":{"amount":9007199254740991,"currency":"INR","compareAtAmount":null},"tags":["a","b"],
		"modules":[{"id":"mod_1","title":"M","position":1,"lessons":[{"id":"les_1","moduleId":"mod_1","title":"=L","position":1,"isPreview":true}]}]}`
	err := newTable(coursesName).split([]byte(line), func(t *table, cells []cell) error {
		var shown []string
		for i, c := range cells {
			if !c.absent {
				shown = append(shown, t.columns[i].name+"="+c.text)
			}
		}
		rows = append(rows, fmt.Sprint(t.name, shown))
		return nil
	})
	want := []string{
		"courses[id=crs_1 title=T priceAmount=9007199254740991 priceCurrency=INR]",
		"courses_tags[courseId=crs_1 position=1 value=a]", "courses_tags[courseId=crs_1 position=2 value=b]",
		"courses_modules[courseId=crs_1 id=mod_1 title=M position=1]",
		"courses_modules_lessons[id=les_1 moduleId=mod_1 title==L position=1 isPreview=true]",
	}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("%q: %v", rows, err)
	}
}
