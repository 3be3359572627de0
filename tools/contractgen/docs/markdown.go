package docs

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A markdown is a Markdown text as HTML, with what else is known of it.
type markdown struct {
	html           string
	title, summary string
	contents       []Entry // its headings of level 2 and, inside, 3
	links          []target
	problems       []mistake
}

// A target is where a link leads, and the line it stands on.
type target struct {
	address string
	line    int
}

// A mistake is something that a text must not have.
type mistake struct {
	line int
	text string
}

var converter = goldmark.New(
	goldmark.WithExtensions(extension.Table),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, 100))),
)

// render turns Markdown into HTML. Raw HTML is a mistake: it would not be in the text of the page's other forms.
func render(source []byte) markdown {
	document := converter.Parser().Parse(text.NewReader(source))
	m := markdown{}
	level := 0
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) { // the walker never fails
		if entering {
			m.note(node, source, &level)
		}
		return ast.WalkContinue, nil
	})
	var out bytes.Buffer
	if err := converter.Renderer().Render(&out, source, document); err != nil {
		m.problems = append(m.problems, mistake{1, err.Error()})
	}
	m.html = out.String()
	return m
}

// note keeps what the page around the text needs to know of a node. level is that of the heading before.
func (m *markdown) note(node ast.Node, source []byte, level *int) {
	switch node := node.(type) {
	case *ast.Heading:
		m.heading(node, source, *level)
		*level = node.Level
	case *ast.Paragraph:
		if m.summary == "" {
			m.summary = plain(node, source)
		}
	case *ast.Link:
		m.links = append(m.links, target{string(node.Destination), lineOf(node, source, string(node.Destination))})
	case *ast.RawHTML, *ast.HTMLBlock:
		m.problems = append(m.problems, mistake{lineOf(node, source, "<"), "raw HTML is not shown: say it in Markdown"})
	}
}

// heading takes a heading into the contents.
func (m *markdown) heading(node *ast.Heading, source []byte, before int) {
	if node.Level > before+1 && before > 0 {
		m.problems = append(m.problems, mistake{lineOf(node, source, ""), "a heading skips a level"})
	}
	entry := Entry{ID: idOf(node), Text: plain(node, source)}
	switch {
	case node.Level == 1 && m.title == "":
		m.title = entry.Text
	case node.Level == 1:
		m.problems = append(m.problems, mistake{lineOf(node, source, ""), "a second heading of level 1"})
	case node.Level == 2:
		m.contents = append(m.contents, entry)
	case node.Level == 3 && len(m.contents) > 0:
		last := &m.contents[len(m.contents)-1]
		last.Inner = append(last.Inner, entry)
	}
}

// plain is the text of a node without its marks.
func plain(node ast.Node, source []byte) string {
	var out strings.Builder
	_ = ast.Walk(node, func(inner ast.Node, entering bool) (ast.WalkStatus, error) { // the walker never fails
		if leaf, ok := inner.(*ast.Text); ok && entering {
			out.Write(leaf.Segment.Value(source))
			if leaf.SoftLineBreak() {
				out.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}

// idOf is the anchor that the parser gave to a heading.
func idOf(node *ast.Heading) string {
	id, _ := node.AttributeString("id")
	bytes, _ := id.([]byte)
	return string(bytes)
}

// lineOf is the line of a node: that of mark within the block that the node belongs to.
func lineOf(node ast.Node, source []byte, mark string) int {
	for node != nil && (node.Type() == ast.TypeInline || node.Lines().Len() == 0) {
		node = node.Parent()
	}
	if node == nil {
		return 1
	}
	start := node.Lines().At(0).Start
	if at := bytes.Index(source[start:], []byte(mark)); at > 0 {
		start += at
	}
	return 1 + bytes.Count(source[:start], []byte("\n"))
}
