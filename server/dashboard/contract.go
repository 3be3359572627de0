package dashboard

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/thebigclass/api/gen"
)

// checkedBody holds what a form says against the contract's rules for the body
// of an operation, so that a page refuses what the API refuses, in the same
// words. Issues are noted at the form's fields; it is false if there was one.
func checkedBody[T any](v *visit, operation string, body map[string]any, e entered, fields map[string]string) (value T, ok bool) {
	text, err := json.Marshal(body)
	if err != nil {
		e.refuse("", "The form could not be read")
		return value, false
	}
	decoded, issues := gen.OperationByID(operation).Decode(gen.Input{
		PathParam: v.param, Header: http.Header{"Content-Type": {"application/json"}}, Body: text,
	})
	for _, issue := range issues {
		name, _, _ := strings.Cut(strings.TrimPrefix(issue.Field, "/"), "/")
		e.refuse(fields["/"+name], issue.Issue)
	}
	value, ok = decoded.(T)
	return value, ok && len(issues) == 0
}
