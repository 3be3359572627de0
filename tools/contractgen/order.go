package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// orderedFiles are oapi-codegen's files below the folder of package gen that hold types.
var orderedFiles = []string{"types.gen.go", "client/client.gen.go"}

// orderTypes puts the fields of the types that oapi-codegen wrote into the contract's order. oapi-codegen
// sorts them by name; encoding/json writes them as they stand, and a reader of an answer expects the id first,
// as in the contract's examples. A file that is not there is left out: it is not this program that makes it.
func orderTypes(c *contract, dir string, outputs map[string][]byte) error {
	orders := map[string][]string{}
	c.collectOrders(c.root, orders)
	for _, name := range orderedFiles {
		file := filepath.Join(dir, name)
		source, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if outputs[file], err = orderFields(source, orders); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// collectOrders notes the member order of every object schema at or below node, keyed by the set of its members:
// the Go type of a schema is known by its JSON tags, however oapi-codegen named it.
func (c *contract) collectOrders(node *yaml.Node, orders map[string][]string) {
	if names := c.memberNames(node); orders[setOf(names)] == nil {
		orders[setOf(names)] = names
	}
	for _, below := range node.Content {
		c.collectOrders(below, orders)
	}
}

// memberNames lists the members of a schema, those of what it extends by allOf first.
func (c *contract) memberNames(node *yaml.Node) (names []string) {
	for _, base := range items(child(node, "allOf")) {
		target, _ := c.follow(base)
		names = append(names, c.memberNames(target)...)
	}
	for key := range members(child(node, "properties")) {
		names = append(names, key.Value)
	}
	return names
}

// setOf is the same for every order of the same names.
func setOf(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), " ")
}

// A fieldText is one field of a struct: its JSON name and its source, comments included.
type fieldText struct {
	name string
	text []byte
}

// orderFields rewrites every struct whose JSON members are those of a schema.
func orderFields(source []byte, orders map[string][]string) ([]byte, error) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, "", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	written := 0
	ast.Inspect(tree, func(node ast.Node) bool {
		object, ok := node.(*ast.StructType)
		if !ok {
			return true
		}
		offset := func(at token.Pos) int { return files.Position(at).Offset }
		fields, names := fieldTexts(source, object, offset)
		order := orders[setOf(names)]
		if len(order) != len(fields) || len(fields) == 0 {
			return true
		}
		slices.SortStableFunc(fields, func(a, b fieldText) int {
			return slices.Index(order, a.name) - slices.Index(order, b.name)
		})
		out.Write(source[written : offset(object.Fields.Opening)+1])
		for _, field := range fields {
			out.WriteString("\n")
			out.Write(field.text)
			out.WriteString("\n")
		}
		written = offset(object.Fields.Closing)
		return false // what is inside was written as it stood
	})
	out.Write(source[written:])
	return format.Source(out.Bytes())
}

// fieldTexts cuts a struct into its fields.
func fieldTexts(source []byte, object *ast.StructType, offset func(token.Pos) int) (fields []fieldText, names []string) {
	for _, field := range object.Fields.List {
		if field.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
		name, _, _ := strings.Cut(tag, ",")
		from := field.Pos()
		if field.Doc != nil {
			from = field.Doc.Pos()
		}
		fields = append(fields, fieldText{name, source[offset(from):offset(field.End())]})
		names = append(names, name)
	}
	return fields, names
}
