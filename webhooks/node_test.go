package webhooks_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
	"github.com/thebigclass/api/webhooks/internal/nodereceiver"
)

// nodeReceiver is the developer page's example, running with its clock at noon.
type nodeReceiver struct{ url string }

func startNode(tb testing.TB, secret string) nodeReceiver {
	tb.Helper()
	return nodeReceiver{nodereceiver.Start(tb, "testdata/node", secret, noon)}
}

// post sends as our engine does: the header in its published spelling.
func (n nodeReceiver) post(tb testing.TB, body, signature string) int {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, n.url, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header[webhooks.HeaderSignature] = []string{signature}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		tb.Fatal(err)
	}
	return res.StatusCode
}

// bodies are what we may send: every kind of text, up to the last byte allowed.
func bodies() map[string]string {
	const envelope = `{"id":"evt_1","type":"student.updated","created_at":"2026-05-19T14:23:14.123456Z","workspace_id":"org_1","data":{"displayName":%q}}`
	fill := func(text string) string {
		room := webhooks.MaxBodyBytes - len(fmt.Sprintf(envelope, ""))
		return fmt.Sprintf(envelope, strings.Repeat(text, room/len(text))+strings.Repeat("x", room%len(text)))
	}
	return map[string]string{
		"ASCII":                             fmt.Sprintf(envelope, "Asha"),
		"Devanagari and emoji":              fmt.Sprintf(envelope, "आशा 🎓"),
		"64 KiB of ASCII":                   fill("x"),
		"64 KiB of four-byte characters":    fill("🎓"),
		"quotes, backslashes and escapes":   `{"id":"evt_1","type":"a","data":{"a":"\"\\\u003c\u0000\ud83c\udf93"}}`,
		"line separators and white space":   "{\"id\":\"evt_1\",\t\"type\":\"a\", \r\n\"data\":{\"a\":\"\u2028\u2029\"}}\n",
		"numbers that JavaScript would cut": `{"id":"evt_1","type":"a","data":{"a":12345678901234567890,"b":1.50,"c":1e3}}`,
	}
}

// The published example must go on working, whatever we send.
func TestNodeReceiver_AcceptsWhatWeSendAndNothingElse(t *testing.T) {
	t.Parallel()
	node := startNode(t, oldSecret)
	for name, body := range bodies() {
		t.Run(name, func(t *testing.T) {
			signature := sign(t, body, noon, oldSecret)
			rotating := sign(t, body, noon, newSecret, oldSecret)
			changed := strings.Replace(body, "evt_1", "evt_2", 1)
			for _, attempt := range []struct {
				what, body, signature string
				status                int
			}{
				{"as sent", body, signature, 200},
				{"as sent during a rotation", body, rotating, 200},
				{"signed 300 s ago", body, sign(t, body, noon.Add(-300*time.Second), oldSecret), 200},
				{"one byte changed", changed, signature, 401},
				{"one byte changed during a rotation", changed, rotating, 401},
				{"another secret", body, sign(t, body, noon, newSecret), 401},
				{"signed 301 s ago", body, sign(t, body, noon.Add(-301*time.Second), oldSecret), 400},
				{"signed 301 s ahead", body, sign(t, body, noon.Add(301*time.Second), oldSecret), 400},
			} {
				if status := node.post(t, attempt.body, attempt.signature); status != attempt.status {
					t.Errorf("%s: status %d, want %d", attempt.what, status, attempt.status)
				}
			}
		})
	}
}

// The member "page" of the vectors is what the example really answers.
func TestNodeReceiver_AnswersTheVectorsAsTheySay(t *testing.T) {
	t.Parallel()
	nodereceiver.RunTests(t, "testdata/node", "testdata/vectors.json")
}
