package runtime

import (
	"net/http"
	"strings"
	"testing"
)

var listParameters = []parameter{
	{name: "limit", integer: &integerRules{1, 100}},
	{name: "cursor", text: &stringRules{min: 1, max: 10}},
	{name: "since", text: &stringRules{format: dateTimeIssue}},
	{name: "active", boolean: true},
	{name: "window", required: true, text: &stringRules{oneOf: []string{"7d", "30d"}}},
	{name: "Trace-ID", in: inHeader, key: "Trace-Id", text: &stringRules{max: 5}},
	{name: "id", in: inPath, text: &stringRules{max: 4}},
}

// issuesOf checks a request and returns its violations as "field: issue" lines.
func issuesOf(in Input) string {
	if in.PathParam == nil {
		in.PathParam = func(string) string { return "id" }
	}
	var d details
	d.contentEncoding(in.Header)
	d.parameters(in, listParameters)
	return lines(d.list)
}

func lines(list []ErrorDetail) string {
	var out []string
	for _, detail := range list {
		out = append(out, detail.Field+": "+detail.Issue)
	}
	return strings.Join(out, "\n")
}

func TestQuery_WhatTheContractAllowsPasses(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"window=7d",
		"window=30d&limit=100&cursor=a%20b&active=false",
		"%77indow=7d&since=2026-05-19T14%3A23%3A14.123456789%2B05%3A30",
		"limit=1&window=7d&cursor=%F0%9F%98%80",
	} {
		if issues := issuesOf(Input{RawQuery: query}); issues != "" {
			t.Errorf("%s: %s", query, issues)
		}
	}
}

// What net/url would drop, guess or pass on is refused, with the name of the parameter.
func TestQuery_RefusesWhatCouldBeMisread(t *testing.T) {
	t.Parallel()
	const since = "since: must be an RFC 3339 time such as 2026-05-19T14:23:14Z"
	for query, want := range map[string]string{
		"limt=5":                                "limt: is not a parameter of this operation",
		"Limit=5":                               "Limit: is not a parameter of this operation",
		"limit=5&limit=5":                       "limit: must be sent once",
		"limit=&limit=5":                        "limit: must not be empty: leave the parameter out instead\nlimit: must be sent once",
		"cursor":                                "cursor: must not be empty: leave the parameter out instead",
		"cursor=%zz":                            "cursor: must be valid percent-encoding of UTF-8 text without NUL",
		"cursor=%":                              "cursor: must be valid percent-encoding of UTF-8 text without NUL",
		"cursor=%ff":                            "cursor: must be valid percent-encoding of UTF-8 text without NUL",
		"cursor=%00":                            "cursor: must be valid percent-encoding of UTF-8 text without NUL",
		"limit=5;x=1":                           "limit: must not contain a semicolon: separate parameters with &, and send a semicolon as %3B",
		"limit=5&":                              "query: must not contain a parameter without a name",
		"limit=5&&cursor=a":                     "query: must not contain a parameter without a name",
		"&":                                     "query: must not contain a parameter without a name\nquery: must not contain a parameter without a name",
		"&limit=5":                              "query: must not contain a parameter without a name",
		"=5":                                    "query: must not contain a parameter without a name",
		"limit=1e2":                             "limit: must be an integer in decimal digits",
		"limit=%2B5":                            "limit: must be an integer in decimal digits",
		"limit=05":                              "limit: must be an integer in decimal digits",
		"limit=5.0":                             "limit: must be an integer in decimal digits",
		"limit=-":                               "limit: must be an integer in decimal digits",
		"limit=1180591620717411303424":          "limit: must be from 1 to 100",
		"limit=0":                               "limit: must be from 1 to 100",
		"limit=-1":                              "limit: must be from 1 to 100",
		"limit=101":                             "limit: must be from 1 to 100",
		"cursor=12345678901":                    "cursor: must have at most 10 characters",
		"active=1":                              "active: must be true or false",
		"active=True":                           "active: must be true or false",
		"since=2026-05-19":                      since,
		"since=2026-05-19t14:23:14z":            since,
		"since=2026-05-19T1:23:14Z":             since,
		"since=2026-05-19T14:23:14,5Z":          since,
		"since=2026-02-30T14:23:14Z":            since,
		"since=2026-05-19T24:00:00Z":            since,
		"since=0000-05-19T14:23:14Z":            since,
		"since=9999-12-31T23:59:59-01:00":       since,
		"since=2026-05-19T14:23:14.1234567891Z": since,
		"since=2026-05-19T14:23:14+05:30":       since + ": in a query, send the plus sign as %2B",
	} {
		if issues := issuesOf(Input{RawQuery: "window=7d&" + query}); issues != want {
			t.Errorf("%s: got %q, want %q", query, issues, want)
		}
	}
}

func TestParameters_AllViolationsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	in := Input{
		RawQuery:  "limit=x&nope=1&cursor=",
		PathParam: func(string) string { return "12345" },
		Header:    http.Header{"Trace-Id": {"123456"}, "Content-Encoding": {"identity"}},
	}
	want := strings.Join([]string{
		"Content-Encoding: must not be sent: bodies are read as they are, without compression",
		"limit: must be an integer in decimal digits",
		"nope: is not a parameter of this operation",
		"cursor: must not be empty: leave the parameter out instead",
		"window: is required",
		"Trace-ID: must have at most 5 characters",
		"id: must have at most 4 characters",
	}, "\n")
	if issues := issuesOf(in); issues != want {
		t.Errorf("got:\n%s\nwant:\n%s", issues, want)
	}
}

func TestHeader_SentOnceAndNotEmpty(t *testing.T) {
	t.Parallel()
	for want, values := range map[string][]string{
		"":                            {"abc"},
		"Trace-ID: must be sent once": {"a", "b"},
		"Trace-ID: must not be empty: leave the header out instead": {""},
	} {
		in := Input{RawQuery: "window=7d", Header: http.Header{"Trace-Id": values}}
		if issues := issuesOf(in); issues != want {
			t.Errorf("%q: got %q, want %q", values, issues, want)
		}
	}
}

// An answer must stay small and be valid JSON, whatever names a hostile caller invents.
func TestDetails_NamesAreCutAndCleaned(t *testing.T) {
	t.Parallel()
	var d details
	d.add(strings.Repeat("é", 1000), "long")
	d.add("a\xffb", "broken")
	if got := d.list[0].Field; len([]rune(got)) != maxFieldLength || !strings.HasSuffix(got, "é…") {
		t.Errorf("a long name became %d characters", len([]rune(got)))
	}
	if got := d.list[1].Field; got != "a\uFFFDb" {
		t.Errorf("a broken name became %q", got)
	}
	for range 2 * maxDetails {
		d.add("x", "y")
	}
	if len(d.list) != maxDetails {
		t.Errorf("%d details, want %d", len(d.list), maxDetails)
	}
}
