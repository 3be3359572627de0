package dashboard_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Somebody who hears a page is told what each column is, and each table that they can scroll.
func TestViews_NameColumnsAndRegions(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("views/*.html")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d views, %v", len(files), err)
	}
	nameless := regexp.MustCompile(`<th[^>]*></th>|<th>`)
	scrolled := regexp.MustCompile(`<div[^>]*tabindex="0"[^>]*>`)
	named := regexp.MustCompile(`role="region" aria-label="[^"]+`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, header := range nameless.FindAllString(string(text), -1) {
			t.Errorf("%s has a header without a name or a scope: %s", file, header)
		}
		for _, region := range scrolled.FindAllString(string(text), -1) {
			if !named.MatchString(region) {
				t.Errorf("%s has a region without a name: %s", file, region)
			}
		}
	}
}
