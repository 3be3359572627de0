package main

import (
	"maps"
	"slices"
	"testing"
)

// motto is a member that no schema has.
func motto() tree {
	return tree{"type": "string", "maxLength": 80, "description": "A line of the teacher's own. Null is not used.", "examples": []any{"Tat tvam asi"}}
}

func without(list any, name string) []any {
	return slices.DeleteFunc(slices.Clone(list.([]any)), func(v any) bool { return v == name })
}

// requestID makes the header required in what was released, since this contract has no header that is.
func requestID(t *testing.T, contract tree) {
	in(t, contract, "components", "headers", "X-Request-Id")["required"] = true
}

func deprecate(thing tree, sunset string) {
	maps.Copy(thing, tree{"deprecated": true, "x-deprecated-at": "2026-01-01T00:00:00Z", "x-sunset": sunset})
}

// longAgo is a sunset that has passed, farOff one that none of us will see.
const longAgo, farOff = "2026-07-01T00:00:00Z", "2999-01-01T00:00:00Z"

type breakingChange struct {
	released, current func(*testing.T, tree) // what was released is changed first, if need be
	place             string
	want              []string
}

var breakingChanges = map[string]breakingChange{
	"operation removed": {
		current: func(t *testing.T, c tree) { delete(in(t, c, "paths", "/courses"), "get") },
		place:   "GET /courses",
		want:    []string{"oasdiff api-removed-without-deprecation", "redocly operation-removed"},
	},
	"operation removed before its sunset": {
		released: func(t *testing.T, c tree) { deprecate(in(t, c, "paths", "/courses", "get"), farOff) },
		current:  func(t *testing.T, c tree) { delete(in(t, c, "paths", "/courses"), "get") },
		place:    "GET /courses",
		want:     []string{"oasdiff api-removed-before-sunset", "redocly operation-removed"},
	},
	"operation removed after its sunset": {
		released: func(t *testing.T, c tree) { deprecate(in(t, c, "paths", "/courses", "get"), longAgo) },
		current:  func(t *testing.T, c tree) { delete(in(t, c, "paths", "/courses"), "get") },
		place:    "GET /courses",
		want:     []string{"redocly operation-removed"},
	},
	"member of an answer removed": {
		current: func(t *testing.T, c tree) {
			course := schema(t, c, "AnalyticsStudents")
			delete(in(t, course, "properties"), "active")
			course["required"] = without(course["required"], "active")
		},
		place: "",
		want:  []string{"oasdiff response-required-property-removed", "redocly property-removed", "redocly required-properties-removed"},
	},
	"required member of a request added": {
		current: func(t *testing.T, c tree) {
			student := schema(t, c, "StudentCreate")
			in(t, student, "properties")["motto"] = motto()
			student["required"] = append(student["required"].([]any), "motto")
		},
		place: "",
		want:  []string{"oasdiff new-required-request-property", "redocly required-properties-added"},
	},
	"value of an enum in a request removed": {
		current: func(t *testing.T, c tree) {
			gateway := schema(t, c, "LessonType")
			gateway["enum"] = without(gateway["enum"], "embed")
		},
		place: "",
		want:  []string{"oasdiff request-property-enum-value-removed", "redocly enum-values-removed"},
	},
	"maxLength lowered": {
		current: func(t *testing.T, c tree) {
			in(t, schema(t, c, "StudentCreate"), "properties", "displayName")["maxLength"] = 20
		},
		place: "",
		want:  []string{"oasdiff request-property-max-length-decreased", "redocly schema-constraint-changed"},
	},
	"header of an answer made optional": {
		released: requestID,
		current: func(t *testing.T, c tree) {
			delete(in(t, c, "components", "headers", "X-Request-Id"), "required")
		},
		place: "",
		want:  []string{"oasdiff response-header-became-optional"},
	},
	"scope added": {
		current: func(t *testing.T, c tree) {
			in(t, c, "paths", "/courses", "get")["security"] = []any{tree{"bearerAuth": []any{"read:courses", "read:orders"}}}
		},
		place: "GET /courses",
		want:  []string{"oasdiff api-security-scope-added", "redocly security-requirement-changed"},
	},
	"member of a webhook's payload removed": {
		current: func(t *testing.T, c tree) {
			event := schema(t, c, "WebhookTestEvent")
			delete(in(t, event, "properties"), "data")
			event["required"] = without(event["required"], "data")
		},
		place: "WebhookTestEvent",
		want:  []string{"redocly property-removed", "redocly required-properties-removed"},
	},
	"webhook removed": {
		current: func(t *testing.T, c tree) { delete(in(t, c, "webhooks"), "webhook.test") },
		place:   "webhook webhook.test",
		want:    []string{"redocly path-removed"},
	},
	"error code added": {
		current: func(t *testing.T, c tree) {
			codes := schema(t, c, "ErrorCode")
			codes["enum"] = append(codes["enum"].([]any), "teapot")
			c["x-error-codes"] = append(c["x-error-codes"].([]any), tree{"code": "teapot", "status": 418})
		},
		place: "",
		want:  []string{"redocly enum-values-added", "x-error-codes-added"},
	},
	"scope taken from the catalogue": {
		current: func(_ *testing.T, c tree) { c["x-scopes"] = c["x-scopes"].([]any)[1:] },
		place:   "x-scopes",
		want:    []string{"x-scopes-removed"},
	},
	"limit of requests lowered": {
		current: func(t *testing.T, c tree) { in(t, c, "x-request-limits")["maxDepth"] = 8 },
		place:   "x-request-limits",
		want:    []string{"x-request-limits-lowered"},
	},
	"null no longer clears": {
		current: func(t *testing.T, c tree) { delete(schema(t, c, "StudentPatch"), "x-null-clears") },
		place:   "StudentPatch",
		want:    []string{"extension-changed"},
	},
}

