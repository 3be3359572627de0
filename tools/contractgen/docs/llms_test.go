package docs

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/tools/contractgen/docs/needles"
	"github.com/thebigclass/api/tools/contractgen/tree"
)

// A short is llms.txt, cut where one thing ends and the next begins.
type short struct {
	text   string
	blocks map[string]string // by operationId, event and name of a type
	sent   map[string]bool   // schemas that a caller sends
	types  map[string]bool   // all schemas
	always string            // the statuses that every operation has
	shared string            // the parameters that several operations have, and the headers of deliveries
	enums  string            // all lists of values
}

var (
	beginsOperation = regexp.MustCompile("^`[A-Z]+ /\\S*` (\\w+), ")
	beginsType      = regexp.MustCompile(`^([A-Z]\w+): ?`)
	beginsEvent     = regexp.MustCompile("^- `([a-z_]+\\.[a-z_]+)` (\\w+) \\{")
)

// shorten reads llms.txt, and the contract for what needs another look.
func shorten(root *yaml.Node, text string) *short {
	s := &short{text: text, blocks: map[string]string{}, sent: map[string]bool{}, types: map[string]bool{}}
	common := line(text, "Every event has ")
	s.always = line(text, "Every operation can also answer ")
	for block := range strings.SplitSeq(text, "\n\n") {
		block = strings.TrimSpace(block)
		if strings.HasPrefix(block, "- header ") {
			s.shared += block
		}
		if strings.Contains(block, `: "`) && beginsType.MatchString(block) {
			s.enums += block
		}
		for _, begins := range []*regexp.Regexp{beginsOperation, beginsType} {
			if found := begins.FindStringSubmatch(block); found != nil {
				s.blocks[found[1]] = block
			}
		}
		for item := range strings.Lines(block) {
			if found := beginsEvent.FindStringSubmatch(item); found != nil {
				s.blocks[found[1]], s.blocks[found[2]] = item, "{"+common+item
			}
		}
	}
	for key := range tree.Members(tree.Child(root, "components", "schemas")) {
		s.types[key.Value] = true
	}
	for _, item := range tree.Members(tree.Child(root, "paths")) {
		for _, op := range tree.Members(item) {
			s.asks(root, tree.Child(op, "requestBody"))
			for _, answer := range tree.Members(tree.Child(op, "responses")) {
				if name := ref(tree.Child(answer, "content", jsonMedia, "schema")); name != "" && s.blocks[name] == "" {
					s.blocks[name] = s.blocks[tree.Text(op, "operationId")]
				}
			}
		}
	}
	return s
}

// line is what follows a text on its line.
func line(text, after string) string {
	_, rest, _ := strings.Cut(text, after)
	rest, _, _ = strings.Cut(rest, "\n")
	return rest
}

// asks collects the schemas below a node.
func (s *short) asks(root, node *yaml.Node) {
	if node == nil {
		return
	}
	if name := ref(node); name != "" && !s.sent[name] {
		s.sent[name] = true
		s.asks(root, tree.Child(root, "components", "schemas", name))
	}
	for _, inner := range node.Content {
		s.asks(root, inner)
	}
}

// split cuts where a needle belongs into a block and what is inside it.
func (s *short) split(where string) (block, inside string) {
	for at := len(where); at > 0; at = strings.LastIndexByte(where[:at], '.') {
		if text := s.blocks[where[:at]]; text != "" {
			return text, strings.TrimPrefix(where[at:], ".")
		}
	}
	return "", where
}

// asked reports whether a needle is for this file: examples, the bounds of what is only answered and descriptions of
// single members are left to the reference.
func (s *short) asked(n needles.Needle) bool {
	of, _, inside := strings.Cut(n.Where, ".")
	switch n.Kind {
	case "event", "scope", "property":
		return true
	case "path":
		return !strings.Contains(of, ":") // beside a scope: operations name theirs
	case "error code":
		return n.Text != "NotModified" // the name of an answer that has none
	case "header":
		return of == "header"
	case "limit":
		return s.sent[of] || inside && s.blocks[of] != "" && !s.types[of]
	case "enum value", "required", "parameter", "status":
		return of != "header"
	}
	return false
}

