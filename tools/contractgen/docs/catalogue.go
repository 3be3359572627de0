package docs

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// An errorCode is one of the closed set.
type errorCode struct {
	Code, Status     string
	Meaning, Message prose
}

// A scope is something that a key may do.
type scope struct {
	Name       string
	About      prose
	Operations []*operation // that need it
}

// A prefix begins the ids of one kind of object.
type prefix struct {
	Object, Text string
}

// errors lists the error codes and remembers which status each comes with.
func (r *reference) errors() []errorCode {
	var list []errorCode
	for _, node := range tree.Items(tree.Child(r.Contract, "x-error-codes")) {
		list = append(list, errorCode{tree.Text(node, "code"), tree.Text(node, "status"), r.prose(node, "meaning"), r.prose(node, "message")})
		r.codes[tree.Text(node, "status")] = tree.Text(node, "code")
	}
	return list
}

// scopes lists the scopes with the operations of groups that need them.
func (r *reference) scopes(groups []group) []scope {
	var list []scope
	for _, node := range tree.Items(tree.Child(r.Contract, "x-scopes")) {
		s := scope{Name: tree.Text(node, "scope"), About: r.prose(node, "description")}
		for _, g := range groups {
			for _, op := range g.Operations {
				if op.Scope == s.Name {
					s.Operations = append(s.Operations, op)
				}
			}
		}
		list = append(list, s)
	}
	return list
}

// headers describes the headers of answers.
func (r *reference) headers() []member {
	var list []member
	for key, node := range tree.Members(tree.Child(r.Contract, "components", "headers")) {
		m := r.header("header."+key.Value, key.Value, node)
		if r.everywhere[key.Value] {
			m.Limits = append(m.Limits, limit{Text: "on every answer"})
		}
		list = append(list, m)
	}
	return list
}

// header describes one header.
func (r *reference) header(id, name string, node *yaml.Node) member {
	m := r.member(id, name, tree.Child(node, "schema"))
	m.About, m.Deprecated = r.prose(node, "description"), r.notice(m.ID, node)
	return m
}

// common finds the headers that every answer of every operation has.
func (r *reference) common() {
	count, answers := map[string]int{}, 0
	for _, item := range tree.Members(tree.Child(r.Contract, "paths")) {
		for _, op := range tree.Members(item) {
			for _, answer := range tree.Members(tree.Child(op, "responses")) {
				answer, _ = tree.Follow(r.Contract, answer)
				answers++
				for name := range tree.Members(tree.Child(answer, "headers")) {
					count[name.Value]++
				}
			}
		}
	}
	for name, n := range count {
		r.everywhere[name] = n == answers
	}
}

// answers describes the answers that several operations share.
func (r *reference) answers() []response {
	var list []response
	for key, node := range tree.Members(tree.Child(r.Contract, "components", "responses")) {
		status := r.statusOf(key.Value)
		a := response{ID: key.Value, Name: key.Value, Status: status, Code: r.codes[status]}
		a.answer(r, node)
		if a.Body != nil {
			a.Examples = a.Body.Examples
		}
		list = append(list, a)
	}
	return list
}

// statusOf is the status with which operations refer to a shared answer.
func (r *reference) statusOf(name string) string {
	for _, item := range tree.Members(tree.Child(r.Contract, "paths")) {
		for _, op := range tree.Members(item) {
			for status, answer := range tree.Members(tree.Child(op, "responses")) {
				if strings.HasSuffix(tree.Text(answer, "$ref"), "/responses/"+name) {
					return status.Value
				}
			}
		}
	}
	return ""
}

// prefixes lists the id prefixes.
func (r *reference) prefixes() []prefix {
	var list []prefix
	for key, node := range tree.Members(tree.Child(r.Contract, "x-id-prefixes")) {
		list = append(list, prefix{key.Value, node.Value})
	}
	return list
}

// A scheme is a way to authenticate.
type scheme struct {
	ID, Kind, Format string
	About            prose
}

// schemes lists the ways to authenticate.
func (r *reference) schemes() []scheme {
	var list []scheme
	for key, node := range tree.Members(tree.Child(r.Contract, "components", "securitySchemes")) {
		list = append(list, scheme{key.Value, tree.Text(node, "type") + " " + tree.Text(node, "scheme"), tree.Text(node, "bearerFormat"), r.prose(node, "description")})
	}
	return list
}
