package docs

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// Every named schema is described once. One that is the body of a request or of a webhook, or that is
// referred to from one place alone, is described there; all others are in the section of objects, and linked.

// homes decides which schemas are described where they are used.
func (r *reference) homes() {
	r.inline, r.described = map[string]bool{}, map[string]bool{}
	uses := map[string]int{}
	countUses(r.Contract, uses)
	for name, n := range uses {
		r.inline[name] = n == 1
	}
	for _, section := range []string{"paths", "webhooks"} {
		for _, item := range tree.Members(tree.Child(r.Contract, section)) {
			for _, op := range tree.Members(item) {
				if name := ref(tree.Child(op, "requestBody", "content", jsonMedia, "schema")); name != "" {
					r.inline[name] = true
				}
			}
		}
	}
}

// countUses counts the references to each schema below node.
func countUses(node *yaml.Node, uses map[string]int) {
	if name, ok := strings.CutPrefix(tree.Text(node, "$ref"), "#/components/schemas/"); ok {
		uses[name]++
	}
	for _, inner := range node.Content {
		countUses(inner, uses)
	}
}

// claim describes a schema at the place that asks first, if it belongs there; otherwise it returns nil.
func (r *reference) claim(name string) *object {
	if !r.inline[name] || r.described[name] {
		return nil
	}
	r.described[name] = true
	return r.object(name)
}

// objects describes what no place has claimed, in the order of the contract.
func (r *reference) objects() []*object {
	found := map[string]*object{}
	for _, all := range []bool{false, true} { // the second time, what is inline but referred to by nothing on the page
		for key := range tree.Members(tree.Child(r.Contract, "components", "schemas")) {
			if name := key.Value; !r.described[name] && (all || !r.inline[name]) {
				r.described[name] = true
				found[name] = r.object(name)
			}
		}
	}
	var list []*object
	for key := range tree.Members(tree.Child(r.Contract, "components", "schemas")) {
		if o := found[key.Value]; o != nil {
			list = append(list, o)
		}
	}
	return list
}
