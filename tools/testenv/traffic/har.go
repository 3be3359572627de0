package traffic

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// File is a HAR 1.2 file: http://www.softwareishard.com/blog/har-12-spec/.
type File struct {
	Log struct {
		Version string  `json:"version"`
		Creator any     `json:"creator"`
		Entries []Entry `json:"entries"`
	} `json:"log"`
}

// Entry is one exchange.
type Entry struct {
	Started  string         `json:"startedDateTime"` // what the answer's Date says
	Time     int            `json:"time"`            // milliseconds; not measured, as no reader here asks
	Request  Request        `json:"request"`
	Response Response       `json:"response"`
	Cache    struct{}       `json:"cache"`
	Timings  map[string]int `json:"timings"`
}

// Request is what was sent.
type Request struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	HTTPVersion string `json:"httpVersion"`
	Cookies     []Pair `json:"cookies"`
	Headers     []Pair `json:"headers"`
	QueryString []Pair `json:"queryString"`
	PostData    *Post  `json:"postData,omitempty"`
	HeadersSize int    `json:"headersSize"` // -1: not known
	BodySize    int    `json:"bodySize"`
}

// Response is what was answered.
type Response struct {
	Status      int     `json:"status"`
	StatusText  string  `json:"statusText"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []Pair  `json:"cookies"`
	Headers     []Pair  `json:"headers"`
	Content     Content `json:"content"`
	RedirectURL string  `json:"redirectURL"`
	HeadersSize int     `json:"headersSize"` // -1: not known
	BodySize    int     `json:"bodySize"`
}

// Pair is a header or a parameter of the query.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Post is the body of a request.
type Post struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Params   []Pair `json:"params"`
}

// Content is the body of an answer.
type Content struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"` // base64 where the bytes are no text
}

// entryOf is the exchange as it is written down. A request that was refused (4xx) says nothing about what the server
// takes: its query and body stay out, so that what it should not have sent is nobody's use of the contract. Its
// method, path and headers are kept, and its answer like every other.
func entryOf(request *http.Request, sent []byte, status int, header http.Header, body []byte) Entry {
	address := *request.URL
	var post *Post
	if refused := status >= 400 && status < 500; refused {
		address.RawQuery, address.ForceQuery = "", false
	} else if len(sent) > 0 {
		post = &Post{MimeType: request.Header.Get("Content-Type"), Text: string(sent), Params: []Pair{}}
	}
	return Entry{
		Started: startOf(header),
		Timings: map[string]int{"send": 0, "wait": 0, "receive": 0},
		Request: Request{
			Method: request.Method, URL: address.String(), HTTPVersion: "HTTP/1.1", Cookies: []Pair{},
			Headers: pairs(redacted(request.Header)), QueryString: pairs(address.Query()), PostData: post, HeadersSize: -1, BodySize: len(sent),
		},
		Response: Response{
			Status: status, StatusText: http.StatusText(status), HTTPVersion: "HTTP/1.1", Cookies: []Pair{},
			Headers: pairs(header), Content: contentOf(header, body), HeadersSize: -1, BodySize: len(body),
		},
	}
}

func startOf(header http.Header) string {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		date = time.Unix(0, 0)
	}
	return date.UTC().Format(time.RFC3339)
}

func contentOf(header http.Header, body []byte) Content {
	content := Content{Size: len(body), MimeType: header.Get("Content-Type"), Text: string(body)}
	if !utf8.Valid(body) {
		content.Text, content.Encoding = base64.StdEncoding.EncodeToString(body), "base64"
	}
	return content
}

// redacted are the headers without what opens anything. The scheme of Authorization stays: it is part of the contract.
func redacted(header http.Header) http.Header {
	header = header.Clone()
	for i, value := range header["Authorization"] {
		scheme, _, spaced := strings.Cut(value, " ")
		if !spaced {
			scheme = ""
		}
		header["Authorization"][i] = strings.TrimSpace(scheme + " redacted")
	}
	for _, name := range []string{"Cookie", "X-Api-Key"} {
		if header.Get(name) != "" {
			header.Set(name, "redacted")
		}
	}
	return header
}

// pairs are in the order of names, so that files can be compared.
func pairs(values map[string][]string) []Pair {
	list := []Pair{}
	for name, all := range values {
		for _, value := range all {
			list = append(list, Pair{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b Pair) int { return strings.Compare(a.Name, b.Name) })
	return list
}
