package docs

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/docs/needles"
	"github.com/thebigclass/api/tools/contractgen/tree"
)

type loss struct {
	kind, where string
	path        []string
}

// losses are what is taken from the contract before a page is made, each with the kind of needle that is then missed and
// where.
var losses = []loss{
	{"path", "refundOrder", []string{"paths", "/orders/{id}/refunds"}},
	{"parameter", "listOrders.cursor", []string{"components", "parameters", "Cursor", "name"}},
	{"property", "Student.externalId", []string{"components", "schemas", "Student", "properties", "externalId"}},
	{"required", "OrderItemCreate.", []string{"components", "schemas", "OrderItemCreate", "required"}},
	{"limit", "StudentCreate.displayName", []string{"components", "schemas", "StudentCreate", "properties", "displayName", "maxLength"}},
	{"enum value", "CourseStatus", []string{"components", "schemas", "CourseStatus", "enum"}},
	{"description", "Recording.urlExpiresAt", []string{"components", "schemas", "Recording", "properties", "urlExpiresAt", "description"}},
	{"event", "recording.ready", []string{"webhooks", "recording.ready"}},
	{"error code", "unauthorized", []string{"x-error-codes"}},
	{"scope", "read:courses", []string{"x-scopes"}},
	{"status", "createStudent.201", []string{"paths", "/students", "post", "responses", "201"}},
	{"header", "header.Retry-After", []string{"components", "headers", "Retry-After"}},
	{"answer", "RateLimitedError", []string{"components", "responses", "RateLimitedError"}},
	{"object", "Certificate", []string{"components", "schemas", "Certificate"}},
	{"example", "getMe", []string{"paths", "/me", "get", "responses", "200", "content", "application/json", "example"}},
	{"code", "main", []string{"info", "description"}},
	{"name", "main", []string{"x-webhook-test-secret"}},
	{"type", "Lesson.durationSeconds", []string{"components", "schemas", "Lesson", "properties", "durationSeconds", "type"}},
	{"media type", "streamEvents.200", []string{"paths", "/events/stream", "get", "responses", "200", "content"}},
}

// The check would not be worth its name if it could not fail: on a page that was made without one thing of every kind,
// each of them is missed, and what is left is still found.
func TestReference_LossOfAnyKindIsFound(t *testing.T) {
	t.Parallel()
	root, list, kinds := contract(t), needlesOf(t), map[string]bool{}
	for _, loss := range losses {
		kinds[loss.kind] = true
		remove(t, root, loss.path)
	}
	s := &site{Source: Source{Contract: root, Guides: fstest.MapFS{}}, files: map[string][]byte{}}
	if err := s.writeReference(); err != nil {
		t.Fatal(err)
	}
	lost := missing(show(t, s.files["index.html"]), list)
	for _, loss := range losses {
		missed := func(n needles.Needle) bool { return n.Kind == loss.kind && strings.HasPrefix(n.Where, loss.where) }
		if !slices.ContainsFunc(lost, missed) {
			t.Errorf("nobody misses the %s of %v", loss.kind, loss.path)
		}
	}
	for _, needle := range list {
		if !kinds[needle.Kind] {
			t.Errorf("no loss is tried of the kind %s", needle.Kind)
			kinds[needle.Kind] = true
		}
	}
	if len(lost) > len(list)/10 {
		t.Errorf("%d of %d needles are lost: more than was taken", len(lost), len(list))
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
	const mark = `<section id="createOrder"><p>POST /orders</p></section>`
	needle := []needles.Needle{{Kind: "path", Text: "POST /orders", Where: "createOrder"}}
	for around, want := range map[string]int{"<main>%</main>": 0, "<details open>%</details>": 0, "<details>%</details>": 1, "<div hidden>%</div>": 1,
		"<template>%</template>": 1, "<script>%</script>": 1, "<noscript>%</noscript>": 1, "<style>%</style>": 1} {
		if lost := missing(show(t, []byte(strings.Replace(around, "%", mark, 1))), needle); len(lost) != want {
			t.Errorf("text in %s: %d of 1 missing, want %d", around, len(lost), want)
		}
	}
}
