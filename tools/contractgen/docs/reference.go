package docs

import (
	"html/template"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// writeReference adds the reference.
func (s *site) writeReference() error {
	info := tree.Child(s.Contract, "info")
	text := render([]byte(s.runnableFences(tree.Raw(info, "description"))))
	return s.addPage(Page{
		Title: "Reference", Summary: tree.Text(info, "summary"), Contents: text.contents, Name: "index.html",
		Body: template.HTML("<h1>Reference</h1>\n" + text.html),
	})
}
