package faulttest

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A table of guarantees is worth what its tests are: each test that the README names exists, and each row names
// something or says that it is not covered.
func TestTable_NamesTestsThatExist(t *testing.T) {
	t.Parallel()
	exist := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(root, path)
		for _, found := range declared.FindAllSubmatch(source, -1) {
			exist[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(readme), -1)
	for _, name := range names {
		if !exist[name[1]] {
			t.Errorf("there is no test %s", name[1])
		}
	}
	rows := 0
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.HasPrefix(line, "| fault ") || strings.HasPrefix(line, "|---") {
			continue
		}
		rows++
		if last := cells[3]; !strings.Contains(last, "`") && strings.TrimSpace(last) != "not covered" {
			t.Errorf("no test in the row %s", line)
		}
	}
	if rows < 20 || len(names) < rows {
		t.Errorf("%d rows with %d tests: the table was not read", rows, len(names))
	}
}
