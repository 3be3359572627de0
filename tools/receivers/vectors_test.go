package receivers_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const vectorsPath = "../../webhooks/testdata/vectors.json"

// vector is a case of webhooks/testdata/vectors.json; the package webhooks documents it.
type vector struct {
	Name    string
	Secrets []string
	Header  []string
	Text    string `json:"body"`
	Repeat  int
	Now     int64
	Verdict string
	Page    int // what the developer page's example answers
}

func (v vector) body() string { return strings.Repeat(v.Text, max(v.Repeat, 1)) }

func vectors(t *testing.T) []vector {
	t.Helper()
	var document struct{ Vectors []vector }
	if err := json.Unmarshal([]byte(read(t, vectorsPath)), &document); err != nil || len(document.Vectors) < 80 {
		t.Fatalf("%d vectors: %v", len(document.Vectors), err)
	}
	return document.Vectors
}

// statuses are the answers to verdicts, as webhooks.Handler gives them.
var statuses = map[string]int{
	"ok": 204, "no_signature": 401, "mismatch": 401, "malformed": 400, "timestamp": 400, "body_too_large": 413,
}

func (v vector) status() int {
	if _, err := webhooks.ParseEvent([]byte(v.body())); v.Verdict == "ok" && err != nil {
		return 400 // well signed, and no event
	}
	return statuses[v.Verdict]
}

var canonical = regexp.MustCompile(`^t=([1-9][0-9]{0,14}),`)

// fresh is the header as if the vector's clock were ours: t is moved, and each v1 that was made with a secret is made
// anew. What is wrong with the header stays wrong. A receiver takes its time from the machine and from nothing else,
// so that nobody can set it.
func (v vector) fresh(t *testing.T, now time.Time) (lines []string) {
	t.Helper()
	for _, line := range v.Header {
		found := canonical.FindStringSubmatch(line)
		if found != nil {
			at, err := strconv.ParseInt(found[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			moved := now.Unix() + at - v.Now
			line = strings.Replace(line, found[1], strconv.FormatInt(moved, 10), 1)
			for _, secret := range v.Secrets {
				line = strings.ReplaceAll(line, v.v1(t, at, secret), v.v1(t, moved, secret))
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (v vector) v1(t *testing.T, unix int64, secret string) string {
	t.Helper()
	signature, err := webhooks.Sign([]byte(v.body()), time.Unix(unix, 0), secret)
	if err != nil {
		t.Fatal(err)
	}
	_, v1, _ := strings.Cut(signature, ",")
	return v1
}

// fits reports whether a receiver with these secrets can be sent the vector. The very edge of the window may have passed
// when the request arrives; it is left to each language's own tests, which set the clock.
func (v vector) fits(secrets []string) bool {
	if !slices.Equal(v.Secrets, secrets) {
		return false
	}
	for _, line := range v.Header {
		if found := canonical.FindStringSubmatch(line); found != nil {
			at, err := strconv.ParseInt(found[1], 10, 64)
			off := max(at-v.Now, v.Now-at)
			return err != nil || off < 240 || off > 360
		}
	}
	return true
}
