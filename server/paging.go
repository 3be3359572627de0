package server

import (
	"time"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// defaultPageLimit is the size of a page whose limit is not given.
const defaultPageLimit = 25

// listOptions are the parameters that every list takes. Their ranges have been validated.
func listOptions(limit *int, cursor *string, updatedSince *time.Time) store.ListOptions {
	options := store.ListOptions{Limit: defaultPageLimit, UpdatedSince: updatedSince}
	if limit != nil {
		options.Limit = *limit
	}
	if cursor != nil {
		options.Cursor = *cursor
	}
	return options
}

// pagination is the second half of a list's envelope.
func pagination(next *string, limit int) gen.Pagination {
	return gen.Pagination{NextCursor: next, HasMore: next != nil, Limit: limit}
}
