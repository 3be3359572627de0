package runtime

import (
	"mime"
	"net/http"
	"strings"
)

// Input is what a Decode function reads of a request.
type Input struct {
	// RawQuery is the query as it was sent, without the question mark.
	RawQuery string
	// PathParam returns a path parameter, percent-decoded once. It may be nil where a path has none.
	PathParam func(name string) string
	// Header is the header of the request.
	Header http.Header
	// Body is the whole body, or its first MaxBodyBytes+1 bytes: that is enough to refuse it.
	Body []byte
}

// contentEncoding refuses every Content-Encoding: what is decompressed has no bound that the sender paid for.
func (d *details) contentEncoding(header http.Header) {
	if len(header["Content-Encoding"]) > 0 {
		d.add("Content-Encoding", "must not be sent: bodies are read as they are, without compression")
	}
}

// mediaType accepts application/json alone, in UTF-8.
func (d *details) mediaType(header http.Header) bool {
	values := header["Content-Type"]
	if len(values) == 1 && isJSON(values[0]) {
		return true
	}
	d.add("Content-Type", "must be application/json, in UTF-8")
	return false
}

// isJSON reports whether a Content-Type names JSON in UTF-8. Parameters other than charset mean
// nothing for this type and are ignored.
func isJSON(contentType string) bool {
	if contentType == "application/json" || contentType == "application/json; charset=utf-8" {
		return true
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/json" {
		return false
	}
	charset, named := parameters["charset"]
	return !named || strings.EqualFold(charset, "utf-8")
}
