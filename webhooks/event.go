package webhooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// ErrMalformedEvent reports a body that is signed but is no event. Since only
// the holder of the secret can sign, it means that the secret is used for
// something else.
var ErrMalformedEvent = errors.New("body is not an event")

// Event is the body of a delivery. The keys of the envelope are snake_case,
// those inside Data are camelCase, as in the REST API.
type Event struct {
	// ID is the same in every delivery and every attempt: the key to dedupe by.
	ID   string `json:"id"`
	Type string `json:"type"`

	// CreatedAt is when the change happened, not when the delivery was made.
	// Deliveries may arrive in another order than they were created in.
	CreatedAt   time.Time `json:"created_at"`
	WorkspaceID string    `json:"workspace_id"`

	// Data is what GET answers for the object that the event is about. It is
	// left as bytes, since its type depends on Type and is the receiver's choice.
	// A member "truncated": true says that it was cut to fit MaxBodyBytes.
	Data json.RawMessage `json:"data"`

	// PreviousAttributes holds, on updates, the old values of the members of Data
	// that changed.
	PreviousAttributes map[string]json.RawMessage `json:"previous_attributes,omitempty"`
}

// ParseEvent decodes a verified body. Members that it does not know are skipped,
// as the API may add some at any time; an unknown Type is no error either. Bytes
// that are not UTF-8 are refused, as the strict decoders of other languages do,
// where encoding/json would put a replacement character in their place.
func ParseEvent(body []byte) (Event, error) {
	if !utf8.Valid(body) {
		return Event{}, fmt.Errorf("%w: it is not UTF-8", ErrMalformedEvent)
	}
	var event Event
	if err := json.Unmarshal(body, &event); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrMalformedEvent, err)
	}
	if event.ID == "" || event.Type == "" {
		return Event{}, fmt.Errorf("%w: it has no id or no type", ErrMalformedEvent)
	}
	return event, nil
}
