package docs

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// folder is the documentation as make docs writes it.
func folder(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := Folder("https://thebigclass.com", "")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// elements calls visit with every element of a page and its attributes.
func elements(t *testing.T, page []byte, visit func(tag string, attributes map[string]string)) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		attributes := map[string]string{}
		for _, a := range node.Attr {
			attributes[a.Key] = a.Val
		}
		visit(node.Data, attributes)
	}
}

// Every link within the documentation leads to a page and to an anchor on it, and an anchor is one element's.
func TestFolder_EveryInternalLinkResolves(t *testing.T) {
	t.Parallel()
	files, anchors := folder(t), map[string]map[string]bool{}
	for name, content := range files {
		anchors[name] = map[string]bool{"": true}
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		elements(t, content, func(_ string, attributes map[string]string) {
			id := attributes["id"]
			if id != "" && anchors[name][id] {
				t.Errorf("%s has #%s twice", name, id)
			}
			anchors[name][id] = true
		})
	}
	links := 0
	for name, content := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		elements(t, content, func(tag string, attributes map[string]string) {
			href, linked := attributes["href"]
			if !linked || tag != "a" && tag != "link" || strings.HasPrefix(href, "data:") {
				return
			}
			target, err := url.Parse(href)
			if err != nil {
				t.Errorf("%s has the link %q: %v", name, href, err)
				return
			}
			if target.Scheme != "" {
				return
			}
			page := target.Path
			if page == "" {
				page = name
			}
			if links++; !anchors[page][target.Fragment] {
				t.Errorf("%s links to %s, which is not there", name, href)
			}
		})
	}
	if links < 1000 {
		t.Fatalf("only %d links", links)
	}
	t.Logf("note: found the targets of %d internal links of the documentation", links)
}

// imported finds what a style sheet loads.
var imported = regexp.MustCompile(`@import|url\(`)

// Reading the documentation asks no other host for anything, and of its own at most for two files beside the page.
func TestFolder_LoadsLittleAndOnlyItsOwn(t *testing.T) {
	t.Parallel()
	files := folder(t)
	for name, content := range files {
		switch {
		case strings.HasSuffix(name, ".css") && imported.Match(content):
			t.Errorf("%s loads something", name)
		case !strings.HasSuffix(name, ".html"):
			continue
		}
		loaded := []string{name}
		elements(t, content, func(tag string, attributes map[string]string) {
			source := attributes["src"]
			if tag == "link" && attributes["rel"] == "stylesheet" {
				source = attributes["href"]
			}
			for attribute := range attributes {
				if attribute == "style" || strings.HasPrefix(attribute, "on") || attribute == "srcset" {
					t.Errorf("%s has <%s %s>, which its policy forbids", name, tag, attribute)
				}
			}
			if tag == "style" || tag == "script" && source == "" || tag == "details" || tag == "iframe" {
				t.Errorf("%s has <%s>", name, tag)
			}
			if source != "" {
				loaded = append(loaded, source)
			}
		})
		size := 0
		for _, one := range loaded {
			if files[one] == nil {
				t.Errorf("%s loads %s, which is not beside it", name, one)
			}
			packed, err := pack(files[one])
			if err != nil {
				t.Fatal(err)
			}
			size += len(packed)
		}
		if len(loaded) > 3 || size > 150<<10 {
			t.Errorf("%s makes %d requests for %d bytes", name, len(loaded), size)
		}
		if name == "index.html" {
			t.Logf("note: found the reference page in %d requests and %d bytes compressed, of at most 3 and %d", len(loaded), size, 150<<10)
		}
	}
}

// Headings are in order on every page, so that a screen reader can walk them.
func TestFolder_HeadingsDescendByOne(t *testing.T) {
	t.Parallel()
	for name, content := range folder(t) {
		level, first := 0, true
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		elements(t, content, func(tag string, _ map[string]string) {
			if len(tag) != 2 || tag[0] != 'h' || tag[1] < '1' || tag[1] > '6' {
				return
			}
			if next := int(tag[1] - '0'); next > level+1 || next == 1 && !first {
				t.Errorf("%s has <%s> after level %d", name, tag, level)
			} else {
				level, first = next, false
			}
		})
		if first {
			t.Errorf("%s has no heading", name)
		}
	}
}

// No placeholder is left for a reader to see.
func TestFolder_HasNoPlaceholder(t *testing.T) {
	t.Parallel()
	for name, content := range folder(t) {
		if bytes.Contains(content, []byte("__BASE_URL__")) || bytes.Contains(content, []byte("__DOCS__")) {
			t.Errorf("%s has a placeholder", name)
		}
	}
}
