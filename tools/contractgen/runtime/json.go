package runtime

import "strconv"

// A node is one value of a scanned JSON document. Nodes lie in one slice in the order of the text
// and refer to each other by position, so that a document costs two allocations whatever its shape.
type node struct {
	name   string // the member's name within an object
	text   string // a string's decoded text; a number's literal; "true" or "false"
	parent int32
	next   int32 // the next sibling, 0 after the last
	child  int32 // the first member or item, 0 if there is none
	index  int32 // the position within an array
	size   int32 // the number of members or items
	kind   kind
}

// kind is the type of a JSON value.
type kind uint8

const (
	kindNull kind = iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
)

// root is the position of the document's outermost value. No other node has position 0, so 0 also
// stands for "none".
const root = 0

// A scanner reads one JSON text (RFC 8259) into nodes. Faults of the text as a whole stop it;
// faults of one value (a duplicate name, a NUL, half a surrogate pair) are recorded, and it goes on.
type scanner struct {
	text  string
	at    int
	nodes []node
	flaws []flaw
}

// A flaw is a fault of one value, told once its node is complete.
type flaw struct {
	node  int32
	issue string
}

// scan reads text, which must be valid UTF-8, or says why it is not JSON that we accept.
func (s *scanner) scan(text string) (issue string) {
	s.text = text
	s.nodes = make([]node, 0, 8+len(text)/16)
	if issue := s.value(node{}, 1); issue != "" {
		return issue
	}
	s.space()
	if s.at < len(s.text) {
		return s.syntax("one JSON value and nothing after it")
	}
	return ""
}

// syntax names the place of a syntax error, never the text around it.
func (s *scanner) syntax(expected string) string {
	return "must be valid JSON: at byte " + strconv.Itoa(s.at) + ", " + expected + " was expected"
}

// space skips white space.
func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek returns the next byte after white space, or 0 at the end. (A NUL in the text is no
// character of JSON, so it fails wherever the end would.)
func (s *scanner) peek() byte {
	s.space()
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// value reads one value into a node that already knows its name, parent and index.
func (s *scanner) value(n node, depth int) (issue string) {
	switch c := s.peek(); {
	case c == '{' || c == '[':
		if depth > MaxBodyDepth {
			return "must not nest deeper than " + strconv.Itoa(MaxBodyDepth) + " levels"
		}
		return s.container(n, c, depth)
	case c == '"':
		self := int32(len(s.nodes))
		n.kind = kindString
		s.nodes = append(s.nodes, n)
		s.nodes[self].text, issue = s.string(self)
		return issue
	case c == '-' || c >= '0' && c <= '9':
		n.kind = kindNumber
		n.text, issue = s.number()
	default:
		n.kind, n.text, issue = s.literal()
	}
	s.nodes = append(s.nodes, n)
	return issue
}

// literal reads true, false or null.
func (s *scanner) literal() (k kind, text, issue string) {
	for _, word := range [...]string{"true", "false", "null"} {
		if len(s.text)-s.at >= len(word) && s.text[s.at:s.at+len(word)] == word {
			s.at += len(word)
			if word == "null" {
				return kindNull, word, ""
			}
			return kindBoolean, word, ""
		}
	}
	return kindNull, "", s.syntax("a value")
}

// container reads an object or an array.
func (s *scanner) container(n node, open byte, depth int) (issue string) {
	self := int32(len(s.nodes))
	n.kind = kindArray
	end := byte(']')
	if open == '{' {
		n.kind = kindObject
		end = '}'
	}
	s.nodes = append(s.nodes, n)
	s.at++
	if s.peek() == end {
		s.at++
		return ""
	}
	var names nameSet
	previous := int32(0)
	for {
		child := int32(len(s.nodes))
		item := node{parent: self, index: s.nodes[self].size}
		if open == '{' {
			if item.name, issue = s.name(child); issue != "" {
				return issue
			}
			if names.repeated(s, self, item.name) {
				s.flaws = append(s.flaws, flaw{child, "must not be repeated within its object"})
			}
		}
		if issue = s.value(item, depth+1); issue != "" {
			return issue
		}
		s.link(self, previous, child)
		previous = child
		switch s.peek() {
		case ',':
			s.at++
		case end:
			s.at++
			return ""
		default:
			return s.syntax("a comma or " + string(end))
		}
	}
}

// link appends child to the list of its container's values.
func (s *scanner) link(container, previous, child int32) {
	s.nodes[container].size++
	if previous == 0 {
		s.nodes[container].child = child
	} else {
		s.nodes[previous].next = child
	}
}

// name reads a member's name and the colon after it.
func (s *scanner) name(member int32) (name, issue string) {
	if s.peek() != '"' {
		return "", s.syntax("a member name in double quotes")
	}
	if name, issue = s.string(member); issue != "" {
		return "", issue
	}
	if s.peek() != ':' {
		return "", s.syntax("a colon")
	}
	s.at++
	return name, ""
}

// A nameSet finds repeated member names: by comparison while there are few, then in a map, so that
// an object of many members does not cost their square.
type nameSet struct {
	seen map[string]struct{}
}

// fewNames is how many members are compared one by one.
const fewNames = 16

// repeated reports whether an earlier member of object has this name, and remembers it.
func (set *nameSet) repeated(s *scanner, object int32, name string) bool {
	if s.nodes[object].size < fewNames {
		for i := s.nodes[object].child; i != 0; i = s.nodes[i].next {
			if s.nodes[i].name == name {
				return true
			}
		}
		return false
	}
	if set.seen == nil {
		set.seen = make(map[string]struct{}, 2*fewNames)
		for i := s.nodes[object].child; i != 0; i = s.nodes[i].next {
			set.seen[s.nodes[i].name] = struct{}{}
		}
	}
	_, found := set.seen[name]
	set.seen[name] = struct{}{}
	return found
}

// number reads a number's literal and checks its form.
func (s *scanner) number() (literal, issue string) {
	start := s.at
	if s.text[s.at] == '-' {
		s.at++
	}
	leadingZero := s.at < len(s.text) && s.text[s.at] == '0'
	if units := s.digits(); units == 0 || units > 1 && leadingZero {
		return "", s.syntax("a number without leading zeros")
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		s.at++
		if s.digits() == 0 {
			return "", s.syntax("a digit")
		}
	}
	if s.at < len(s.text) && (s.text[s.at] == 'e' || s.text[s.at] == 'E') {
		s.at++
		if s.at < len(s.text) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		if s.digits() == 0 {
			return "", s.syntax("a digit")
		}
	}
	return s.text[start:s.at], ""
}

// digits skips decimal digits and returns how many there were.
func (s *scanner) digits() (count int) {
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
		count++
	}
	return count
}
