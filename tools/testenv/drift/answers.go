package drift

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/testenv/traffic"
)

// basePath is where the contract's paths begin.
const basePath = "/api/v1"

// answers are what the contract says that each operation may answer.
type answers struct {
	operations []operation
}

// operation is one method of one path.
type operation struct {
	method, path string
	media        map[string][]string // media types by status; none: that answer has no body
}

// answersOf reads the contract.
func answersOf(bundle []byte) (*answers, error) {
	document, err := read(bundle)
	if err != nil {
		return nil, err
	}
	shared := member(member(document, "components"), "responses")
	a := &answers{}
	for path, item := range member(document, "paths") {
		item, _ := item.(object)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if item[method] == nil {
				continue
			}
			op := operation{method: strings.ToUpper(method), path: path, media: map[string][]string{}}
			for status, response := range member(member(item, method), "responses") {
				response, _ := response.(object)
				if reference, ok := response["$ref"].(string); ok {
					response = member(shared, strings.TrimPrefix(reference, "#/components/responses/"))
				}
				op.media[status] = nil
				for name := range member(response, "content") {
					op.media[status] = append(op.media[status], name)
				}
			}
			a.operations = append(a.operations, op)
		}
	}
	return a, nil
}

// undocumented holds an answer against what redocly drift says nothing about: a status or a media type that its
// operation does not have, and a body that is missing or too much. Exchanges of no operation are redocly's to judge.
func (a *answers) undocumented(entry traffic.Entry) []Finding {
	op := a.operation(entry)
	if op == nil {
		return nil
	}
	status := fmt.Sprint(entry.Response.Status)
	media, known := op.media[status]
	got, _, _ := mime.ParseMediaType(entry.Response.Content.MimeType)
	var rule, message string
	switch size := entry.Response.BodySize; {
	case !known:
		rule, message = "undocumented-status", "Undocumented status: "+status
	case len(media) == 0 && size > 0:
		rule, message = "undocumented-body", fmt.Sprintf("Undocumented body of %d bytes", size)
	case len(media) > 0 && !slices.Contains(media, got):
		rule, message = "undocumented-media-type", fmt.Sprintf("Undocumented media type: %q", got)
	case got == "application/json" && size == 0:
		rule, message = "missing-body", "The body is missing"
	default:
		return nil
	}
	return []Finding{{Rule: rule, Severity: "error", Message: message, Method: op.method, Path: op.path, URL: entry.Request.URL, Status: entry.Response.Status, Target: "response"}}
}

// operation finds whose exchange it is. A path beats a template beside it.
func (a *answers) operation(entry traffic.Entry) *operation {
	_, rest, _ := strings.Cut(entry.Request.URL, "://")
	_, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimPrefix("/"+path, basePath)
	var found *operation
	for i := range a.operations {
		op := &a.operations[i]
		if op.method == entry.Request.Method && matches(op.path, path) && (found == nil || op.path == path) {
			found = op
		}
	}
	return found
}

// matches reports whether a path is one of the template's.
func matches(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(want, have string) bool {
		return want == have || strings.HasPrefix(want, "{") && have != ""
	})
}
