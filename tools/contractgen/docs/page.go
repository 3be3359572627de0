package docs

import (
	"bytes"
	"html/template"
)

// A Page is one page of the documentation inside the shell that all share.
type Page struct {
	Title    string
	Summary  string // one sentence, for search engines
	Body     template.HTML
	Contents []Entry // the contents list
	Markdown string  // the name of the same page as Markdown, "" if there is none
	Name     string  // of the file
	Wide     bool    // whether code stands beside the text where there is room
	Root     string  // what links begin with: "" but for a page that is shown at any address
}

// An Entry is a line of the contents list.
type Entry struct {
	ID, Text string
	Inner    []Entry
}

// A Link leads from the head of every page to another page.
type Link struct {
	Name, Text string
	Here       bool // whether it is the page that is shown
}

var pageTemplate = template.Must(template.ParseFS(shell, "shell/page.html"))

// addPage renders a page into the shell.
func (s *site) addPage(page Page) error {
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, struct {
		Page
		Links []Link
	}{page, s.links(page.Name)})
	if err != nil {
		return err
	}
	s.files[page.Name] = out.Bytes()
	return nil
}

// links lists all pages, the reference first.
func (s *site) links(here string) []Link {
	links := []Link{{Name: "index.html", Text: "Reference"}}
	for _, g := range s.guides {
		links = append(links, Link{Name: g.Name + ".html", Text: g.Title})
	}
	for i := range links {
		links[i].Here = links[i].Name == here
	}
	return links
}

// writeNotFound adds the page of unknown addresses. It is shown below any folder, so its links are absolute.
func (s *site) writeNotFound() error {
	return s.addPage(Page{
		Title:   "No such page",
		Summary: "There is no page at this address.",
		Name:    "404.html",
		Root:    "/docs/",
		Body: `<h1>There is no such page</h1>
<p>The address may be mistyped, or the page has moved. Everything about the API is in the <a href="/docs/index.html">reference</a>, on one page.</p>`,
	})
}
