package docs

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// blocks renders what looks otherwise here than in plain Markdown: headings link to themselves, code can be
// copied, and links to the Markdown of another page lead to its HTML.
type blocks struct{}

// RegisterFuncs tells goldmark which nodes are rendered here.
func (b blocks) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindHeading, b.heading)
	register.Register(ast.KindFencedCodeBlock, b.code)
	register.Register(ast.KindLink, b.link)
}

func (blocks) heading(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	heading := node.(*ast.Heading)
	tag := "h" + string(rune('0'+heading.Level))
	id := htmlText(idOf(heading))
	if entering {
		_, err := w.WriteString("<" + tag + ` id="` + id + `">`)
		return ast.WalkContinue, err
	}
	_, err := w.WriteString(selfLink(id, plain(heading, source)) + "</" + tag + ">\n")
	return ast.WalkContinue, err
}

func (blocks) code(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	var code strings.Builder
	for i := range node.Lines().Len() {
		line := node.Lines().At(i)
		code.Write(line.Value(source))
	}
	_, err := w.WriteString(codeBlock(string(node.(*ast.FencedCodeBlock).Language(source)), code.String()) + "\n")
	return ast.WalkSkipChildren, err
}

func (blocks) link(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, err := w.WriteString("</a>")
		return ast.WalkContinue, err
	}
	target := string(node.(*ast.Link).Destination)
	if !external(target) {
		page, anchor, _ := strings.Cut(target, "#")
		if name, isPage := strings.CutSuffix(page, ".md"); isPage {
			target = name + ".html"
			if anchor != "" {
				target += "#" + anchor
			}
		}
	}
	_, err := w.WriteString(`<a href="` + htmlText(target) + `">`)
	return ast.WalkContinue, err
}

// external reports whether a link leads out of the documentation.
func external(target string) bool {
	for _, begin := range []string{"https://", "http://", "mailto:", BaseURL + "/"} {
		if strings.HasPrefix(target, begin) {
			return true
		}
	}
	return false
}

// htmlText is a text in HTML, in quotes too.
func htmlText(text string) string { return string(util.EscapeHTML([]byte(text))) }

// selfLink is the link of a heading to itself. Its sign is drawn by the style sheet, so that it is not in the text.
func selfLink(id, name string) string {
	return `<a class="self" href="#` + id + `" aria-label="Link to ` + htmlText(name) + `"></a>`
}

// codeBlock is code that the script gives a copy button.
func codeBlock(language, code string) string {
	class := ""
	if language != "" {
		class = ` class="language-` + htmlText(language) + `"`
	}
	return `<div class="code"><pre><code` + class + `>` + htmlText(strings.TrimSuffix(code, "\n")) + `</code></pre></div>`
}
