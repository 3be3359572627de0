package docs

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// jsonMedia is the media type of all bodies but the stream's.
const jsonMedia = "application/json"

// A group is the operations of one tag.
type group struct {
	ID, Name   string
	About      prose
	Operations []*operation
}

// An operation is one method of one path, or a webhook, which is one that we call.
type operation struct {
	ID, OperationID, Method, Path, Summary string
	About                                  prose
	Scope                                  string   // "" if any key may call
	MoreScopes                             []string // with which it does more
	Deprecated                             string
	Parameters                             []member
	Body                                   *body
	Responses                              []response
	Samples                                []sample
	Signed                                 *signedExample
}

// A body is what is sent or answered.
type body struct {
	About    prose
	Presence string
	Media    string
	Type     []word
	Object   *object
	Examples []example
}

// An example is a body that could be sent or answered.
type example struct {
	Summary, Code string
}

// A response is an answer with one status.
type response struct {
	ID, Status string
	Shared     string // the name of the answer that several operations have, which is described once
	Code       string // the error code
	About      prose
	Headers    []string // beside those that every answer has
	Own        []member // headers that no other answer has, described here
	Body       *body
	Name       string    // of an answer that operations share, where it is described
	Examples   []example // of such an answer
}

// groups collects the operations under their tags, both in the order of the contract.
func (r *reference) groups() []group {
	var groups []group
	for _, tag := range tree.Items(tree.Child(r.Contract, "tags")) {
		g := group{ID: slug(tree.Text(tag, "name")), Name: tree.Text(tag, "name"), About: r.prose(tag, "description")}
		for path, item := range tree.Members(tree.Child(r.Contract, "paths")) {
			for method, op := range tree.Members(item) {
				if tags := tree.Items(tree.Child(op, "tags")); len(tags) > 0 && tags[0].Value == g.Name {
					g.Operations = append(g.Operations, r.operation(path.Value, strings.ToUpper(method.Value), op))
				}
			}
		}
		if len(g.Operations) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// operation describes one operation.
func (r *reference) operation(path, method string, node *yaml.Node) *operation {
	op := &operation{
		ID: tree.Text(node, "operationId"), OperationID: tree.Text(node, "operationId"), Method: method, Path: path,
		Summary: tree.Text(node, "summary"), About: r.prose(node, "description"), Deprecated: r.notice(tree.Text(node, "operationId"), node),
	}
	for _, requirement := range tree.Items(tree.Child(node, "security")) {
		for _, scopes := range tree.Members(requirement) {
			for _, scope := range tree.Items(scopes) {
				op.Scope = scope.Value
			}
		}
	}
	for _, scope := range tree.Items(tree.Child(node, "x-optional-scopes")) {
		op.MoreScopes = append(op.MoreScopes, scope.Value)
	}
	r.exchange(op, node)
	op.Samples = r.samples(op)
	return op
}

// exchange reads what is sent and what is answered.
func (r *reference) exchange(op *operation, node *yaml.Node) {
	for _, parameter := range tree.Items(tree.Child(node, "parameters")) {
		parameter, _ = tree.Follow(r.Contract, parameter)
		op.Parameters = append(op.Parameters, r.parameter(op.ID, parameter))
	}
	if sent := tree.Child(node, "requestBody"); sent != nil {
		op.Body = r.body(sent)
		op.Body.About = r.prose(sent, "description")
		op.Body.Presence = presence(sent)
	}
	for status, answer := range tree.Members(tree.Child(node, "responses")) {
		op.Responses = append(op.Responses, r.response(op.ID, status.Value, answer))
	}
}

// parameter describes a parameter, whose description and example are its own and not its schema's.
func (r *reference) parameter(of string, node *yaml.Node) member {
	name := tree.Text(node, "name")
	m := r.member(of+"."+name, name, tree.Child(node, "schema"))
	m.In, m.Presence, m.About, m.Deprecated = tree.Text(node, "in"), presence(node), r.prose(node, "description"), r.notice(m.ID, node)
	if example := tree.Child(node, "example"); example != nil {
		m.Examples = []string{literal(example)}
	}
	return m
}

// presence says whether a parameter or a body must be sent.
func presence(node *yaml.Node) string {
	if tree.Text(node, "required") == "true" {
		return "required"
	}
	return "optional"
}

// body describes the content of a request or an answer; nil if there is none.
func (r *reference) body(node *yaml.Node) *body {
	for media, content := range tree.Members(tree.Child(node, "content")) {
		schema := tree.Child(content, "schema")
		m := r.member("", "", schema)
		b := &body{Media: media.Value, Type: m.Type, Object: m.Object, About: m.About}
		if one := tree.Child(content, "example"); one != nil {
			b.Examples = append(b.Examples, example{Code: code(one)})
		}
		for _, named := range tree.Members(tree.Child(content, "examples")) {
			b.Examples = append(b.Examples, example{tree.Text(named, "summary"), code(tree.Child(named, "value"))})
		}
		return b
	}
	return nil
}

// code is an example as it would be sent: text as it is, anything else as JSON.
func code(node *yaml.Node) string {
	if node.Kind == yaml.ScalarNode {
		return strings.TrimRight(node.Value, "\n")
	}
	text, err := tree.Indented(node)
	if err != nil {
		return err.Error() // refused where the contract is read
	}
	return text
}

// response describes an answer. One that several operations share is described once and named here.
func (r *reference) response(of, status string, node *yaml.Node) response {
	target, link := tree.Follow(r.Contract, node)
	a := response{ID: of + "." + status, Status: status, Code: r.codes[status]}
	if link != "" {
		a.Shared = link[strings.LastIndex(link, "/")+1:]
		return a
	}
	a.answer(r, target)
	return a
}

// answer reads what an answer says by itself.
func (a *response) answer(r *reference, node *yaml.Node) {
	a.About, a.Body = r.prose(node, "description"), r.body(node)
	for name, header := range tree.Members(tree.Child(node, "headers")) {
		switch {
		case tree.Child(header, "$ref") == nil:
			a.Own = append(a.Own, r.header(a.ID+"."+name.Value, name.Value, header))
		case !r.everywhere[name.Value]:
			a.Headers = append(a.Headers, name.Value)
		}
	}
}

// slug is an anchor made of a name.
func slug(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }
