package main

import (
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *contract {
	t.Helper()
	c, err := parseContract([]byte(text), smallPromise)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPlace_FollowsReferencesToWhereTheyLead(t *testing.T) {
	t.Parallel()
	c := parse(t, `
paths:
  /a/{id}: {description: slash}
first: {$ref: '#/second'}
second: {$ref: '#/paths/~1a~1{id}'}
`)
	p := c.top().at("first")
	if p.own("description") != "slash" || p.pointer != "/paths/~1a~1{id}" {
		t.Errorf("led to %q, %v", p.pointer, p.value)
	}
	if p.String() != "paths//a/{id}" {
		t.Errorf("reads %q", p.String())
	}
}

// A circle of references must end as a missing value, not as a hung build.
func TestPlace_CircleOfReferencesIsNothing(t *testing.T) {
	t.Parallel()
	c := parse(t, "first: {$ref: '#/second'}\nsecond: {$ref: '#/first'}\n")
	if p := c.top().at("first"); p.exists() {
		t.Errorf("found %v", p.value)
	}
}

func TestPlace_MissingKeysAreNothingAllTheWayDown(t *testing.T) {
	t.Parallel()
	c := parse(t, "list: [a, b]\ntext: hello\n")
	for _, path := range [][]string{{"none"}, {"none", "deeper"}, {"list", "2"}, {"list", "x"}, {"text", "x"}} {
		if p := c.top().at(path...); p.exists() {
			t.Errorf("%v: found %v", path, p.value)
		}
	}
	if got := c.top().at("list", "1").value; got != "b" {
		t.Errorf("list/1 is %v", got)
	}
}

func TestParse_WhatIsNotYAMLIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := parseContract([]byte("a: [b"), smallPromise); err == nil {
		t.Error("accepted")
	}
}

// What a path shares with its methods counts for each of them.
func TestOperation_ParametersOfThePathAreCounted(t *testing.T) {
	t.Parallel()
	c := parse(t, `
paths:
  /things/{id}:
    parameters: [{name: id, in: path, schema: {type: string}}]
    get: {parameters: [{name: q, in: query, schema: {type: integer}}]}
`)
	var names, schemas []string
	c.eachParameter(func(_ operation, p place) { names = append(names, p.own("name")) })
	c.eachSchema(func(s place) { schemas = append(schemas, s.own("type")) })
	if !slices.Equal(names, []string{"id", "q"}) || !slices.Equal(schemas, []string{"string", "integer"}) {
		t.Errorf("parameters %v, schemas %v", names, schemas)
	}
}

func TestSchemas_EveryDepthIsVisitedOnce(t *testing.T) {
	t.Parallel()
	c := parse(t, `
components:
  schemas:
    A:
      type: object
      properties:
        list: {type: array, items: {type: string, title: item}}
        map: {type: object, additionalProperties: {type: string, title: value}, propertyNames: {type: string, title: name}}
        either: {anyOf: [{$ref: '#/components/schemas/B'}, {type: 'null', title: nothing}]}
    B: {type: string, title: b}
`)
	var titles []string
	c.eachSchema(func(s place) {
		if title := s.own("title"); title != "" {
			titles = append(titles, title)
		}
	})
	slices.Sort(titles)
	if got := strings.Join(titles, " "); got != "b item name nothing value" {
		t.Errorf("visited %s", got)
	}
}

func TestNullable_TypeListsAndAlternatives(t *testing.T) {
	t.Parallel()
	c := parse(t, `
a: {type: [string, 'null']}
b: {anyOf: [{type: object}, {type: 'null'}]}
c: {type: string}
d: {anyOf: [{type: object}, {type: string}]}
`)
	for key, want := range map[string]bool{"a": true, "b": true, "c": false, "d": false} {
		if got := c.top().at(key).nullable(); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
}

func TestSentenceCase(t *testing.T) {
	t.Parallel()
	for summary, want := range map[string]bool{
		"List students":    true,
		"Fetch the API":    true,
		"list students":    false,
		"List Students":    false,
		"List students.":   false,
		"":                 false,
		"Écouter un cours": true,
	} {
		if got := sentenceCase(summary); got != want {
			t.Errorf("%q: %v", summary, got)
		}
	}
}

// An extension may hide anywhere, in arrays and inside other extensions too.
func TestExtensions_UnknownOnesAreFoundAtEveryDepth(t *testing.T) {
	t.Parallel()
	c := parse(t, "servers: [{x-one: 1}]\nx-scopes: [{x-two: {x-three: 3}}]\n")
	var found tally
	knownExtensions(c, &found)
	want := []string{"servers/0/x-one", "x-scopes/0/x-two", "x-scopes/0/x-two/x-three"}
	if found.total != 4 || !slices.Equal(found.offenders, want) {
		t.Errorf("%d counted, offenders %q", found.total, found.offenders)
	}
}

func TestExamples_ForeignHostsAreHarmful(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"thebigclass.com": true, "media.example.com": true, "your-app.example": true, "127.0.0.1": true,
		"acme.com": false, "notexample.com": false, "thebigclass.com.evil.io": false,
	} {
		if got := harmless(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// The vector is OpenSSL's: printf '%s' '1716102400.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test_a.
func TestSign_IsWhatOpenSSLSays(t *testing.T) {
	t.Parallel()
	const want = "t=1716102400,v1=2d93619b59e0dd949349c1017a6a6bc5226ebe9471cc2e270c493f12d960ada0"
	if got := sign("whsec_test_a", "1716102400", `{"id":"evt_1"}`); got != want {
		t.Errorf("signed %s", got)
	}
}
