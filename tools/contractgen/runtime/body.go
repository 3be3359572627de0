package runtime

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// body is the JSON body of a request: its values, and where their violations go.
type body struct {
	*details
	nodes []node
}

// openBody reads the body of a request as JSON. Not ok: there is nothing to decode, because of
// violations or because an optional body was not sent.
func openBody(d *details, in Input, required bool) (b body, ok bool) {
	b = body{details: d}
	if len(in.Body) == 0 {
		if required {
			d.add("", "is required: send a JSON object")
		}
		return b, false
	}
	if issue := wholeIssue(in.Body); issue != "" {
		d.mediaType(in.Header)
		d.add("", issue)
		return b, false
	}
	if !d.mediaType(in.Header) {
		return b, false
	}
	var s scanner
	if issue := s.scan(string(in.Body)); issue != "" {
		d.add("", issue)
		return b, false
	}
	b.nodes = s.nodes
	for _, flaw := range s.flaws {
		b.refuse(flaw.node, flaw.issue)
	}
	return b, true
}

// wholeIssue judges a body before its first character is read as JSON.
func wholeIssue(raw []byte) string {
	switch {
	case len(raw) > MaxBodyBytes:
		return "must have at most " + counted(MaxBodyBytes, "byte")
	case len(raw) >= 3 && raw[0] == 0xEF && raw[1] == 0xBB && raw[2] == 0xBF:
		return "must not begin with a byte order mark"
	case !utf8.Valid(raw):
		return "must be valid UTF-8"
	}
	return ""
}

// refuse records a violation of node n.
func (b *body) refuse(n int32, issue string) {
	b.add(b.pointer(n), issue)
}

// pointer is the JSON pointer (RFC 6901) of node n: "" for the whole body.
func (b *body) pointer(n int32) string {
	if n == root {
		return ""
	}
	parent := b.nodes[n].parent
	token := strconv.Itoa(int(b.nodes[n].index))
	if b.nodes[parent].kind == kindObject {
		token = pointerToken(b.nodes[n].name)
	}
	return b.pointer(parent) + "/" + token
}

// pointerToken escapes a member name for a JSON pointer.
func pointerToken(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// object reports whether n is an object that has the required members, and records what is wrong.
func (b *body) object(n int32, required ...string) bool {
	if !b.is(n, kindObject, "an object") {
		return false
	}
	for _, name := range required {
		if b.member(n, name) == 0 {
			b.add(b.pointer(n)+"/"+pointerToken(name), "is required")
		}
	}
	return true
}

// member finds a member by its exact name; 0 if there is none.
func (b *body) member(object int32, name string) int32 {
	for m := b.nodes[object].child; m != 0; m = b.nodes[m].next {
		if b.nodes[m].name == name {
			return m
		}
	}
	return 0
}

// is reports whether n has the kind that the contract wants.
func (b *body) is(n int32, wanted kind, noun string) bool {
	if b.nodes[n].kind == wanted {
		return true
	}
	if b.nodes[n].kind == kindNull {
		b.refuse(n, "must not be null: it must be "+noun)
	} else {
		b.refuse(n, "must be "+noun)
	}
	return false
}

// null reports whether n is null.
func (b *body) null(n int32) bool {
	return b.nodes[n].kind == kindNull
}

// unknown records a member that the contract does not have.
func (b *body) unknown(n int32) {
	b.refuse(n, "is not a member of this object")
}

// sizeRules is how many items or members the contract allows.
type sizeRules struct {
	min, max int32 // max 0: unbounded
	noun     string
}

// size checks the number of items or members of n.
func (b *body) size(n int32, rules sizeRules) {
	switch size := b.nodes[n].size; {
	case size < rules.min:
		b.refuse(n, "must have at least "+counted(int(rules.min), rules.noun))
	case rules.max > 0 && size > rules.max:
		b.refuse(n, "must have at most "+counted(int(rules.max), rules.noun))
	}
}
