package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is a bundled contract as plain values, and as it is written.
type document struct {
	path string
	raw  []byte
	root map[string]any
	node yaml.Node
}

// readDocument reads a contract from a file. JSON will do, being YAML.
func readDocument(path string) (*document, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	return parseDocument(path, raw)
}

// parseDocument keeps the bytes as well: order and layout are part of what is released, and values do not have them.
func parseDocument(path string, raw []byte) (*document, error) {
	d := &document{path: path, raw: raw}
	if err := yaml.Unmarshal(raw, &d.node); err != nil {
		return nil, fmt.Errorf("read %s as YAML: %w", path, err)
	}
	if err := d.node.Decode(&d.root); err != nil {
		return nil, fmt.Errorf("read %s as an object: %w", path, err)
	}
	return d, nil
}

// version is info.version. The error says how it has to look.
func (d *document) version() (version, error) {
	text, _ := d.at("info", "version").(string)
	v, err := parseVersion(text)
	if err != nil {
		return version{}, fmt.Errorf("info.version of %s: %w", d.path, err)
	}
	return v, nil
}

// at goes down by member names and is nil where there is no such member.
func (d *document) at(keys ...string) any {
	var value any = d.root
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// object is what a JSON pointer such as #/components/schemas/Course leads to, nil if that is no object.
func (d *document) object(pointer string) map[string]any {
	var found map[string]any
	d.walk(func(place string, object map[string]any) {
		if place == pointer {
			found = object
		}
	})
	return found
}

// walk visits every object of the contract and its pointer, references not followed.
func (d *document) walk(visit func(pointer string, object map[string]any)) {
	var down func(string, any)
	down = func(pointer string, value any) {
		switch v := value.(type) {
		case map[string]any:
			visit(pointer, v)
			for key, inner := range v {
				down(pointer+"/"+escape(key), inner)
			}
		case []any:
			for i, inner := range v {
				down(fmt.Sprint(pointer, "/", i), inner)
			}
		}
	}
	down("#", d.root)
}

// sameButVersion tells whether two contracts are written alike, order included, but for the line of the version.
func (d *document) sameButVersion(other *document) bool {
	return bytes.Equal(d.withoutVersion(), other.withoutVersion())
}

// withoutVersion drops the line that the version stands on. A bundle has one member on each line.
func (d *document) withoutVersion() []byte {
	v := child(child(d.node.Content[0], "info"), "version")
	if v == nil {
		return d.raw
	}
	lines := bytes.SplitAfter(d.raw, []byte("\n"))
	return bytes.Join(slices.Delete(lines, v.Line-1, v.Line), nil)
}

// child is the value of a member, nil if there is none.
func child(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// escape and unescape are those of JSON pointers (RFC 6901): paths are full of slashes.
func escape(key string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(key) }

func unescape(key string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(key) }
