package docs

import (
	"bytes"
	"html/template"
	texttemplate "text/template"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// A reference is the whole contract for people, on one page.
type reference struct {
	*site
	codes      map[string]string // error codes by status
	everywhere map[string]bool   // headers of every answer
	inline     map[string]bool   // schemas described where they are used
	described  map[string]bool   // schemas described so far

	Title, Version, Summary string
	Servers                 []server
	Intro                   prose
	Setup                   []sample // what comes before all other samples
	Groups                  []group
	Webhooks                group
	Objects                 []*object
	Errors                  []errorCode
	Answers                 []response
	Schemes                 []scheme
	Scopes                  []scope
	License                 string
	Headers                 []member
	Prefixes                []prefix
	MaxBodyBytes, MaxDepth  string
	TestSecret              string
	Deprecated              []string // names of what is deprecated
}

// A server is an address under which the service answers.
type server struct {
	URL   string
	About prose
}

var (
	referenceHTML = template.Must(template.New("reference.html").Funcs(template.FuncMap{
		"code": func(language, text string) template.HTML { return template.HTML(codeBlock(language, text)) },
		"self": func(id, name string) template.HTML { return template.HTML(selfLink(id, name)) },
	}).ParseFS(shell, "shell/reference.html", "shell/members.html"))
	llms = texttemplate.Must(texttemplate.New("llms.txt").ParseFS(shell, "shell/llms.txt"))
)

// writeReference adds the reference in both forms, and llms.txt.
func (s *site) writeReference() error {
	r := s.reference()
	if err := r.inOrder(); err != nil {
		return err
	}
	var page, short bytes.Buffer
	if err := referenceHTML.Execute(&page, r); err != nil {
		return err
	}
	if err := llms.Execute(&short, r); err != nil {
		return err
	}
	s.files["index.md"], s.files["llms.txt"] = []byte(r.markdown()), short.Bytes()
	return s.addPage(Page{
		Title: "Reference", Summary: r.Summary, Contents: r.contents(), Wide: true,
		Body: template.HTML(page.String()), Name: "index.html", Markdown: "index.md",
	})
}

// reference reads the contract. The order matters: a schema is described where it is first asked for, if it belongs there.
func (s *site) reference() *reference {
	r := &reference{site: s, codes: map[string]string{}, everywhere: map[string]bool{}}
	r.homes()
	r.common()
	r.Errors = r.errors()
	info := tree.Child(s.Contract, "info")
	r.Title, r.Version, r.Summary = tree.Text(info, "title"), tree.Text(info, "version"), tree.Text(info, "summary")
	r.Intro = r.prose(info, "description")
	for _, node := range tree.Items(tree.Child(s.Contract, "servers")) {
		r.Servers = append(r.Servers, server{tree.Text(node, "url"), r.prose(node, "description")})
	}
	r.Groups, r.Webhooks, r.Setup = r.groups(), r.webhooks(), r.setup()
	r.Answers, r.Scopes, r.Headers, r.Prefixes = r.answers(), r.scopes(r.Groups), r.headers(), r.prefixes()
	r.Objects, r.Schemes, r.License = r.objects(), r.schemes(), tree.Text(info, "license", "name")
	r.MaxBodyBytes, r.MaxDepth = tree.Text(s.Contract, "x-request-limits", "maxBodyBytes"), tree.Text(s.Contract, "x-request-limits", "maxDepth")
	r.TestSecret = tree.Text(s.Contract, "x-webhook-test-secret")
	return r
}

// contents is the contents list of the page.
func (r *reference) contents() []Entry {
	list := append([]Entry{}, r.Intro.rendered.contents...)
	if len(r.Setup) > 0 {
		list = append(list, Entry{ID: "samples", Text: "Running the samples"})
	}
	for _, g := range append(append([]group{}, r.Groups...), r.Webhooks) {
		entry := Entry{ID: g.ID, Text: g.Name}
		for _, op := range g.Operations {
			text := op.Summary
			if op.Path == "" {
				text = op.ID
			}
			entry.Inner = append(entry.Inner, Entry{ID: op.ID, Text: text})
		}
		list = append(list, entry)
	}
	objects := Entry{ID: "objects", Text: "Objects"}
	for _, o := range r.Objects {
		objects.Inner = append(objects.Inner, Entry{ID: o.ID, Text: o.ID})
	}
	return append(list, Entry{ID: "errors", Text: "Errors"}, Entry{ID: "headers", Text: "Headers of answers"}, Entry{ID: "scopes", Text: "Scopes"},
		Entry{ID: "ids", Text: "Ids and limits"}, objects, Entry{ID: "versions-and-servers", Text: "Version and servers"})
}