type harmlessChange struct {
	edit func(*testing.T, tree)
	need impact
	told string
}

var harmlessChanges = map[string]harmlessChange{
	"member of a webhook's payload added, and always there": {
		edit: func(t *testing.T, c tree) {
			event := schema(t, c, "WebhookTestEvent")
			in(t, event, "properties")["motto"] = motto()
			event["required"] = append(event["required"].([]any), "motto")
		},
		need: addition,
		told: "`WebhookTestEvent` gains `motto`: A line of the teacher's own.",
	},
	"operation added": {
		edit: func(t *testing.T, c tree) {
			operation := maps.Clone(in(t, c, "paths", "/me", "get"))
			operation["operationId"] = "getYou"
			in(t, c, "paths")["/you"] = tree{"get": operation}
		},
		need: addition,
		told: "- `GET /you` (`getYou`): Fetch the key in use.",
	},
	"kind of event added": {
		edit: addEvent,
		need: addition,
		told: "- `webhook course.hidden` (`receiveCourseHidden`)",
	},
	"maxLength of a request raised": {
		edit: func(t *testing.T, c tree) {
			in(t, schema(t, c, "StudentCreate"), "properties", "displayName")["maxLength"] = 300
		},
		need: addition,
		told: "- `StudentCreate.displayName`: `maxLength` is `300`, was `200`.",
	},
	"scope no longer needed": {
		edit: func(t *testing.T, c tree) {
			in(t, c, "paths", "/courses", "get")["security"] = []any{tree{"bearerAuth": []any{}}}
		},
		need: addition,
		told: "`GET /courses",
	},
	"operation deprecated": {
		edit: func(t *testing.T, c tree) { deprecate(in(t, c, "paths", "/courses", "get"), farOff) },
		need: addition,
		told: "- `GET /courses` is deprecated since 2026-01-01 and ends 2999-01-01.",
	},
	"scope added to the catalogue": {
		edit: func(_ *testing.T, c tree) {
			c["x-scopes"] = append(c["x-scopes"].([]any), tree{"scope": "read:mottos", "description": "Read mottos."})
		},
		need: addition,
		told: "x-scopes: `read:mottos` is new.",
	},
	"words": {
		edit: func(t *testing.T, c tree) { in(t, c, "paths", "/me", "get")["summary"] = "Fetch the key that you hold" },
		need: words,
		told: "- Words and examples: GET /me.",
	},
	"a word that no tool reads": {
		edit: func(_ *testing.T, c tree) { c["x-error-codes"].([]any)[0].(tree)["meaning"] = "No key." },
		need: words,
		told: "- Order, and words in our own extensions, alone.",
	},
}

// addEvent adds a kind of event wherever the contract names them.
func addEvent(t *testing.T, c tree) {
	event := maps.Clone(schema(t, c, "CoursePublishedEvent"))
	in(t, c, "components", "schemas")["CourseHiddenEvent"] = event
	members := maps.Clone(in(t, event, "properties"))
	members["type"] = tree{"type": "string", "const": "course.hidden", "description": "Always `course.hidden`."}
	event["properties"] = members
	reference := tree{"$ref": "#/components/schemas/CourseHiddenEvent"}
	union := schema(t, c, "Event")
	union["oneOf"] = append(union["oneOf"].([]any), reference)
	in(t, union, "discriminator", "mapping")["course.hidden"] = reference["$ref"]
	for _, name := range []string{"EventSubscription", "DeliveredEventType", "FeedEventType"} {
		kinds := schema(t, c, name)
		kinds["enum"] = append(kinds["enum"].([]any), "course.hidden")
	}
	post := maps.Clone(in(t, c, "webhooks", "course.published", "post"))
	post["operationId"] = "receiveCourseHidden"
	post["requestBody"] = tree{"required": true, "content": tree{"application/json": tree{"schema": reference}}}
	in(t, c, "webhooks")["course.hidden"] = tree{"post": post}
}
