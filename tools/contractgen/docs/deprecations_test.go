package docs

import (
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// Nothing is deprecated yet. What will be says so where it stands, and is on the list of all.
func TestReference_ShowsWhatIsDeprecated(t *testing.T) {
	t.Parallel()
	root := contract(t)
	for _, path := range [][]string{{"paths", "/orders", "get"}, {"components", "schemas", "Course", "properties", "slug"}} {
		var marks yaml.Node
		if err := yaml.Unmarshal([]byte("deprecated: true\nx-deprecated-at: '2027-01-01T00:00:00Z'\nx-sunset: '2027-08-01T00:00:00Z'"), &marks); err != nil {
			t.Fatal(err)
		}
		node := tree.Child(root, path...)
		node.Content = append(node.Content, marks.Content[0].Content...)
	}
	s := &site{Source: Source{Contract: root, Guides: fstest.MapFS{}}, files: map[string][]byte{}}
	if err := s.writeReference(); err != nil {
		t.Fatal(err)
	}
	page := show(t, s.files["index.html"])
	const notice = "Deprecated since 2027-01-01T00:00:00Z, ends 2027-08-01T00:00:00Z."
	for _, anchor := range []string{"listOrders", "Course.slug"} {
		if !strings.Contains(page.inside(anchor), notice) || !strings.Contains(string(s.files["index.html"]), `<li><a href="#`+anchor+`">`) {
			t.Errorf("%s does not say that it is deprecated: %s", anchor, page.inside(anchor))
		}
	}
	if text := page.inside("getOrder"); strings.Contains(text, notice) || strings.Count(string(s.files["index.md"]), notice) != 2 {
		t.Error("something else is said to be deprecated")
	}
}
