package samples

import (
	"fmt"
	"go/ast"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The Go for the first moment of this day.
const goToday = "time.Now().UTC().Truncate(24 * time.Hour)"

// A goValue is an expression, and how a pointer to it can be had.
type goValue struct {
	text      string
	composite bool   // a composite literal: & gives its address
	number    string // the type that a number needs behind a pointer, or ""
}

// value writes an example as an expression of a type of the client. An element of a list leaves its type out.
func (c *goClient) value(node *yaml.Node, of ast.Expr, element bool) (goValue, error) {
	if pointer, ok := of.(*ast.StarExpr); ok {
		return c.pointer(node, pointer.X)
	}
	made, name := c.resolve(of)
	switch made := made.(type) {
	case *ast.StructType:
		opening := "client." + name
		if element {
			opening = ""
		}
		return c.object(node, of, opening)
	case *ast.ArrayType:
		return c.elements(node, made)
	case *ast.MapType:
		opening := "map[string]string"
		if _, pointers := made.Value.(*ast.StarExpr); pointers {
			opening = "map[string]*string" // of a patch, in which null takes an entry away
		}
		return c.object(node, of, opening)
	case *ast.SelectorExpr:
		return moment(node, made)
	case *ast.Ident:
		return c.scalar(node, made.Name, name)
	}
	return goValue{}, fmt.Errorf("line %d: the Go client has a type here that no sample is written for", node.Line)
}

// pointer writes the address of a value; null is the address of nothing.
func (c *goClient) pointer(node *yaml.Node, of ast.Expr) (goValue, error) {
	value, err := c.value(node, of, false)
	switch {
	case err != nil:
		return goValue{}, err
	case value.composite:
		return goValue{text: "&" + value.text}, nil
	case value.number != "":
		return goValue{text: "new(" + value.number + "(" + value.text + "))"}, nil
	}
	return goValue{text: "new(" + value.text + ")"}, nil
}

// object writes a struct or a map, on one line if that is short.
func (c *goClient) object(node *yaml.Node, of ast.Expr, opening string) (goValue, error) {
	made, _ := c.resolve(of)
	var parts []string
	for member, below := range members(node) {
		name, kind := strconv.Quote(member), ast.Expr(nil)
		if entries, ok := made.(*ast.MapType); ok {
			kind = entries.Value
		} else {
			var err error
			if name, kind, err = c.field(of, member); err != nil {
				return goValue{}, fmt.Errorf("line %d: %w", below.Line, err)
			}
		}
		value, err := c.value(below, kind, false)
		if err != nil {
			return goValue{}, err
		}
		parts = append(parts, name+": "+value.text)
	}
	return composite(opening, parts), nil
}

// elements writes a slice.
func (c *goClient) elements(node *yaml.Node, of *ast.ArrayType) (goValue, error) {
	var parts []string
	for _, below := range node.Content {
		value, err := c.value(below, of.Elt, true)
		if err != nil {
			return goValue{}, err
		}
		parts = append(parts, value.text)
	}
	opening := "[]string"
	if made, name := c.resolve(of.Elt); !isNamed(made, "string") || c.constants[name] != nil {
		opening = "[]client." + name
	}
	return composite(opening, parts), nil
}

// composite puts parts between braces. gofmt does the rest.
func composite(opening string, parts []string) goValue {
	text := opening + "{" + strings.Join(parts, ", ") + "}"
	if strings.Contains(text, "\n") || len(text) > widest {
		text = opening + "{\n" + strings.Join(parts, ",\n") + ",\n}"
	}
	return goValue{text: text, composite: true}
}

// scalar writes a text, a number, true or false: a constant of the client where there is one.
func (c *goClient) scalar(node *yaml.Node, made, name string) (goValue, error) {
	if node.ShortTag() == tagVariable {
		return goValue{text: variable(node.Value).initialism()}, nil
	}
	if constant := c.constants[name][node.Value]; constant != "" {
		return goValue{text: "client." + constant}, nil
	}
	switch {
	case made == "string" && node.ShortTag() == "!!str":
		return goValue{text: strconv.Quote(node.Value)}, nil
	case made == "int64":
		return goValue{text: node.Value, number: made}, nil
	case made == "int" || made == "bool":
		return goValue{text: node.Value}, nil
	}
	return goValue{}, fmt.Errorf("line %d: no Go %s can be %s", node.Line, made, node.Value)
}

// moment writes a time.
func moment(node *yaml.Node, of *ast.SelectorExpr) (goValue, error) {
	if node.ShortTag() == tagToday {
		return goValue{text: goToday}, nil
	}
	at, err := time.Parse(time.RFC3339, node.Value)
	if err != nil || of.Sel.Name != "Time" {
		return goValue{}, fmt.Errorf("line %d: %s is no time", node.Line, node.Value)
	}
	return goValue{text: fmt.Sprintf("time.Date(%d, %d, %d, %d, %d, %d, 0, time.UTC)",
		at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second())}, nil
}

// isNamed tells whether a type is a plain one of a name.
func isNamed(of ast.Expr, name string) bool {
	ident, ok := of.(*ast.Ident)
	return ok && ident.Name == name
}
