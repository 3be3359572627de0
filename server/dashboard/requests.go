package dashboard

import (
	"context"
	"regexp"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// apiPath is where the contract's paths begin.
const apiPath = "/api/v1"

// contractPaths spell the routes of the log as the contract does.
var contractPaths = func() map[string]string {
	paths := map[string]string{}
	for _, op := range gen.Operations {
		paths[apiPath+op.Route] = apiPath + op.Path
	}
	return paths
}()

// loggedRequest is a line of the log as a page shows it.
type loggedRequest struct{ store.Request }

// Path is the path of the contract that was called.
func (r loggedRequest) Path() string {
	if path, ok := contractPaths[r.Route]; ok {
		return path
	}
	return "no such path"
}

// Tone is the class of the status's colour.
func (r loggedRequest) Tone() string {
	switch {
	case r.Status >= 500:
		return "bad"
	case r.Status >= 400:
		return "warn"
	}
	return "good"
}

// Milliseconds is how long it took, in thousandths.
func (r loggedRequest) Milliseconds() float64 { return float64(r.Took.Microseconds()) / 1000 }

// Key is the page of the key that it came with.
func (r loggedRequest) Key() string { return keyPath(r.KeyID, "") }

func loggedRequests(list []store.Request) []loggedRequest {
	lines := make([]loggedRequest, len(list))
	for i, request := range list {
		lines[i] = loggedRequest{request}
	}
	return lines
}

// requestID is what a request id looks like, ours or a caller's own.
var requestID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// foundPage is what a search for a request found.
type foundPage struct {
	ID       string
	Fault    string
	Requests []loggedRequest
}

// findRequests looks for requests by their id.
func (d *Dashboard) findRequests(ctx context.Context, v *visit) (answer, error) {
	page := foundPage{ID: v.query("id")}
	switch {
	case page.ID == "":
		return show("requests", "Find a request", page), nil
	case !requestID.MatchString(page.ID):
		page.Fault = "A request id has 8 to 64 letters, digits and hyphens. It is in the header X-Request-Id of every answer."
		return again("requests", "Find a request", page), nil
	}
	found, err := d.workspace(v).FindRequests(ctx, page.ID)
	page.Requests = loggedRequests(found)
	return show("requests", "Find a request", page), err
}
