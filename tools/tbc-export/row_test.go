package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// decoded is the same by the whole decoder.
type decoded struct {
	ID        string    `json:"id"`
	UpdatedAt time.Time `json:"updatedAt"`
	CreatedAt time.Time `json:"created_at"`
}

var hardRows = []string{
	`{}`, ` { } `, `{"id":"a"}`, "\n{ \"id\" :\t\"a\" , \"updatedAt\" : \"2026-05-19T12:00:00.5Z\" }\r\n",
	`{"data":{"id":"wrong","created_at":"2020-01-01T00:00:00Z"},"id":"right","created_at":"2026-05-19T12:00:00Z"}`,
	`{"list":[{"id":"wrong"},["id","x"],"id"],"n":-1.5e3,"t":true,"id":"right","z":null}`,
	`{"text":"a \" } , \\","id":"a\"b\u00e9\\"}`, `{"a":"\\","id":"x"}`, `{"id":"first","id":"last"}`, `{"updatedAt":null,"id":"x"}`,
	`{"n":1,"id":"x"}`, `{"id":"x","n":1}`, `{"id":"x","n":{}}`, `{"id":"x","n":[]}`, `{"":{"":[[[]]]},"id":"x"}`,
}

// Looking for members finds what decoding finds, wherever they stand and whatever is between them.
func TestReadRow_FindsWhatDecodingFinds(t *testing.T) {
	t.Parallel()
	for _, text := range hardRows {
		wantRow(t, text)
	}
	for _, text := range []string{"", "null", `"id"`, `[{"id":"x"}]`, "7"} {
		if _, err := readRow([]byte(text)); err == nil {
			t.Errorf("%q was taken for a row", text)
		}
	}
	for _, text := range []string{`{"id":7}`, `{"updatedAt":"noon"}`} {
		if _, err := readRow([]byte(text)); err == nil {
			t.Errorf("%q was taken for a row", text)
		}
	}
}

func wantRow(t *testing.T, text string) {
	t.Helper()
	var want decoded
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if got, err := readRow([]byte(text)); err != nil || got != row(want) {
		t.Errorf("%s has %+v, want %+v: %v", text, got, want, err)
	}
}

// No row, whole or not, brings the walk down.
func FuzzReadRow(f *testing.F) {
	for _, text := range hardRows {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = readRow([]byte(text))
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &members) != nil || members == nil {
			return
		}
		for name := range members {
			// The decoder also takes other spellings of a name, and names with escapes, which the service has not.
			if known := strings.ToLower(name); known == "id" || known == "updatedat" || known == "created_at" || strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) {
				if name != "id" && name != "updatedAt" && name != "created_at" {
					return
				}
			}
		}
		if strings.Contains(text, `\`) {
			return
		}
		var want decoded
		if json.Unmarshal([]byte(text), &want) == nil {
			wantRow(t, text)
		}
	})
}
