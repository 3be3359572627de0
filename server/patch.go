package server

import "github.com/thebigclass/api/store"

// patched is a member of a merge patch that cannot be null: absent is nil.
func patched[T any](sent *T) store.Change[T] {
	if sent == nil {
		return store.Change[T]{}
	}
	return store.To(*sent)
}

// patchedOrNull is a member that null clears: absent is nil, null points to nil.
func patchedOrNull[T any](sent **T) store.Change[*T] {
	return patched(sent)
}

// patchedOrEmpty is a list or map that null empties.
func patchedOrEmpty[T any](sent **T) store.Change[T] {
	if sent == nil {
		return store.Change[T]{}
	}
	if *sent == nil {
		var empty T
		return store.To(empty)
	}
	return store.To(**sent)
}
