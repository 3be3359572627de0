package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// MaxEventBytes is the most that the body of an event ever has. Receivers may rely on it.
const MaxEventBytes = 64 << 10

// What a body that is too long is cut to.
const (
	keptElements   = 10
	keptCharacters = 200
)

// envelope is the body of an event: its own keys are snake_case, those of data are camelCase.
type envelope struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	CreatedAt string         `json:"created_at"`
	Workspace string         `json:"workspace_id"`
	Data      any            `json:"data"`
	Previous  map[string]any `json:"previous_attributes,omitzero"`
}

const wireTime = "2006-01-02T15:04:05.999999Z"

// encode gives the bytes that are stored, signed and sent, of which there are at most MaxEventBytes.
func (e envelope) encode() ([]byte, error) {
	body, err := compact(e)
	if err != nil || len(body) <= MaxEventBytes {
		return body, err
	}
	return e.shorten()
}

// compact is JSON without a line end. What is no UTF-8 becomes U+FFFD, so a body is always valid.
func compact(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode an event: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// tree is value as maps, lists and texts, with numbers kept digit for digit.
func tree(value any) (map[string]any, error) {
	text, err := compact(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil || members == nil {
		return nil, fmt.Errorf("the data of an event is not an object: %w", err)
	}
	return members, nil
}

// shorten takes the least that makes the body fit: the older elements of lists, then the previous attributes, then
// metadata, then the ends of texts. A change is never refused because its event is too long, so if all that is not
// enough, only the id of the object is left, which says what to fetch.
func (e envelope) shorten() ([]byte, error) {
	data, err := tree(e.Data)
	if err != nil {
		return nil, err
	}
	data["truncated"] = true
	e.Data = data
	for _, cut := range []func(*envelope){
		func(*envelope) { cutLists(data) },
		func(e *envelope) { e.Previous = nil },
		func(*envelope) { clearMetadata(data) },
		func(*envelope) { cutTexts(data) },
		func(e *envelope) { e.Data = map[string]any{"id": data["id"], "truncated": true} },
	} {
		cut(&e)
		body, err := compact(e)
		if err != nil || len(body) <= MaxEventBytes {
			return body, err
		}
	}
	return nil, fmt.Errorf("event %s cannot be cut to %d bytes", e.ID, MaxEventBytes)
}

// cutLists leaves every list its newest elements, at any depth.
func cutLists(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = cutLists(member)
		}
	case []any:
		value = newest(value)
		for i, element := range value {
			value[i] = cutLists(element)
		}
		return value
	}
	return value
}

// newest is the part of a list that was added last. Lists that show times are newest first, unless the times say
// otherwise; what has no time, such as tags, stands in the order in which it was given.
func newest(list []any) []any {
	if len(list) <= keptElements {
		return list
	}
	first, timed := elementTime(list[0])
	last, _ := elementTime(list[len(list)-1])
	if timed && !first.Before(last) {
		return list[:keptElements]
	}
	return list[len(list)-keptElements:]
}

// elementTime is when an element of a list came to be, by the names that the contract uses for it.
func elementTime(element any) (time.Time, bool) {
	members, _ := element.(map[string]any)
	for _, name := range []string{"createdAt", "at", "grantedAt", "issuedAt"} {
		if text, ok := members[name].(string); ok {
			when, err := time.Parse(time.RFC3339, text)
			return when, err == nil
		}
	}
	return time.Time{}, false
}

// clearMetadata empties every metadata object, at any depth.
func clearMetadata(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if _, ok := member.(map[string]any); ok && name == "metadata" {
				value[name] = map[string]any{}
				continue
			}
			clearMetadata(member)
		}
	case []any:
		for _, element := range value {
			clearMetadata(element)
		}
	}
}

// cutTexts leaves every text its first characters. It counts code points and never cuts one in two.
func cutTexts(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = cutTexts(member)
		}
	case []any:
		for i, element := range value {
			value[i] = cutTexts(element)
		}
	case string:
		if characters := []rune(value); len(characters) > keptCharacters {
			return string(characters[:keptCharacters])
		}
	}
	return value
}
