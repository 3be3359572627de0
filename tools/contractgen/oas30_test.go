package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/thebigclass/api/openapi"
)

// copyOf returns a contract and its 3.0 copy, both validated.
func copyOf(t *testing.T, file string) (source *contract, made *openapi3.T) {
	t.Helper()
	source, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := oas30Copy(source)
	if err != nil {
		t.Fatal(err)
	}
	loader := openapi3.NewLoader()
	if made, err = loader.LoadFromData(raw); err != nil {
		t.Fatal(err)
	}
	if err := made.Validate(loader.Context); err != nil {
		t.Fatal(err)
	}
	return source, made
}

// Who forks the 3.0 copy must get the same operations, parameters and required members.
func TestOAS30_SaysTheSameAsTheContract(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../openapi/tbc-v1.yaml", "testdata/school.yaml", "testdata/notes.yaml"} {
		source, made := copyOf(t, file)
		if made.OpenAPI != "3.0.3" || made.Webhooks != nil {
			t.Errorf("%s: version %s, webhooks %v", file, made.OpenAPI, made.Webhooks)
		}
		if want, got := outline(source.doc), outline(made); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v\nwant %v", file, got, want)
		}
		if _, kept := made.Extensions["x-webhooks"]; kept != (len(source.doc.Webhooks) > 0) {
			t.Errorf("%s: x-webhooks kept: %t", file, kept)
		}
	}
}

// outline lists the operations with their parameters and responses, and the required members of
// all schemas.
func outline(doc *openapi3.T) map[string][]string {
	out := map[string][]string{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			key := method + " " + path + " " + op.OperationID
			for _, ref := range append(slices.Clone(item.Parameters), op.Parameters...) {
				entry := ref.Value.In + " " + ref.Value.Name
				if ref.Value.Required {
					entry += " required"
				}
				out[key] = append(out[key], entry)
			}
			for status := range op.Responses.Map() {
				out[key] = append(out[key], status)
			}
			slices.Sort(out[key])
		}
	}
	for name, ref := range doc.Components.Schemas {
		out["schema "+name] = slices.Sorted(slices.Values(ref.Value.Required))
	}
	return out
}

func TestOAS30_CommittedCopyIsCurrent(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tbc-v1.yaml")
	if err := os.WriteFile(file, openapi.Bundle, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	made, err := oas30Copy(c)
	if err != nil || !bytes.Equal(made, openapi.Bundle30) {
		t.Errorf("openapi/tbc-v1.oas30.yaml is not what contractgen makes of openapi/tbc-v1.yaml: run make generate (%v)", err)
	}
}
