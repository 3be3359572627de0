package main

import (
	"fmt"
	"slices"
	"testing"
)

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
