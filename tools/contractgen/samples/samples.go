// Package samples writes the code that the reference shows beside each operation: a curl to paste, and the same call
// with the TypeScript and the Go client that are generated from the contract, and in Python.
//
//	all, err := samples.New(contract, client) // the bundle and gen/client/client.gen.go, as bytes
//	all.Setup()                               // shown once, above the first operation: one sample a language
//	all.For("createEnrollment")               // curl, TypeScript, Go, Python, in this order
//
// Pasted in the contract's order (Order), every curl runs against a server that make run has started, once TBC_KEY is
// exported: an id is a shell variable that an earlier curl has set. So the page must show the operations in that order.
// Origin stands for the server in all samples; whoever serves or publishes the page replaces it with its own.
//
// Program makes one program of all samples of a language, by which tests compile them, and make samples checks TypeScript.
//
// Bodies are the first example of the request in the contract, where an id stands for the one made earlier on the page:
// crs_… becomes $COURSE_ID. What the contract cannot say (the query, a call to be made first) is in script.go.
package samples

import "fmt"

// Origin is the server that all samples call, to be replaced by the real one.
const Origin = "http://127.0.0.1:8080"

// The languages of the samples, as a page names them.
const (
	Curl       = "curl"
	TypeScript = "TypeScript"
	Go         = "Go"
	Python     = "Python"
)

// A Sample is one call in one language.
type Sample struct {
	// Language is Curl, TypeScript, Go or Python.
	Language string
	// Note is a sentence to show above the code, or "". It is not a comment in the code, because a zsh
	// into which one is pasted takes it for a command.
	Note string
	// Code has no line break at its end.
	Code string
}

// Samples are the samples of a contract.
type Samples struct {
	contract *contract
	client   *goClient
	order    []string
	byID     map[string][]Sample
}

// New makes the samples of a bundled contract, those in Go for the client that oapi-codegen has made of it. It fails if an operation has no sample or cannot have one, and tells why.
func New(bundle, client []byte) (*Samples, error) {
	c, err := read(bundle)
	if err != nil {
		return nil, err
	}
	parsed, err := parseClient(client)
	if err != nil {
		return nil, err
	}
	s := &Samples{contract: c, client: parsed, byID: map[string][]Sample{}}
	for _, op := range c.operations {
		s.order = append(s.order, op.id)
		if s.byID[op.id], err = s.write(op); err != nil {
			return nil, fmt.Errorf("sample of %s: %w", op.id, err)
		}
	}
	return s, nil
}

// write makes the samples of one operation.
func (s *Samples) write(op *operation) ([]Sample, error) {
	calls, err := s.contract.calls(op)
	if err != nil {
		return nil, err
	}
	var list []Sample
	for _, in := range []struct {
		language string
		write    func([]call) (string, error)
	}{{Curl, curl}, {TypeScript, typeScript}, {Go, s.client.golang}, {Python, python}} {
		code, err := in.write(calls)
		if err != nil {
			return nil, err
		}
		list = append(list, Sample{Language: in.language, Note: note(op.id, in.language), Code: code})
	}
	return list, nil
}

// Order lists all operationIds in the order in which the page shows them.
func (s *Samples) Order() []string { return s.order }

// For returns the samples of an operation, one for each language; none for an operation that is not in the contract.
func (s *Samples) For(operationID string) []Sample { return s.byID[operationID] }

// Setup returns what comes before all other samples, one for each language.
func (s *Samples) Setup() []Sample {
	return []Sample{
		{Language: Curl, Note: "The key that make run has printed, or one from the dashboard.", Code: "export TBC_KEY=tbc_…"},
		{Language: TypeScript, Note: typeScriptSetupNote, Code: typeScriptSetup},
		{Language: Go, Note: goSetupNote, Code: goSetup},
		{Language: Python, Note: pythonSetupNote, Code: pythonSetup},
	}
}
