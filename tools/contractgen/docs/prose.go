package docs

import (
	"fmt"
	"html/template"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// A prose is a text of the contract, which is Markdown, in both forms.
type prose struct {
	HTML     template.HTML
	Markdown string
	rendered markdown
}

// prose reads and renders the text at a path below node.
func (r *reference) prose(node *yaml.Node, path ...string) prose {
	source := strings.TrimSpace(r.runnableFences(tree.Raw(node, path...)))
	if source == "" {
		return prose{}
	}
	text := render([]byte(source))
	for _, problem := range text.problems {
		r.problems = append(r.problems, fmt.Errorf("the contract, below line %d: %s", tree.Child(node, path...).Line, problem.text))
	}
	return prose{HTML: template.HTML(text.html), Markdown: source, rendered: text}
}

// Line is the text on one line.
func (p prose) Line() string { return strings.Join(strings.Fields(p.Markdown), " ") }
