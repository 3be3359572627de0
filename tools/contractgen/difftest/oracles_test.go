package difftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/openapi"
)

// A request is one input of a comparison.
type request struct {
	op    *gen.Operation
	query string
	body  []byte // nil: none
}

// ours is the verdict of the generated validator.
func (r request) ours() (body any, issues []gen.ErrorDetail) {
	return r.op.Decode(gen.Input{RawQuery: r.query, PathParam: pathParam, Header: r.header(), Body: r.body})
}

// pathParam gives every path parameter a value that the contract allows.
func pathParam(string) string { return "crs_01HXYA2M4N6P8Q0R2S4T6V8W0X" }

func (r request) header() http.Header {
	if r.body == nil {
		return http.Header{}
	}
	return http.Header{"Content-Type": {"application/json"}}
}

// An oracle says what it has against a request.
type oracle struct {
	name  string
	judge func(request) error
}

// oracles are built once: the JSON Schemas are compiled, kin-openapi's filter compiles on every call.
var oracles = []oracle{{"kin-openapi", newKin().judge}, {"jsonschema", newSchemas().judge}}

// kin judges with openapi3filter, the route being known.
type kin struct {
	doc *openapi3.T
}

func newKin() *kin {
	for name, check := range gen.Formats {
		openapi3.DefineStringFormatValidator(name, openapi3.NewCallbackValidator(func(text string) error {
			return asError(check(text))
		}))
	}
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Bundle)
	if err != nil {
		panic(err)
	}
	return &kin{doc}
}

// asError turns an issue into an error.
func asError(issue string) error {
	if issue == "" {
		return nil
	}
	return errors.New(issue)
}

func (k *kin) judge(r request) error {
	return openapi3filter.ValidateRequest(context.Background(), k.input(r))
}

// input is what openapi3filter needs of a request.
func (k *kin) input(r request) *openapi3filter.RequestValidationInput {
	path := braces.ReplaceAllString(r.op.Path, pathParam(""))
	item := k.doc.Paths.Value(r.op.Path)
	httpRequest := &http.Request{Method: r.op.Method, URL: &url.URL{Path: path, RawQuery: r.query}, Header: r.header()}
	if r.body != nil {
		httpRequest.Body = readCloser{bytes.NewReader(r.body)}
	}
	return &openapi3filter.RequestValidationInput{
		Request:    httpRequest,
		PathParams: map[string]string{"id": pathParam("id")},
		Route: &routers.Route{Spec: k.doc, Path: r.op.Path, PathItem: item, Method: r.op.Method,
			Operation: item.GetOperation(r.op.Method)},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// schemas judges with the JSON Schemas of the contract, compiled once.
type schemas struct {
	bodies     map[string]*jsonschema.Schema // by operationId
	required   map[string]bool               // whether there must be a body
	parameters map[string]map[string]queryParameter
}

// queryParameter is one query parameter of an operation.
type queryParameter struct {
	schema *jsonschema.Schema
	kind   string
}

const bundleURL = "https://example.com/contract"

func newSchemas() *schemas {
	var document any
	if err := yaml.Unmarshal(openapi.Bundle, &document); err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for name, check := range gen.Formats {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(value any) error {
			text, ok := value.(string)
			if !ok {
				return nil
			}
			return asError(check(text))
		}})
	}
	if err := compiler.AddResource(bundleURL, jsonValue(document)); err != nil {
		panic(err)
	}
	s := &schemas{bodies: map[string]*jsonschema.Schema{}, required: map[string]bool{}, parameters: map[string]map[string]queryParameter{}}
	doc := newKin().doc
	for _, op := range gen.Operations {
		s.compile(compiler, op, doc.Paths.Value(op.Path).GetOperation(op.Method))
	}
	return s
}

// compile compiles the schemas of one operation.
func (s *schemas) compile(compiler *jsonschema.Compiler, op gen.Operation, described *openapi3.Operation) {
	at := "/paths/" + pointerToken(op.Path) + "/" + strings.ToLower(op.Method)
	if described.RequestBody != nil {
		s.required[op.ID] = described.RequestBody.Value.Required
		s.bodies[op.ID] = compiler.MustCompile(bundleURL + "#" + at + "/requestBody/content/application~1json/schema")
	}
	s.parameters[op.ID] = map[string]queryParameter{}
	for i, ref := range described.Parameters {
		if ref.Value.In != "query" {
			continue
		}
		place := fmt.Sprintf("%s/parameters/%d", at, i)
		if ref.Ref != "" {
			place = strings.TrimPrefix(ref.Ref, "#")
		}
		s.parameters[op.ID][ref.Value.Name] = queryParameter{
			schema: compiler.MustCompile(bundleURL + "#" + place + "/schema"),
			kind:   ref.Value.Schema.Value.Type.Slice()[0],
		}
	}
}

// pointerToken escapes a path for the fragment of a URL.
func pointerToken(path string) string {
	return url.PathEscape(strings.ReplaceAll(path, "/", "~1"))
}

func (s *schemas) judge(r request) error {
	for name, values := range parsedQuery(r.query) {
		parameter, known := s.parameters[r.op.ID][name]
		if !known {
			return fmt.Errorf("unknown parameter %q", name)
		}
		if err := parameter.schema.Validate(parameter.value(values[0])); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	schema := s.bodies[r.op.ID]
	if schema == nil || r.body == nil && !s.required[r.op.ID] {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// value is what the text of a parameter means in JSON.
func (p queryParameter) value(text string) any {
	if slices.Contains([]string{"integer", "number", "boolean"}, p.kind) {
		if value, err := jsonschema.UnmarshalJSON(strings.NewReader(text)); err == nil {
			return value
		}
	}
	return text
}
