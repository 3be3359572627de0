package docs

import (
	"os"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/contractgen/docs/needles"
)

// needlesOf reads what must be found.
func needlesOf(t *testing.T) []needles.Needle {
	t.Helper()
	raw, err := os.ReadFile("../../../openapi/tbc-v1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list, err := needles.Of(raw, BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Whatever the contract says is text on the reference, at its own anchor, with scripts off.
func TestReference_ShowsEverythingOfTheContract(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../gen/docs/index.html")
	if err != nil {
		t.Fatal(err)
	}
	list := needlesOf(t)
	lost := missing(show(t, page), list)
	kinds := map[string]int{}
	for _, needle := range list {
		kinds[needle.Kind]++
	}
	for i, needle := range lost {
		if i < 40 {
			t.Errorf("not on the page: %s", needle)
		}
	}
	t.Logf("note: found %d of %d texts of the contract on the reference page %v", len(list)-len(lost), len(list), kinds)
}

// The Markdown form says the same: what is not an example of a single member is there too.
func TestReference_MarkdownSaysTheSame(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../gen/docs/index.md")
	if err != nil {
		t.Fatal(err)
	}
	text := needles.Fold(strings.NewReplacer("`", "", "**", "").Replace(string(page)))
	searched, lost := 0, 0
	for _, needle := range needlesOf(t) {
		if needle.Kind == "example" || strings.Contains(needle.Text, "**") {
			continue
		}
		if searched++; !needle.In(text) {
			lost++
			t.Errorf("not in the Markdown: %s", needle)
		}
	}
	t.Logf("note: found %d of %d texts of the contract in the reference's Markdown", searched-lost, searched)
}
