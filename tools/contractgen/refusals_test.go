package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeContract writes testdata/school.yaml with one piece of it replaced, and returns the file.
func writeContract(t *testing.T, old, replacement string) (file string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/school.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(raw), old) != 1 {
		t.Fatalf("%q is %d times in the contract, not once", old, strings.Count(string(raw), old))
	}
	file = filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(string(raw), old, replacement, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// lineOf is the line of the first occurrence of text in file.
func lineOf(t *testing.T, file, text string) int {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(raw), text)
	if !found {
		t.Fatalf("%q is not in the contract", text)
	}
	return 1 + strings.Count(before, "\n")
}

// A refusal replaces a piece of the contract and expects an error at the line of at, which is
// somewhere in the replacement.
type refusal struct {
	old, replacement, at, want string
}

var refusals = []refusal{
	{"minimum: 0, maximum: 10}", "minimum: 0, maximum: 10, multipleOf: 5}", "multipleOf", `keyword "multipleOf" is not supported on type integer`},
	{"minimum: 0, maximum: 10}", "minimum: 0}", "scores:", "needs a minimum and a maximum"},
	{"minimum: 0, maximum: 10}", "minimum: 0, maximum: 1e30}", "scores:", "must be integers that fit"},
	{"minimum: 0, maximum: 1}", "minimum: 0}", "share: {", "needs a minimum, a maximum and the format double"},
	{"format: uri", "format: hostname", "format: hostname", `format "hostname" is not supported on type string`},
	{"format: int64, description: How often.", "format: uint8", "format: uint8", `format "uint8" is not supported on type integer`},
	{"type: boolean, description: Whether to write., default: false", "type: boolean, enum: [true]", "enum: [true]", `keyword "enum" is not supported on type boolean`},
	{"{type: boolean, description: Whether to write., default: false}", "{description: Anything.}", "Anything", "needs a type"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: [string, integer]}", "[string, integer]", "several types is not supported"},
	{"{type: boolean, description: Whether to write., default: false}", "{oneOf: [{type: string}, {type: 'null'}]}", "oneOf", "needs a type"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: object, additionalProperties: false, properties: {a: {type: string}}}", "sendInvite", "needs a name"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: object, properties: {a: {type: string}}, additionalProperties: {type: string}}", "sendInvite", "both properties and a schema"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: array, items: {type: string, enum: [a]}}", "sendInvite", "an enum of items needs a name"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: array, items: {type: [string, 'null']}}", "sendInvite", "null as an item"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: array, items: {type: array, items: {type: string}}}", "sendInvite", "an array or a map of arrays or maps"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: array, uniqueItems: true, items: {$ref: '#/components/schemas/Guardian'}}", "sendInvite", "uniqueItems is not supported on items of type object"},
	{"{type: boolean, description: Whether to write., default: false}", "{type: array}", "sendInvite", "needs items"},
	{"enum: [beginner, expert, null]", "enum: [beginner, expert]", "enum: [beginner", "must list null exactly if its type does"},
	{"enum: [beginner, expert, null]", "enum: [beginner, 5, null]", "enum: [beginner", "enum value 5 is not a string"},
	{"status: {$ref: '#/components/schemas/PupilStatus'}\n        level", "status: {$ref: '#/components/schemas/PupilStatus', minLength: 1}\n        level", "minLength: 1}\n        level", `keyword "minLength" beside a $ref`},
	{"description: Whom to call next., ", "maxProperties: 1, ", "nanny:", `keyword "maxProperties" beside anyOf`},
	{"- {name: cursor, in: query, description: Where to go on., schema: {type: string, minLength: 1,", "- {name: cursor, in: query, schema: {type: string, pattern: '(?=x)',", "(?=x)", "is not a regular expression of Go"},
	{"    Guardian:\n", "    Deprecation: {type: string}\n    Guardian:\n", "Deprecation: {", "the name Deprecation is taken"},
	{"additionalProperties: false\n      required: [name, share]", "required: [name, share]", "type: object\n      description: Whom to call.", "must be closed"},
	{"required: [name, share]", "required: [name, nick]", "required: [name, nick]", `required member "nick" is not among the properties`},
	{"schema: {$ref: '#/components/schemas/PupilCreate'}", "schema: {type: object}", "schema: {type: object}", "must refer to a named schema"},
	{"required: true\n        description: The pupil.\n        content:\n          application/json:", "required: true\n        description: The pupil.\n        content:\n          text/plain:", "required: true\n        description: The pupil.", "must be application/json alone"},
	{"in: query, description: Birthday.", "in: cookie, description: Birthday.", "in: cookie", `a parameter in "cookie" is not supported`},
	{"in: query, description: Birthday.", "in: query, style: form, description: Birthday.", "style: form", `"style" is not supported on a parameter`},
	{"description: Birthday., schema: {type: string, format: date}}", "description: Birthday., schema: {type: array, items: {type: string}}}", "description: Birthday., schema", `a parameter of type "array" is not supported`},
	{"description: Birthday., schema: {type: string, format: date}}", "description: Birthday., schema: {type: [string, 'null']}}", "description: Birthday., schema", "cannot be null"},
	{"- bearerAuth: ['write:pupils']", "- bearerAuth: ['write:pupils', 'read:pupils']", "- bearerAuth: ['write:pupils', ", "several scopes, which is not supported"},
	{"- bearerAuth: ['write:pupils']", "- bearerAuth: ['write:pupil']", "- bearerAuth: ['write:pupil'", `scope "write:pupil" is not in x-scopes`},
	{"      security:\n        - bearerAuth: ['write:pupils']\n", "", "operationId: createPupil", "needs one security requirement"},
	{"x-sunset: '2026-09-01T00:00:00Z'", "x-sunset: '2026-06-01T00:00:00Z'", "operationId: getPupil", "at least 6 months after"},
	{"      x-sunset: '2026-09-01T00:00:00Z'\n", "", "operationId: getPupil", "needs x-deprecated-at and x-sunset"},
	{"  pupil.created:\n", "  pupil.made:\n", "type: object\n      description: The event.", `must be the constant "pupil.made"`},
	{"schema: {$ref: '#/components/schemas/PupilCreatedEvent'}", "schema: {type: object}", "pupil.created:", "must refer to a named schema"},
	{"example: {id: evt_2,", "x-example: {id: evt_2,", "school.tested:", "needs an example"},
	{"example: {id: evt_2,", "example: {id: evt_2, on: 2026-05-01,", "example: {id: evt_2, on", `has "2026-05-01", which JSON does not have`},
	{", message: A valid API key is needed.}", "}", "{code: unauthorized", "message is missing here"},
	{"enum: [unauthorized, invalid_request, internal_error]", "enum: [unauthorized, invalid_request]", "{code: internal_error", `"internal_error" is not a value of the schema ErrorCode`},
	{"description: 'E.164, or nothing.'", "enum: [a, null]", "enum: [a, null]", "of a type that overlay.yaml lists"},
	{"type: [integer, 'null'], description: 'Seats, or none.'", "type: [integer, 'null'], format: int32", "places:", "of a type that overlay.yaml lists"},
	{"type: [integer, 'null'], description: 'Seats, or none.', minimum: 1, maximum: 3", "type: [boolean, 'null']", "places:", "of a type that overlay.yaml lists"},
	{"format: date-time, description: 'First day, or none.'", "format: date", "startsAt: {type: [string, 'null'], format: date,", "of a type that overlay.yaml lists"},
	{"additionalProperties: {type: [string, 'null'], maxLength: 500}", "additionalProperties: {type: string, maxLength: 500}", "type: [object, 'null']", "of a type that overlay.yaml lists"},
	{"additionalProperties: {type: [string, 'null'], maxLength: 500}", "additionalProperties: {type: [boolean, 'null']}", "additionalProperties: {type: [boolean", "beside plain strings alone"},
	{"description: 'Labels, or none.', maxItems: 3, uniqueItems: true, items: {type: string, minLength: 1, maxLength: 50}", "maxItems: 3, items: {type: integer, minimum: 0, maximum: 9}", "tags: {type: [array, 'null']", "of a type that overlay.yaml lists"},
	{"x-null-clears: true", "x-null-clears: true\n      required: [phone]", "phone: {type: [string, 'null'], description: 'E.164, or nothing.'", "must be optional"},
	{"pupil: pup_,", "pupil: pup,", "pupil: pup,", "must end in an underscore"},
	{"maxDepth: 32", "maxDepth: many", "x-request-limits", "maxDepth must be a positive integer"},
}

