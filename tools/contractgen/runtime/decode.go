package runtime

import "time"

// decodeString reads a string, or an enum's value.
func decodeString[T ~string](b *body, n int32, dst *T, rules *stringRules) {
	if !b.is(n, kindString, "a string") {
		return
	}
	text := b.nodes[n].text
	if issue := rules.issue(text); issue != "" {
		b.refuse(n, issue)
		return
	}
	*dst = T(text)
}

// decodeInteger reads an integer.
func decodeInteger[T ~int | ~int32 | ~int64](b *body, n int32, dst *T, rules *integerRules) {
	if !b.is(n, kindNumber, "an integer") {
		return
	}
	value, issue := rules.member(b.nodes[n].text)
	if issue != "" {
		b.refuse(n, issue)
		return
	}
	*dst = T(value)
}

// decodeNumber reads a number.
func decodeNumber(b *body, n int32, dst *float64, rules *numberRules) {
	if !b.is(n, kindNumber, "a number") {
		return
	}
	value, issue := rules.member(b.nodes[n].text)
	if issue != "" {
		b.refuse(n, issue)
		return
	}
	*dst = value
}

// decodeBoolean reads true or false.
func decodeBoolean(b *body, n int32, dst *bool) {
	if b.is(n, kindBoolean, "true or false") {
		*dst = b.nodes[n].text == "true"
	}
}

// decodeDateTime reads a time. It keeps the offset that was sent.
func decodeDateTime(b *body, n int32, dst *time.Time, rules *stringRules) {
	var text string
	decodeString(b, n, &text, rules)
	*dst, _ = parseDateTime(text)
}

// decodeDate reads a calendar date, which is midnight UTC of that day.
func decodeDate(b *body, n int32, dst *time.Time, rules *stringRules) {
	var text string
	decodeString(b, n, &text, rules)
	*dst, _ = time.Parse(time.DateOnly, text)
}

// decodeArray reads an array, each item with decode.
func decodeArray[T any](b *body, n int32, dst *[]T, size sizeRules, decode func(*body, int32, *T)) {
	if !b.is(n, kindArray, "an array") {
		return
	}
	b.size(n, size)
	items := make([]T, b.nodes[n].size)
	at := 0
	for i := b.nodes[n].child; i != 0; i = b.nodes[i].next {
		decode(b, i, &items[at])
		at++
	}
	*dst = items
}

// decodeMap reads an object of any member names that rules allows, each value with decode.
func decodeMap[T any](b *body, n int32, dst *map[string]T, rules *mapRules, decode func(*body, int32, *T)) {
	if !b.is(n, kindObject, "an object") {
		return
	}
	b.size(n, rules.size)
	values := make(map[string]T, b.nodes[n].size)
	for m := b.nodes[n].child; m != 0; m = b.nodes[m].next {
		name := b.nodes[m].name
		if issue := rules.name.issue(name); issue != "" {
			b.refuse(m, "has a name that "+issue)
		}
		var value T
		decode(b, m, &value)
		values[name] = value
	}
	*dst = values
}

// mapRules is what the contract asks of an object's size and member names.
type mapRules struct {
	size sizeRules
	name stringRules
}

// unique refuses items of an array that were given before. Numbers are compared by value, so that
// 1 and 1.0 are the same.
func (b *body) unique(array int32) {
	if b.nodes[array].kind != kindArray {
		return
	}
	seen := make(map[node]struct{}, b.nodes[array].size)
	for i := b.nodes[array].child; i != 0; i = b.nodes[i].next {
		item := node{kind: b.nodes[i].kind, text: b.nodes[i].text, size: i}
		if item.kind < kindArray {
			item.size = 0 // scalars are equal when their texts are
		}
		if item.kind == kindNumber {
			item.text = canonicalNumber(item.text)
		}
		if _, found := seen[item]; found {
			b.refuse(i, "must not be repeated within its array")
		}
		seen[item] = struct{}{}
	}
}

// optional makes room for a member that was sent.
func optional[T any](dst **T) *T {
	*dst = new(T)
	return *dst
}
