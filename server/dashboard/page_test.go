package dashboard_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Page is what a browser shows.
type Page struct {
	*Browser
	Status int
	Header http.Header
	Body   string
	Path   string // after redirects
	doc    *html.Node
}

// Get opens a page and follows redirects.
func (b *Browser) Get(path string) *Page {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.URL+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	return b.Send(r)
}

// Post sends a form that no page offered, as somebody with a program would.
func (b *Browser) Post(path string, values url.Values, headers ...string) *Page {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.Send(r)
}

// Send makes the call and reads the page.
func (b *Browser) Send(r *http.Request) *Page {
	b.Helper()
	answer, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		b.Fatal(err)
	}
	return &Page{Browser: b, Status: answer.StatusCode, Header: answer.Header, Body: string(body), Path: answer.Request.URL.RequestURI(), doc: doc}
}

// Submit fills in the form of the page that goes to action and sends it: fields
// come as name and value in turn, the others keep what the page says. A name
// that comes twice sends both values.
func (p *Page) Submit(action string, fields ...string) *Page {
	p.Helper()
	return p.Post(action, p.Filled(action, fields...))
}

// Filled is what Submit would send.
func (p *Page) Filled(action string, fields ...string) url.Values {
	p.Helper()
	var found *html.Node
	for form := range elements(p.doc, "form") {
		if attribute(form, "action") == action && strings.EqualFold(attribute(form, "method"), "post") {
			found = form
		}
	}
	if found == nil {
		p.Fatalf("%s has no form that posts to %s:\n%s", p.Path, action, p.Body)
	}
	values := offered(found)
	for i := 0; i+1 < len(fields); i += 2 {
		values.Del(fields[i])
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return values
}

// offered is what a form holds before anybody has typed.
func offered(form *html.Node) url.Values {
	values := url.Values{}
	for input := range elements(form, "input") {
		kind := attribute(input, "type")
		if (kind == "checkbox" || kind == "radio") && !has(input, "checked") {
			continue
		}
		if name := attribute(input, "name"); name != "" {
			values.Add(name, attribute(input, "value"))
		}
	}
	for area := range elements(form, "textarea") {
		values.Add(attribute(area, "name"), text(area))
	}
	for list := range elements(form, "select") {
		for option := range elements(list, "option") {
			if has(option, "selected") || values.Get(attribute(list, "name")) == "" && !values.Has(attribute(list, "name")) {
				values.Set(attribute(list, "name"), attribute(option, "value"))
			}
		}
	}
	return values
}

// Text is what a reader sees, with single spaces.
func (p *Page) Text() string { return strings.Join(strings.Fields(text(p.doc)), " ") }

// WantStatus fails the test unless the page came with this status.
func (p *Page) WantStatus(status int) *Page {
	p.Helper()
	if p.Status != status {
		p.Fatalf("%s: status %d, want %d\n%s", p.Path, p.Status, status, p.Text())
	}
	return p
}

// Want fails the test unless a reader sees all of these.
func (p *Page) Want(texts ...string) *Page {
	p.Helper()
	shown := p.Text()
	for _, want := range texts {
		if !strings.Contains(shown, want) {
			p.Fatalf("%s does not say %q:\n%s", p.Path, want, shown)
		}
	}
	return p
}

// WantNot fails the test if any of these is anywhere in the page, seen or not.
func (p *Page) WantNot(texts ...string) *Page {
	p.Helper()
	for _, unwanted := range texts {
		if strings.Contains(p.Body, unwanted) {
			p.Fatalf("%s holds %q:\n%s", p.Path, unwanted, p.Body)
		}
	}
	return p
}

// Offers reports whether the page has a form or a link to the path.
func (p *Page) Offers(path string) bool {
	for form := range elements(p.doc, "form") {
		if attribute(form, "action") == path {
			return true
		}
	}
	for link := range elements(p.doc, "a") {
		if attribute(link, "href") == path {
			return true
		}
	}
	return false
}

func elements(n *html.Node, name string) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for child := range n.Descendants() {
			if child.Type == html.ElementNode && child.Data == name && !yield(child) {
				return
			}
		}
	}
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var all strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode && child.Parent.Data != "style" && child.Parent.Data != "script" {
			all.WriteString(child.Data + " ")
		}
	}
	return all.String()
}
