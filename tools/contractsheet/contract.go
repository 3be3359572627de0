package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bundleURL names the contract inside the schema compiler. Nothing is ever fetched.
const bundleURL = "mem:///contract.json"

// contract is a bundled OpenAPI document, read twice: as plain values, since the sheet
// counts what is written and a model would hide it, and by kin-openapi, which judges it.
type contract struct {
	root    any
	raw     []byte
	schemas *jsonschema.Compiler
	promise promise
}

// readContract reads a bundle. It reports a file that is missing or is not YAML; that the
// file is not a good contract is for the rules to say.
func readContract(path string, p promise) (*contract, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	return parseContract(raw, p)
}

func parseContract(raw []byte, p promise) (*contract, error) {
	text, err := yaml.YAMLToJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("read the contract as YAML: %w", err)
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the contract as JSON: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(bundleURL, root); err != nil {
		return nil, fmt.Errorf("read the contract's schemas: %w", err)
	}
	return &contract{root: root, raw: raw, schemas: compiler, promise: p}, nil
}

// model lets kin-openapi read and judge the whole document, its own check of examples included.
func (c *contract) model() error {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(c.raw)
	if err != nil {
		return err
	}
	return doc.Validate(loader.Context)
}

// accepts says whether the value passes the schema at that place. The error lists the faults.
func (c *contract) accepts(schema place, value any) error {
	compiled, err := c.schemas.Compile(bundleURL + "#" + schema.pointer)
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

// place is a value of the contract and the JSON pointer that leads to it, references followed.
type place struct {
	c       *contract
	pointer string
	value   any
}

func (c *contract) top() place { return place{c: c, value: c.root} }

// at goes down, one key after the other, and follows a reference wherever it meets one.
// A key that is not there gives a place without a value.
func (p place) at(keys ...string) place {
	for _, key := range keys {
		p = p.step(key).followed()
	}
	return p
}

func (p place) step(key string) place {
	next := place{c: p.c, pointer: p.pointer + "/" + escape(key)}
	switch v := p.value.(type) {
	case map[string]any:
		next.value = v[key]
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i < len(v) {
			next.value = v[i]
		}
	}
	return next
}

// maxHops is how many references may follow each other. More are a circle, which leads nowhere.
const maxHops = 16

func (p place) followed() place {
	for range maxHops {
		ref := p.own("$ref")
		if !strings.HasPrefix(ref, "#/") {
			return p
		}
		p = p.c.top()
		for key := range strings.SplitSeq(ref[2:], "/") {
			p = p.step(unescape(key))
		}
	}
	return place{c: p.c, pointer: p.pointer}
}

// each gives the members of an object by name, or the entries of an array in order.
func (p place) each() []place {
	var places []place
	switch v := p.value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			places = append(places, p.at(key))
		}
	case []any:
		for i := range v {
			places = append(places, p.at(strconv.Itoa(i)))
		}
	}
	return places
}

// keys lists the names of an object's members. With at it keeps the name that a reference loses.
func (p place) keys() []string {
	v, _ := p.value.(map[string]any)
	return slices.Sorted(maps.Keys(v))
}

// own is a string member of this very object, "" if there is none.
func (p place) own(key string) string {
	v, _ := p.value.(map[string]any)
	s, _ := v[key].(string)
	return s
}

func (p place) has(keys ...string) bool {
	v, _ := p.value.(map[string]any)
	for _, key := range keys {
		if _, ok := v[key]; !ok {
			return false
		}
	}
	return true
}

func (p place) exists() bool { return p.value != nil }

func (p place) described() bool { return strings.TrimSpace(p.own("description")) != "" }

// strings is an array of strings, nil for anything else.
func (p place) strings() []string {
	list, _ := p.value.([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// String is the pointer as a person reads it.
func (p place) String() string {
	return unescape(strings.TrimPrefix(p.pointer, "/"))
}

func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func unescape(key string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
}
