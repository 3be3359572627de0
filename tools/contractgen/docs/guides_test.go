package docs

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
)

// contract reads the bundle.
func contract(t *testing.T) *yaml.Node {
	t.Helper()
	raw, err := os.ReadFile("../../../openapi/tbc-v1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	return document.Content[0]
}

// rendered renders the real contract with guides.
func rendered(t *testing.T, guides fs.FS) (map[string][]byte, error) {
	t.Helper()
	return Render(Source{Contract: contract(t), Guides: guides, GuidesAt: "guides"})
}

// guideOf is a folder with one guide.
func guideOf(text string) fs.FS {
	return fstest.MapFS{"order.txt": {Data: []byte("one\n")}, "one.md": {Data: []byte(text)}}
}

// A guide that leads nowhere, or that would lose something in one of its forms, is found before it is published.
func TestGuide_MistakesNameFileAndLine(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"guides/one.md:3: the link to two.md leads to no page":             "# One\n\nSee [two](two.md).\n",
		"guides/one.md:4: the page of index.md#nowhere has no such anchor": "# One\n\nSee\n[it](index.md#nowhere).\n",
		"guides/one.md:5: the page of #below has no such anchor":           "# One\n\n## Two\n\n- See [it](#below).\n",
		"guides/one.md:3: raw HTML is not shown":                           "# One\n\nA <b>word</b>.\n",
		"guides/one.md:5: raw HTML is not shown":                           "# One\n\nText.\n\n<div>block</div>\n",
		"guides/one.md:3: a heading skips a level":                         "# One\n\n### Three\n",
		"guides/one.md:1: a guide begins with its title":                   "Text.\n",
	} {
		_, err := rendered(t, guideOf(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q\ngot  %v\nwant %s", text, err, want)
		}
	}
}

// Every guide has its place among the pages.
func TestGuides_OrderListsAllOfThem(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{"order.txt": {Data: []byte("one")}, "one.md": {Data: []byte("# One")}, "two.md": {Data: []byte("# Two")}}
	if _, err := rendered(t, folder); err == nil || !strings.Contains(err.Error(), "guides/order.txt lists [one], the folder has [one two]") {
		t.Errorf("got %v", err)
	}
}

// Both forms of a guide lead to the same places, and its code runs against whoever serves it; its prose stays.
func TestGuide_IsPublishedTwice(t *testing.T) {
	t.Parallel()
	files, err := rendered(t, guideOf("# One\n\nSee [lists](index.md#lists-and-syncing) of https://thebigclass.com, "+
		"and [keys](http://127.0.0.1:8080/dashboard/developer) at http://127.0.0.1:8080/dashboard.\n\n"+
		"```sh\ncurl \"https://thebigclass.com/api/v1/me\" <in\ncurl http://127.0.0.1:8080/api/v1/me\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][]string{
		"one.html": {`<a href="index.html#lists-and-syncing">lists</a> of https://thebigclass.com, `,
			`<a href="__BASE_URL__/dashboard/developer">keys</a> at http://127.0.0.1:8080/dashboard.`, `curl __BASE_URL__/api/v1/me`,
			`curl &quot;__BASE_URL__/api/v1/me&quot; &lt;in`},
		"one.md": {`[lists](index.md#lists-and-syncing) of https://thebigclass.com, `,
			`[keys](__BASE_URL__/dashboard/developer) at http://127.0.0.1:8080/dashboard.`, `curl __BASE_URL__/api/v1/me`,
			`curl "__BASE_URL__/api/v1/me" <in`},
	} {
		for _, want := range wants {
			if !strings.Contains(string(files[name]), want) {
				t.Errorf("%s lacks %s:\n%s", name, want, files[name])
			}
		}
	}
}
