package readme

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
)

// What the contract lists, the guide about it lists too: a scope, an event or a code that is new is not forgotten.
func TestGuides_ListWhatTheContractLists(t *testing.T) {
	t.Parallel()
	var contract struct {
		Scopes []struct{ Scope string } `yaml:"x-scopes"`
		Codes  []struct {
			Code   string
			Status int
		} `yaml:"x-error-codes"`
		Webhooks map[string]any
	}
	if err := yaml.Unmarshal(openapi.Bundle, &contract); err != nil {
		t.Fatal(err)
	}
	wants := map[string][]string{
		"rate-limits": {"`X-RateLimit-Limit`", "`X-RateLimit-Remaining`", "`X-RateLimit-Reset`", "`X-RateLimit-Daily-Limit`",
			"`X-RateLimit-Daily-Remaining`", "`X-RateLimit-Daily-Reset`", "`Retry-After`"},
	}
	for _, scope := range contract.Scopes {
		wants["authentication"] = append(wants["authentication"], "| `"+scope.Scope+"` |")
	}
	for _, code := range contract.Codes {
		wants["errors"] = append(wants["errors"], fmt.Sprintf("| `%s` | %d", code.Code, code.Status))
	}
	for event := range contract.Webhooks {
		wants["webhooks"] = append(wants["webhooks"], "`"+event+"`")
	}
	for name, texts := range wants {
		guide, err := os.ReadFile(filepath.Join(root(t), "server/docs/guides", name+".md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if !strings.Contains(string(guide), text) {
				t.Errorf("%s.md lacks %s", name, text)
			}
		}
		t.Logf("%s.md: %d of the contract's names searched", name, len(texts))
	}
	if len(wants["authentication"]) < 16 || len(wants["errors"]) != 6 || len(wants["webhooks"]) < 14 {
		t.Errorf("the contract lists too little: %v", wants)
	}
}
