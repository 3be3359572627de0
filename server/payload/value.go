package payload

import "time"

// List turns every record into its object. It is never null.
func List[Record, Object any](records []Record, object func(Record) Object) []Object {
	objects := make([]Object, len(records))
	for i := range records {
		objects[i] = object(records[i])
	}
	return objects
}

// list is the values themselves, [] instead of null.
func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

// utc is the time as the wire shows it: in UTC, in whole microseconds.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func utcOrNull(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	shown := utc(*t)
	return &shown
}

func textOr(text *string, fallback string) string {
	if text == nil {
		return fallback
	}
	return *text
}

// textOrNull is null for a text that the store keeps as "".
func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// numberOrNull is a count as the contract's 32-bit members take it.
func numberOrNull(n *int64) *int {
	if n == nil {
		return nil
	}
	shown := int(*n)
	return &shown
}