// says reports whether the file has a needle where it belongs.
func (s *short) says(n needles.Needle) bool {
	block, inside := s.split(n.Where)
	member := regexp.QuoteMeta(inside[strings.LastIndexByte(inside, '.')+1:])
	switch n.Kind {
	case "event":
		return s.blocks[n.Text] != ""
	case "path":
		return n.In(block)
	case "scope":
		return n.In(block) || n.Where == n.Text && strings.Contains(s.text, "\n- `"+n.Text+"`: ")
	case "error code":
		return strings.Contains(s.text, "\n- `"+n.Text+"`, status ")
	case "status":
		return n.In(block) || n.In(s.always) || strings.HasSuffix(n.Text, "XX") // what a receiver answers
	case "parameter":
		return regexp.MustCompile(`\b`+n.Text+` `+member+`\??: `).MatchString(block+s.shared) || strings.Contains(block+s.shared, n.Text) && n.Text == inside
	case "property":
		return regexp.MustCompile(`(?m)(^- |[{ ])` + member + `\??: `).MatchString(block)
	case "required":
		return regexp.MustCompile(`(?m)(^- |[{ ])` + member + `: `).MatchString(block + s.shared)
	case "limit":
		return n.In(strings.Join(regexp.MustCompile(`(?m)(^- |[{ ])`+member+`\??: [^;\n]*`).FindAllString(block+s.shared, -1), "\n"))
	case "header":
		return strings.Contains(s.text, "\n- "+inside[strings.IndexByte(inside, '.')+1:]+": ")
	case "enum value":
		return strings.Contains(block+s.enums, `"`+n.Text+`"`)
	}
	return n.In(s.text)
}

// lost lists what the file does not say, and counts what it was asked for.
func (s *short) lost(list []needles.Needle) (lost []needles.Needle, kinds map[string]int) {
	kinds = map[string]int{}
	for _, n := range list {
		if !s.asked(n) {
			continue
		}
		if kinds[n.Kind]++; !s.says(n) {
			lost = append(lost, n)
		}
	}
	return lost, kinds
}

// llms.txt alone suffices to write a client: every operation, parameter, member, scope, code and event is in it, at its
// place, with what must be there and with its bounds.
func TestLLMs_SaysAllThatAClientNeeds(t *testing.T) {
	t.Parallel()
	text := llmsOf(t)
	s := shorten(contract(t), text)
	lost, kinds := s.lost(needlesOf(t))
	for _, n := range lost {
		t.Errorf("llms.txt does not say: %s", n)
	}
	t.Logf("note: llms.txt has %d bytes, and of the contract %v", len(text), kinds)
}

// What may be left out says so, everywhere: a member that is marked as if it had to be there would be sent for nothing.
func TestLLMs_SaysWhatMayBeLeftOut(t *testing.T) {
	t.Parallel()
	root := contract(t)
	s, count := shorten(root, llmsOf(t)), 0
	for key, schema := range tree.Members(tree.Child(root, "components", "schemas")) {
		for _, part := range append([]*yaml.Node{schema}, tree.Items(tree.Child(schema, "allOf"))...) {
			required := tree.Items(tree.Child(part, "required"))
			for name := range tree.Members(tree.Child(part, "properties")) {
				if !slices.ContainsFunc(required, func(n *yaml.Node) bool { return n.Value == name.Value }) {
					if count++; !regexp.MustCompile(`(?m)(^- |[{ ])` + name.Value + `\?: `).MatchString(s.blocks[key.Value]) {
						t.Errorf("%s.%s may be left out, which llms.txt does not say", key.Value, name.Value)
					}
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d members may be left out", count)
	}
}

// What an operation or an event does is told sentence by sentence, though a sentence that several have stands once.
func TestLLMs_SaysWhatOperationsAndEventsDo(t *testing.T) {
	t.Parallel()
	root, text := contract(t), needles.Fold(llmsOf(t))
	count := 0
	for _, section := range []string{"paths", "webhooks"} {
		for _, item := range tree.Members(tree.Child(root, section)) {
			for _, op := range tree.Members(item) {
				for _, one := range strings.SplitAfter(tree.Text(op, "description"), ". ") {
					if count++; !strings.Contains(text, strings.TrimSpace(one)) {
						t.Errorf("%s: llms.txt does not say %q", tree.Text(op, "operationId"), one)
					}
				}
			}
		}
	}
	if count < 200 {
		t.Errorf("only %d sentences were searched", count)
	}
}

// The check can fail: without one thing of each kind in the contract, each is missed, and what is left is found.
func TestLLMs_LossOfAnyKindIsFound(t *testing.T) {
	t.Parallel()
	root, list := contract(t), needlesOf(t)
	_, kinds := shorten(root, llmsOf(t)).lost(list)
	for _, loss := range losses {
		remove(t, root, loss.path)
	}
	s := &site{Source: Source{Contract: root, Guides: fstest.MapFS{}}, files: map[string][]byte{}}
	if err := s.writeReference(); err != nil {
		t.Fatal(err)
	}
	lost, _ := shorten(contract(t), string(s.files["llms.txt"])).lost(list)
	for kind := range kinds {
		taken := func(n needles.Needle) bool {
			return n.Kind == kind && slices.ContainsFunc(losses, func(l loss) bool { return strings.HasPrefix(n.Where, l.where) })
		}
		if !slices.ContainsFunc(lost, taken) {
			t.Errorf("nobody misses a %s", kind)
		}
	}
	if len(lost) > len(list)/10 {
		t.Errorf("%d of %d needles are lost: more than was taken", len(lost), len(list))
	}
}

// llmsOf is the file as it is served.
func llmsOf(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../gen/docs/llms.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