// Nothing is skipped in silence: what cannot be turned into code is an error at its own line.
func TestGenerate_RefusesWithFileAndLine(t *testing.T) {
	t.Parallel()
	for _, r := range refusals {
		t.Run(r.want, func(t *testing.T) {
			t.Parallel()
			file := writeContract(t, r.old, r.replacement)
			err := generate(inputs{contract: file, gen: filepath.Join(t.TempDir(), "gen")})
			want := fmt.Sprintf("%s:%d: ", file, lineOf(t, file, r.at))
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %v\nwant %s… %s", err, want, r.want)
			}
		})
	}
}

// One run tells all that is wrong, in the order of the file.
func TestGenerate_TellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	file := writeContract(t, "minimum: 0, maximum: 10}", "minimum: 0, multipleOf: 5}")
	err := generate(inputs{contract: file, gen: filepath.Join(t.TempDir(), "gen")})
	if err == nil || strings.Count(err.Error(), file) != 2 {
		t.Errorf("got %v", err)
	}
}

func TestOAS30_RefusesWithFileAndLine(t *testing.T) {
	t.Parallel()
	file := writeContract(t, "tags: {type: array, ", "tags: {type: array, prefixItems: [{type: string}], ")
	err := generate(inputs{contract: file, oas30: filepath.Join(t.TempDir(), "copy.yaml")})
	want := fmt.Sprintf("%s:%d: keyword \"prefixItems\" has no counterpart", file, lineOf(t, file, "prefixItems"))
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
