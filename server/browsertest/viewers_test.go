package browsertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/contractgen/tree"
)

// Other people's viewers show our contract whole: every operation, every webhook and every example of a body. Each is
// served from this machine, and what it asks other servers for does not count. They are drawn one after the other and
// before the other tests: each takes all that a processor has.
func TestViewers_ShowEveryOperationWebhookAndExample(t *testing.T) {
	known := readContract(t)
	site := viewers(t)
	for _, name := range []string{"redoc", "scalar", "swagger-ui"} {
		t.Run(name, func(t *testing.T) {
			p := open(t, site)
			p.visit("/" + name + ".html")
			text := p.unfolded(name)
			t.Logf("note: %s shows %d of %d operations, %d of %d webhooks and %d of %d examples", name,
				p.count(text, known.operations), len(known.operations), p.count(text, known.webhooks), len(known.webhooks),
				p.count(text, known.examples), len(known.examples))
			for _, complaint := range p.complaints("net::ERR_NAME_NOT_RESOLVED") {
				t.Errorf("the console says %s", complaint)
			}
		})
	}
}

// viewers serves the pages of the viewers, their packages and the contract.
func viewers(t *testing.T) (origin string) {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("viewers")))
	mux.Handle("/npm/", http.StripPrefix("/npm/", http.FileServer(http.Dir(packages))))
	mux.HandleFunc("/tbc-v1.yaml", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(openapi.Bundle); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// unfolded is all text of a viewer that can be read once everything is opened, without white space: viewers break and
// indent examples as they like. With two processors and the race detector beside it this can take minutes.
func (p *page) unfolded(name string) string {
	p.Helper()
	script := "(async () => {\n"
	for _, part := range []string{"reading", name} {
		source, err := os.ReadFile("viewers/" + part + ".js")
		if err != nil {
			p.Fatal(err)
		}
		script += string(source)
	}
	ctx, cancel := context.WithTimeout(p.tab, 15*time.Minute)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](script+"return read.join('\\n') })()", chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatalf("reading %s: %v", name, err)
	}
	return withoutSpace(text)
}

// count is how many of the things have all their texts on the page; the others are errors.
func (p *page) count(page string, things [][]string) (found int) {
	p.Helper()
	for _, texts := range things {
		missing := func(text string) bool { return !strings.Contains(page, withoutSpace(text)) }
		if at := slices.IndexFunc(texts, missing); at >= 0 {
			p.Errorf("not shown: %s", texts[at])
		} else {
			found++
		}
	}
	return found
}

func withoutSpace(text string) string { return strings.Join(strings.Fields(text), "") }

// shown is what a viewer must show of a contract: of each thing these texts.
type shown struct{ operations, webhooks, examples [][]string }

func readContract(t *testing.T) *shown {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal(openapi.Bundle, &document); err != nil {
		t.Fatal(err)
	}
	root, all := document.Content[0], &shown{}
	for path, item := range tree.Members(tree.Child(root, "paths")) {
		for _, operation := range tree.Members(item) {
			if tree.Child(operation, "operationId") != nil {
				all.operations = append(all.operations, []string{tree.Text(operation, "summary"), path.Value})
			}
		}
	}
	for event, item := range tree.Members(tree.Child(root, "webhooks")) {
		all.webhooks = append(all.webhooks, []string{tree.Text(item, "post", "summary"), event.Value})
	}
	known := map[string]bool{}
	for _, example := range bodies(root) {
		text, err := tree.JSON(example)
		if err != nil {
			t.Fatal(err)
		}
		if !known[text] { // what several operations share is shown once at least
			known[text] = true
			all.examples = append(all.examples, []string{text})
		}
	}
	if len(all.operations) < 50 || len(all.webhooks) < 13 || len(all.examples) < 100 {
		t.Fatalf("%d operations, %d webhooks, %d examples: the contract was not read", len(all.operations), len(all.webhooks), len(all.examples))
	}
	return all
}

// bodies are the examples of requests and answers, wherever they stand in the contract.
func bodies(node *yaml.Node) (found []*yaml.Node) {
	if example := tree.Child(node, "example"); example != nil && tree.Child(node, "schema") != nil && example.Kind == yaml.MappingNode {
		found = append(found, example)
	}
	for _, example := range tree.Members(tree.Child(node, "examples")) {
		if value := tree.Child(example, "value"); value != nil {
			found = append(found, value)
		}
	}
	for _, child := range tree.Items(node) {
		found = append(found, bodies(child)...)
	}
	return found
}
