package needles

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// prose adds each paragraph, list item, heading and line of code of a Markdown text, without its marks.
func (h *haystack) prose(where string, node *yaml.Node) {
	if node == nil {
		return
	}
	block, fenced := "", false
	end := func() {
		h.add("description", strings.NewReplacer("`", "", "**", "").Replace(block), where)
		block = ""
	}
	for line := range strings.Lines(node.Value) {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			end()
			fenced = !fenced
		case fenced:
			h.add("code", strings.ReplaceAll(trimmed, h.origin, h.base), where)
		case trimmed == "":
			end()
		case strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "#"):
			end()
			block = strings.TrimLeft(trimmed, "-# ")
			if trimmed[0] == '#' {
				end()
			}
		default:
			block += " " + trimmed
		}
	}
	end()
}
