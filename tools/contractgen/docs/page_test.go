package docs

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/thebigclass/api/tools/contractgen/docs/needles"
)

// A shown is the text of a page that is visible without scripts, and where in it the elements with anchors stand.
type shown struct {
	text    strings.Builder
	anchors map[string][2]int
	twice   []string // anchors that several elements have
}

// show reads a page as a browser does with scripts off.
func show(t *testing.T, page []byte) *shown {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	s := &shown{anchors: map[string][2]int{}}
	s.walk(root)
	return s
}

// phrasing are the elements that do not end a line.
var phrasing = map[atom.Atom]bool{atom.A: true, atom.Code: true, atom.Span: true, atom.Strong: true, atom.Em: true}

func (s *shown) walk(node *html.Node) {
	if node.Type == html.TextNode {
		s.text.WriteString(node.Data)
		return
	}
	if invisible(node) {
		return
	}
	start := s.text.Len()
	if node.Type == html.ElementNode && !phrasing[node.DataAtom] {
		s.text.WriteByte('\n')
	}
	for child := node.FirstChild; child != nil; child = child.NextSibling {
		s.walk(child)
	}
	if node.Type == html.ElementNode && !phrasing[node.DataAtom] {
		s.text.WriteByte('\n')
	}
	if id := attribute(node, "id"); id != "" {
		if _, known := s.anchors[id]; known {
			s.twice = append(s.twice, id)
		}
		s.anchors[id] = [2]int{start, s.text.Len()}
	}
}

// invisible reports whether a reader must do something before the element's text is there.
func invisible(node *html.Node) bool {
	switch node.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Template, atom.Noscript:
		return true
	case atom.Details:
		return !has(node, "open")
	}
	return has(node, "hidden") || attribute(node, "aria-hidden") == "true"
}

func has(node *html.Node, name string) bool {
	for _, a := range node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// inside is the folded text of an element, or of the page for "".
func (s *shown) inside(anchor string) string {
	if anchor == "" {
		return needles.Fold(s.text.String())
	}
	at, known := s.anchors[anchor]
	if !known {
		return ""
	}
	return needles.Fold(s.text.String()[at[0]:at[1]])
}

// missing lists the needles that a page does not show.
func missing(s *shown, list []needles.Needle) []needles.Needle {
	texts := map[string]string{}
	var lost []needles.Needle
	for _, needle := range list {
		text, known := texts[needle.Where]
		if !known {
			text = s.inside(needle.Where)
			texts[needle.Where] = text
		}
		if !needle.In(text) {
			lost = append(lost, needle)
		}
	}
	return lost
}
