package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// initialisms are the words that oapi-codegen's name normalizer ToCamelCaseWithInitialisms writes
// in capitals. Our names must equal its names, or the generated code does not compile.
var initialisms = strings.Fields(`ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON QPS RAM
	RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI GID UID UUID URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS`)

// ownInitialisms are spellings in names that only contractgen makes.
var ownInitialisms = []string{"TBC", "WWW", "ETag"}

// words finds the words of a camel-case name.
var words = regexp.MustCompile(`[\p{Lu}\d]+([\p{Ll}\d]+|$)`)

// goName is the Go name that oapi-codegen gives to a schema or a property: studentId is StudentID.
func goName(name string) string {
	return capitalised(codegen.ToCamelCaseWithDigits(name), initialisms)
}

// capitalised writes the words of a camel-case name that are in capitals.
func capitalised(camelCase string, capitals []string) string {
	parts := words.FindAllString(camelCase, -1)
	for i, part := range parts {
		for _, word := range capitals {
			if strings.EqualFold(part, word) {
				parts[i] = word
			}
		}
	}
	return strings.Join(parts, "")
}

// ownName is a Go name made of a header, event type, scope or id prefix: live_session.started is
// LiveSessionStarted.
func ownName(name string) string {
	name = strings.NewReplacer(":", "_", ".", "_", "-", "_", "*", "All").Replace(name)
	return capitalised(goName(strings.ToLower(spaced(name))), append(initialisms, ownInitialisms...))
}

// humps finds where a lower-case letter meets a capital.
var humps = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// spaced puts an underscore between the words of a camel-case name.
func spaced(name string) string {
	return humps.ReplaceAllString(name, "${1}_${2}")
}

// lowerFirst makes a name unexported.
func lowerFirst(name string) string {
	return strings.ToLower(name[:1]) + name[1:]
}

// taken are the types that contractgen itself adds to package gen.
var taken = []string{"Operation", "Operations", "Deprecation", "Input", "ScopeInfo", "Scopes", "EventInfo", "Events",
	"ErrorCodes", "Formats", "NewError", "Bind", "OperationByID", "OperationFor", "MaxBodyBytes", "MaxBodyDepth"}

// checkNames refuses schemas whose Go names are taken.
func (c *contract) checkNames() {
	for key := range members(child(c.root, "components", "schemas")) {
		if slices.Contains(taken, goName(key.Value)) {
			c.refuse(key, "the name %s is taken by generated code: give the schema another one", goName(key.Value))
		}
	}
}
