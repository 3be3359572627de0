package runtime

import (
	"strconv"
	"unicode/utf8"
)

// string reads a string, whose flaws belong to node owner. One without escapes is a piece of the
// text itself; it keeps the whole body in memory as long as it lives.
func (s *scanner) string(owner int32) (text, issue string) {
	s.at++
	start := s.at
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			text = s.text[start:s.at]
			s.at++
			return text, ""
		case c == '\\':
			return s.escaped(owner, start)
		case c < ' ':
			return "", s.syntax("an escape instead of a raw control character")
		}
		s.at++
	}
	return "", s.syntax("a closing quote")
}

// escaped reads the rest of a string from its first escape on.
func (s *scanner) escaped(owner int32, start int) (text, issue string) {
	decoded := append(make([]byte, 0, len(s.text[start:s.at])+32), s.text[start:s.at]...)
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '"':
			return string(decoded), ""
		case c < ' ':
			s.at--
			return "", s.syntax("an escape instead of a raw control character")
		case c != '\\':
			decoded = append(decoded, c)
		default:
			var ok bool
			if decoded, ok = s.escape(owner, decoded); !ok {
				return "", s.syntax("a valid escape sequence")
			}
		}
	}
	return "", s.syntax("a closing quote")
}

// escape reads what follows a backslash.
func (s *scanner) escape(owner int32, decoded []byte) ([]byte, bool) {
	if s.at == len(s.text) {
		return decoded, false
	}
	c := s.text[s.at]
	s.at++
	switch c {
	case '"', '\\', '/':
		return append(decoded, c), true
	case 'b':
		return append(decoded, '\b'), true
	case 'f':
		return append(decoded, '\f'), true
	case 'n':
		return append(decoded, '\n'), true
	case 'r':
		return append(decoded, '\r'), true
	case 't':
		return append(decoded, '\t'), true
	case 'u':
		r, ok := s.hex()
		return utf8.AppendRune(decoded, s.paired(owner, r)), ok
	}
	return decoded, false
}

// paired completes a surrogate pair whose first half is r. Half a pair is no character, and NUL is
// one that no database column holds: both are flaws of the owner.
func (s *scanner) paired(owner int32, r rune) rune {
	const lead, trail, end = 0xD800, 0xDC00, 0xE000
	switch {
	case r == 0:
		s.flaws = append(s.flaws, flaw{owner, `must not contain the character NUL (\u0000)`})
	case r >= lead && r < trail:
		before := s.at
		if s.at+1 < len(s.text) && s.text[s.at] == '\\' && s.text[s.at+1] == 'u' {
			s.at += 2
			if low, ok := s.hex(); ok && low >= trail && low < end {
				return (r-lead)<<10 + (low - trail) + 0x10000
			}
		}
		s.at = before
		fallthrough
	case r >= trail && r < end:
		s.flaws = append(s.flaws, flaw{owner, `must not contain half a surrogate pair (\ud800 to \udfff)`})
		return utf8.RuneError
	}
	return r
}

// hex reads the four hexadecimal digits of a \u escape.
func (s *scanner) hex() (rune, bool) {
	if len(s.text)-s.at < 4 {
		return 0, false
	}
	value, err := strconv.ParseUint(s.text[s.at:s.at+4], 16, 32)
	if err != nil {
		return 0, false
	}
	s.at += 4
	return rune(value), true
}
