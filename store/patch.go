package store

// Change is what a merge patch says about one member. The zero value says nothing, and the member stays. A member that
// can be null is a Change of a pointer, and nil clears it.
type Change[T any] struct {
	Set   bool
	Value T
}

// To is a Change to value.
func To[T any](value T) Change[T] { return Change[T]{Set: true, Value: value} }

// apply sets what is stored, if the patch says anything about it.
func (c Change[T]) apply(stored *T) {
	if c.Set {
		*stored = c.Value
	}
}

// change applies a Change to the member at stored. If that makes a difference, it keeps the former value in previous,
// under the name that the contract gives the member.
func change[T any](previous map[string]any, name string, stored *T, c Change[T], same func(a, b T) bool) {
	if !c.Set || same(*stored, c.Value) {
		return
	}
	previous[name] = *stored
	*stored = c.Value
}

// changeText is change for texts.
func changeText(previous map[string]any, name string, stored *string, c Change[string]) {
	change(previous, name, stored, c, func(a, b string) bool { return a == b })
}

// changeTextOrNil is change for texts that can be absent.
func changeTextOrNil(previous map[string]any, name string, stored **string, c Change[*string]) {
	change(previous, name, stored, c, func(a, b *string) bool {
		return a == b || a != nil && b != nil && *a == *b
	})
}
