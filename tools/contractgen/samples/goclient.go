package samples

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
)

// A goClient is what samples in Go need to know of the generated client.
type goClient struct {
	types     map[string]*ast.TypeSpec
	constants map[string]map[string]string // names by type and value
	methods   map[string]*ast.FuncType     // those of ClientWithResponses
}

// parseClient reads gen/client/client.gen.go.
func parseClient(source []byte) (*goClient, error) {
	tree, err := parser.ParseFile(token.NewFileSet(), "client.gen.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := &goClient{map[string]*ast.TypeSpec{}, map[string]map[string]string{}, map[string]*ast.FuncType{}}
	for _, declaration := range tree.Decls {
		switch d := declaration.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				c.declare(spec)
			}
		case *ast.FuncDecl:
			if d.Recv != nil && receiver(d) == "ClientWithResponses" {
				c.methods[d.Name.Name] = d.Type
			}
		}
	}
	return c, nil
}

// declare notes a type, or a constant that is a value of an enum.
func (c *goClient) declare(spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		c.types[s.Name.Name] = s
	case *ast.ValueSpec:
		name, ok := s.Type.(*ast.Ident)
		if !ok || len(s.Values) != 1 {
			return
		}
		literal, ok := s.Values[0].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return
		}
		value, _ := strconv.Unquote(literal.Value) // what the parser took for a string is one
		if c.constants[name.Name] == nil {
			c.constants[name.Name] = map[string]string{}
		}
		c.constants[name.Name][value] = s.Names[0].Name
	}
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	if star, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok {
		if name, ok := star.X.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}

// resolve follows aliases and names to what a type is made of, and returns the last name on the way.
func (c *goClient) resolve(of ast.Expr) (made ast.Expr, name string) {
	for {
		ident, ok := of.(*ast.Ident)
		if !ok || c.types[ident.Name] == nil {
			return of, name
		}
		name, of = ident.Name, c.types[ident.Name].Type
	}
}

// field finds the field of a struct that has a JSON name.
func (c *goClient) field(of ast.Expr, member string) (name string, kind ast.Expr, err error) {
	made, _ := c.resolve(of)
	object, ok := made.(*ast.StructType)
	if !ok {
		return "", nil, fmt.Errorf("the Go client has no struct that could have %s", member)
	}
	for _, field := range object.Fields.List {
		if field.Tag == nil {
			continue
		}
		tag, _ := strconv.Unquote(field.Tag.Value) // what the parser took for a string is one
		if first, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); first == member {
			return field.Names[0].Name, field.Type, nil
		}
	}
	return "", nil, fmt.Errorf("the Go client's struct has no member %s", member)
}

// answers are the fields of an operation's response that a success fills, and the type they point to.
func (c *goClient) answers(operation string) (fields []string, kind ast.Expr) {
	made, _ := c.resolve(ast.NewIdent(operation + "Response"))
	object, ok := made.(*ast.StructType)
	if !ok {
		return nil, nil
	}
	for _, field := range object.Fields.List {
		if strings.HasPrefix(field.Names[0].Name, "JSON2") {
			fields, kind = append(fields, field.Names[0].Name), field.Type.(*ast.StarExpr).X
		}
	}
	return fields, kind
}
