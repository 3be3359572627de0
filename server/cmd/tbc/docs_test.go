package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The folder can be opened from disk, and its code calls whom the caller says.
func TestDocs_WritesAFolderThatWorksAnywhere(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	dir := filepath.Join(s.dir, "site", "docs")
	said, _ := s.tbc(0, "docs", "--base-url", "http://api.example.test/", dir)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil || !strings.Contains(said, filepath.Join(dir, "index.html")) {
		t.Fatalf("said %q: %v", said, err)
	}
	for want, is := range map[string]bool{`href="docs.css"`: true, `src="docs.js"`: true, "curl http://api.example.test/api/v1/me": true,
		`="/`: false} {
		if strings.Contains(string(page), want) != is {
			t.Errorf("the page has %s: %t", want, !is)
		}
	}
	if entries, err := os.ReadDir(s.dir); err != nil || len(entries) != 1 {
		t.Errorf("besides the folder it made %v: %v", entries, err)
	}
	if _, complaint := s.tbc(1, "docs", filepath.Join(dir, "index.html")); !strings.Contains(complaint, "index.html") {
		t.Errorf("complained %q", complaint)
	}
}
