package docs

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/docs/needles"
	"github.com/thebigclass/api/tools/contractgen/tree"
)

// losses are members that are taken from the contract before the page is made. Each must be missed there.
var losses = map[string][]string{
	"path":        {"paths", "/orders/{id}/refunds"},
	"parameter":   {"components", "parameters", "Cursor", "name"},
	"property":    {"components", "schemas", "Student", "properties", "externalId"},
	"required":    {"components", "schemas", "OrderItemCreate", "required"},
	"limit":       {"components", "schemas", "StudentCreate", "properties", "displayName", "maxLength"},
	"enum value":  {"components", "schemas", "CourseStatus", "enum"},
	"description": {"components", "schemas", "Recording", "properties", "urlExpiresAt", "description"},
	"event":       {"webhooks", "recording.ready"},
	"error code":  {"x-error-codes"},
	"scope":       {"x-scopes"},
	"status":      {"paths", "/students", "post", "responses", "201"},
	"header":      {"components", "headers", "Retry-After"},
	"answer":      {"components", "responses", "RateLimitedError"},
	"object":      {"components", "schemas", "Certificate"},
	"example":     {"paths", "/me", "get", "responses", "200", "content", "application/json", "example"},
	"code":        {"info", "description"},
	"name":        {"tags"},
	"type":        {"components", "schemas", "Lesson", "properties", "durationSeconds", "type"},
	"media type":  {"paths", "/events/stream", "get", "responses", "200", "content"},
}

// The check would not be worth its name if it could not fail: for every kind of needle, a page that was made without
// one of them is found out.
func TestReference_LossOfAnyKindIsFound(t *testing.T) {
	t.Parallel()
	list := needlesOf(t)
	for _, needle := range list {
		if losses[needle.Kind] == nil {
			t.Fatalf("no loss is tried of the kind %s", needle.Kind)
		}
	}
	for kind, path := range losses {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			root := contract(t)
			remove(t, root, path)
			s := &site{Source: Source{Contract: root, Guides: fstest.MapFS{}}, files: map[string][]byte{}}
			if err := s.writeReference(); err != nil {
				t.Fatal(err)
			}
			of := slices.DeleteFunc(slices.Clone(list), func(n needles.Needle) bool { return n.Kind != kind })
			if len(missing(show(t, s.files["index.html"]), of)) == 0 {
				t.Errorf("nobody misses %v", path)
			}
		})
	}
}

// remove takes the member at a path out of a document.
func remove(t *testing.T, root *yaml.Node, path []string) {
	t.Helper()
	last := len(path) - 1
	parent := tree.Child(root, path[:last]...)
	if parent == nil {
		t.Fatalf("the contract has no %v", path)
	}
	for i := 0; i+1 < len(parent.Content); i += 2 {
		if parent.Content[i].Value == path[last] {
			parent.Content = append(parent.Content[:i:i], parent.Content[i+2:]...)
			return
		}
	}
	t.Fatalf("the contract has no %v", path)
}

// Text that a reader would have to unfold, or that a script would have to show, does not count.
func TestReference_HiddenTextDoesNotCount(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../gen/docs/index.html")
	if err != nil {
		t.Fatal(err)
	}
	const mark = `<p class="call"><code>POST /orders</code></p>`
	if !bytes.Contains(page, []byte(mark)) {
		t.Fatalf("the page has no %s", mark)
	}
	needle := []needles.Needle{{Kind: "path", Text: "POST /orders", Where: "createOrder"}}
	for _, around := range []string{"<details>%</details>", "<div hidden>%</div>", "<template>%</template>", "<script>%</script>", "<noscript>%</noscript>"} {
		changed := strings.Replace(string(page), mark, strings.Replace(around, "%", mark, 1), 1)
		if lost := missing(show(t, []byte(changed)), needle); len(lost) != 1 {
			t.Errorf("text in %s counts as visible", around)
		}
	}
	if lost := missing(show(t, page), needle); len(lost) != 0 {
		t.Errorf("missing %v", lost)
	}
}
