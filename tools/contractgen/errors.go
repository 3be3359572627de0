package main

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

const errorEnvelope = `
// NewError makes an error envelope. An empty message is the code's own.
func NewError(code ErrorCode, requestID, message string) ErrorResponse {
	if message == "" {
		message = code.DefaultMessage()
	}
	return ErrorResponse{Error: ErrorBody{Code: code, Message: message, RequestID: requestID}}
}

// WithDetails returns the envelope with the violations that it tells of.
func (e ErrorResponse) WithDetails(details []ErrorDetail) ErrorResponse {
	e.Error.Details = &details
	return e
}

// WithRetryAfter returns the envelope with the seconds that a client should wait.
func (e ErrorResponse) WithRetryAfter(seconds int) ErrorResponse {
	e.Error.RetryAfterSeconds = &seconds
	return e
}
`

// errorCatalogue writes what belongs to each code of x-error-codes: constructors for the envelope,
// its status, its default message. The codes themselves are an enum that oapi-codegen writes.
func (g *generator) errorCatalogue(out *code) {
	list := g.extension("x-error-codes").Content
	known := child(g.root, "components", "schemas", "ErrorCode", "enum")
	for _, node := range list {
		g.needs(node, "code", "status", "meaning", "message")
		if !slices.ContainsFunc(items(known), func(n *yaml.Node) bool { return n.Value == text(node, "code") }) {
			g.refuse(node, "%q is not a value of the schema ErrorCode", text(node, "code"))
		}
		if _, err := strconv.Atoi(text(node, "status")); err != nil {
			g.refuse(node, "the status of an error code must be a number")
		}
	}
	out.text(errorEnvelope)
	out.line("\n// ErrorCodes are all error codes of the contract, in its order.\nvar ErrorCodes = []ErrorCode{")
	for _, node := range list {
		out.line("ErrorCode%s,", goName(text(node, "code")))
	}
	out.line("}")
	g.errorMethod(out, "Status", "int", "is the HTTP status of answers with this code; an unknown code is an internal error", "status")
	g.errorMethod(out, "DefaultMessage", "string", "is the message of an answer that has nothing more precise to say", "message")
	g.errorMethod(out, "Meaning", "string", "says what the code stands for", "meaning")
}

// errorMethod writes a method of ErrorCode that looks up one column of the catalogue.
func (g *generator) errorMethod(out *code, name, result, comment, column string) {
	fallback := map[string]string{"int": "500", "string": `""`}[result]
	out.line("\n// %s %s.\nfunc (c ErrorCode) %s() %s {\nswitch c {", name, comment, name, result)
	for _, node := range g.extension("x-error-codes").Content {
		value := text(node, column)
		if result == "string" {
			value = strconv.Quote(value)
		}
		out.line("case ErrorCode%s:\nreturn %s", goName(text(node, "code")), value)
	}
	out.line("}\nreturn %s\n}", fallback)
}
