package docs

import (
	"strings"
)

// Folder stands in llms.txt for where the pages are: the file is served beside them and at the root. Who serves it puts
// an address with a slash at its end in its place, or nothing.
const Folder = "__DOCS__"

// Docs is the placeholder of Folder, for the template.
func (r *reference) Docs() string { return Folder }

// Facts is what a client must know besides the operations. https://llmstxt.org has no headings before the lists of
// links, so they become words in bold.
func (r *reference) Facts() string {
	var out strings.Builder
	for _, server := range r.Servers {
		out.WriteString("- Base URL `" + server.URL + "`: " + server.About.Line() + "\n")
	}
	for _, code := range r.Errors {
		out.WriteString("- Error `" + code.Code + "`, status " + code.Status + ": " + code.Meaning.Line() + "\n")
	}
	out.WriteString("\n")
	for _, part := range []string{r.Intro.Markdown, "## Webhooks\n" + r.Webhooks.About.Markdown} {
		for line := range strings.Lines(part) {
			if title, ok := strings.CutPrefix(line, "## "); ok {
				line = "**" + strings.TrimSpace(title) + "**\n\n"
			}
			out.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
		out.WriteString("\n")
	}
	return strings.TrimSpace(out.String())
}

// Permission says which scopes a key needs, in plain words.
func (op *operation) Permission() string { return strings.ReplaceAll(op.permission(), "`", "") }

// Pages are the guides, for the template.
func (r *reference) Pages() []*guide { return r.guides }
