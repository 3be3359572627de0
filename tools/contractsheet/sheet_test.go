package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// smallPromise is what testdata/small.yaml must hold.
var smallPromise = promise{
	operations: map[string]string{"GET /courses": "read:courses", "POST /enrollments": "write:enrollments"},
	events:     []string{"course.published"},
	codes:      published.codes,
	schemas:    []string{"Course", "ErrorResponse"},
}

func small(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func sheetOf(t *testing.T, text string) []row {
	t.Helper()
	c, err := parseContract([]byte(text), smallPromise)
	if err != nil {
		t.Fatal(err)
	}
	return judge(c)
}

func TestSheet_GoodContractIsAllGood(t *testing.T) {
	t.Parallel()
	for _, r := range failing(sheetOf(t, small(t))) {
		t.Errorf("%s: %v", r.name, r.offenders)
	}
}

// breaks has one small bad contract for each rule: the line old becomes line new.
var breaks = []struct{ rule, old, new string }{
	{"valid for kin-openapi, examples included", "name: limit, in: query", "name: limit, in: nowhere"},
	{"SPDX licence, contact, version, servers", "identifier: MIT", "url: 'https://example.com/mit'"},
	{"promised operations, with their scopes", "  /enrollments:\n", "  /enrolments:\n"},
	{"operationIds: camelCase verb and noun, unique", "operationId: createEnrollment", "operationId: CreateEnrollment"},
	{"summaries: at most 60 characters, sentence case", "summary: Enrol a student", "summary: Enrol A Student."},
	{"operations described", "      description: A course was published.\n", ""},
	{"descriptions that name the unhappy cases", "A bad cursor is a 422.", "Nothing can go wrong."},
	{"tags described and used", "{name: Courses, description: Courses.}", "{name: Courses}"},
	{"parameters described", "description: Size., ", ""},
	{"parameters with a valid example", "maximum: 100}, example: 25", "maximum: 100}"},
	{"request bodies with a valid example", "            example: {courseId: crs_1}\n", ""},
	{"responses with a valid example", "              example: {data: [{id: crs_1, status: draft}], pagination: {nextCursor: null}}\n", ""},
	{"schemas described", "      description: A course.\n", ""},
	{"properties described", "description: The id., ", ""},
	{"response headers described", "description: A number., ", ""},
	{"scalars with a valid example", "examples: [crs_1]}\n        status", "examples: [stu_1]}\n        status"},
	{"enum values described", "draft: Being written., ", ""},
	{"strings bounded", "description: The course., maxLength: 255, ", "description: The course., "},
	{"arrays bounded", "maxItems: 100, ", ""},
	{"numbers bounded on both sides", "schema: {type: integer, minimum: 1, maximum: 100}", "schema: {type: integer, minimum: 1}"},
	{"request bodies closed", "      additionalProperties: false\n", ""},
	{"responses open", "description: Where it goes on.\n", "description: Where it goes on.\n      additionalProperties: false\n"},
	{"members camelCase, the event envelope's own aside", "        status:\n", "        is_new: {type: boolean, description: New., examples: [true]}\n        status:\n"},
	{"nullable members of answers always present", "      required: [nextCursor]\n", ""},
	{"operations with exactly one scope set", "security: [{bearerAuth: ['read:courses']}]", "security: [{bearerAuth: ['read:courses']}, {bearerAuth: ['read:courses']}]"},
	{"scopes described, and all of them used", "{scope: 'read:courses', description: Read.}", "{scope: 'read:courses'}"},
	{"bearer scheme that describes every scope", "        - `read:courses`: read\n", ""},
	{"401, 403, 422, 429 and 500 everywhere", "        '403': {$ref: '#/components/responses/Forbidden'}\n        '404'", "        '404'"},
	{"404 where an id is in path or body", "        '404': {$ref: '#/components/responses/NotFound'}\n", ""},
	{"errors that share one schema", "schema: {$ref: '#/components/schemas/ErrorResponse'}, example: {error: {code: not_found}}", "schema: {type: object}, example: {error: {code: not_found}}"},
	{"error codes with their statuses and meanings", "code: not_found, status: 404", "code: not_found, status: 410"},
	{"error examples whose code fits the status", "example: {error: {code: forbidden}}", "example: {error: {code: not_found}}"},
	{"responses with the six rate headers and a request id", "            X-RateLimit-Daily-Reset: {$ref: '#/components/headers/Number'}\n            X-Request-Id", "            X-Request-Id"},
	{"Retry-After on 429 alone", "        Retry-After: {$ref: '#/components/headers/Number'}\n", ""},
	{"WWW-Authenticate on 401", "        WWW-Authenticate: {$ref: '#/components/headers/Text'}\n", ""},
	{"GETs with ETag, If-None-Match and 304", "            Vary: {$ref: '#/components/headers/Text'}\n", ""},
	{"lists: {data, pagination}, shared limit and cursor", "required: [data, pagination]", "required: [data]"},
	{"POSTs that take Idempotency-Key", "      parameters:\n        - $ref: '#/components/parameters/IdempotencyKey'\n", ""},
	{"the promised events, no more and no fewer", "webhooks:\n", "webhooks:\n  course.archived: {}\n"},
	{"the promised events, no more and no fewer", "      operationId: receiveCoursePublished\n", "      operationId: receiveCoursePublished\n      x-not-subscribable: true\n"},
	{"lists of event types that name them all", "enum: [course.published]\n", "enum: [course.published, course.deleted]\n"},
	{"webhooks with the signature headers", "{name: X-TBC-Delivery, in: header, required: true, ", "{name: X-TBC-Delivery, in: header, "},
	{"webhooks with a valid example", "{type: string, description: The type., const: course.published, examples: [course.published]}", "{type: string, description: The type., const: course.published, examples: [course.published]}\n        id: {type: integer, description: The id., minimum: 1, maximum: 2, examples: [1]}\n      required: [id]"},
	{"webhooks that say what 2xx, 4xx and 5xx do", "1m, 5m, 30m, 2h, 6h and 24h later", "some time later"},
	{"webhook examples whose signature verifies", "whsec_test_small", "whsec_test_other"},
	{"webhook examples whose signature verifies", `body: '{"type":"course.published"}'`, `body: '{"type": "course.published"}'`},
	{"event type is webhook key and X-TBC-Event", "schema: {type: string, const: course.published}\n          example: course.published", "schema: {type: string, const: course.archived}\n          example: course.archived"},
	{"deprecations dated, sunset six months later", "operationId: listCourses", "operationId: listCourses\n      deprecated: true\n      x-deprecated-at: '2026-05-01T00:00:00Z'\n      x-sunset: '2026-10-31T00:00:00Z'"},
	{"extensions that are known", "x-id-prefixes:", "x-colour: red\nx-id-prefixes:"},
	{"links on our own or on example hosts", "https://thebigclass.com/developers", "https://bigclass.io/developers"},
	{"id patterns in the catalogue of prefixes", "x-id-prefixes: {course: crs_}", "x-id-prefixes: {student: stu_}"},
}

// secondOpinion is kin-openapi's row. It may see a fault that a rule of ours sees too.
const secondOpinion = "valid for kin-openapi, examples included"

// A rule that no contract can break would be an ornament, and one that breaks together with
// others would not say where to look.
func TestSheet_EachRuleFailsAlone(t *testing.T) {
	t.Parallel()
	good := small(t)
	for _, b := range breaks {
		t.Run(b.rule, func(t *testing.T) {
			t.Parallel()
			if strings.Count(good, b.old) == 0 {
				t.Fatalf("testdata/small.yaml has no %q", b.old)
			}
			var names []string
			for _, r := range failing(sheetOf(t, strings.Replace(good, b.old, b.new, 1))) {
				if r.name == b.rule || r.name != secondOpinion {
					names = append(names, r.name)
				}
			}
			if len(names) != 1 || names[0] != b.rule {
				t.Errorf("below 100 %%: %q", names)
			}
		})
	}
}

func TestSheet_MissingSchemaIsNamed(t *testing.T) {
	t.Parallel()
	wanting := smallPromise
	wanting.schemas = []string{"Course", "Student"}
	c, err := parseContract([]byte(small(t)), wanting)
	if err != nil {
		t.Fatal(err)
	}
	bad := failing(judge(c))
	if len(bad) != 1 || bad[0].name != "schemas of every promised object" || !strings.HasSuffix(bad[0].offenders[0], "Student") {
		t.Errorf("failing rows: %+v", bad)
	}
}

// Every row must be in the list above, or be tried in a test of its own.
func TestSheet_EveryRuleIsTried(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{"schemas of every promised object": true}
	for _, b := range breaks {
		tried[b.rule] = true
	}
	for _, r := range rules {
		if !tried[r.name] {
			t.Errorf("no test breaks %q", r.name)
		}
	}
}

func TestPrint_NamesTheFirstOffendersAndCountsTheRest(t *testing.T) {
	t.Parallel()
	r := row{rule: rule{item: "9", name: "summaries"}, tally: tally{total: 10, offenders: []string{"a", "b", "c", "d", "e"}}}
	var out bytes.Buffer
	if err := print(&out, []row{r}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"50 %", "! a", "! c", "and 2 more"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "! d") {
		t.Errorf("more than %d offenders in\n%s", offendersShown, out.String())
	}
}
