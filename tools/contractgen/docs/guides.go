package docs

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A guide is one page that people write, in Markdown.
type guide struct {
	Name     string // of the file, without its ending
	Title    string // its first heading
	Summary  string // its first paragraph
	source   []byte
	rendered markdown
}

// orderFile lists the names of all guides, one a line, as the pages follow each other.
const orderFile = "order.txt"

// readGuides reads and renders all guides.
func (s *site) readGuides() error {
	names, err := s.guideNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		source, err := fs.ReadFile(s.Guides, name+".md")
		if err != nil {
			return err
		}
		g := &guide{Name: name, source: []byte(s.runnableFences(string(source)))}
		g.rendered = render(g.source)
		g.Title, g.Summary = g.rendered.title, g.rendered.summary
		if g.Title == "" {
			s.wrong(name+".md", 1, "a guide begins with its title, a heading of level 1")
		}
		s.guides = append(s.guides, g)
	}
	return nil
}

// guideNames reads the order, and refuses one that names other guides than the folder has.
func (s *site) guideNames() ([]string, error) {
	order, err := fs.ReadFile(s.Guides, orderFile)
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(order))
	found, err := fs.Glob(s.Guides, "*.md")
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = strings.TrimSuffix(found[i], ".md")
	}
	if sorted := slices.Sorted(slices.Values(names)); !slices.Equal(sorted, found) {
		return nil, fmt.Errorf("%s lists %v, the folder has %v", path.Join(s.GuidesAt, orderFile), sorted, found)
	}
	return names, nil
}

// runnableFences makes the fenced code of a Markdown text runnable, and lets its links to the service, the dashboard's
// pages for instance, lead to the one that the page came from. The prose stays as it is.
func (s *site) runnableFences(source string) string {
	lines := strings.SplitAfter(source, "\n")
	inside := false
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inside = !inside
		} else if inside {
			lines[i] = s.runnable(line)
		} else {
			for _, origin := range s.origins {
				lines[i] = strings.ReplaceAll(lines[i], "]("+origin+"/", "]("+BaseURL+"/")
			}
		}
	}
	return strings.Join(lines, "")
}

// writeGuides adds both forms of every guide.
func (s *site) writeGuides() error {
	for _, g := range s.guides {
		for _, problem := range g.rendered.problems {
			s.wrong(g.Name+".md", problem.line, problem.text)
		}
		err := s.addPage(Page{
			Title: g.Title, Summary: g.Summary, Contents: g.rendered.contents,
			Body: template.HTML(g.rendered.html),
			Name: g.Name + ".html", Markdown: g.Name + ".md",
		})
		if err != nil {
			return err
		}
		s.files[g.Name+".md"] = bytes.TrimLeft(g.source, "\n")
	}
	return nil
}

// wrong records a mistake in a guide.
func (s *site) wrong(file string, line int, text string) {
	s.problems = append(s.problems, fmt.Errorf("%s:%d: %s", path.Join(s.GuidesAt, file), line, text))
}
