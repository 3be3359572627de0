package webhooks_test

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// vector is one case of testdata/vectors.json; the package documentation
// explains the members.
type vector struct {
	Name    string   `json:"name"`
	Secrets []string `json:"secrets"`
	Header  []string `json:"header"`
	Text    string   `json:"body"`
	Repeat  int      `json:"repeat"`
	Now     int64    `json:"now"`
	Verdict string   `json:"verdict"`
	Page    int      `json:"page"`
}

func (v vector) body() []byte { return []byte(strings.Repeat(v.Text, max(v.Repeat, 1))) }

func (v vector) clock() time.Time { return time.Unix(v.Now, 0) }

// verdicts are the words of the file for our errors.
var verdicts = map[string]error{
	"ok":             nil,
	"no_signature":   webhooks.ErrNoSignature,
	"malformed":      webhooks.ErrMalformedSignature,
	"timestamp":      webhooks.ErrTimestamp,
	"mismatch":       webhooks.ErrMismatch,
	"body_too_large": webhooks.ErrBodyTooLarge,
}

// readVectors fails on a member that the documentation does not describe.
func readVectors(tb testing.TB) []vector {
	tb.Helper()
	file, err := os.Open("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	var document struct {
		Vectors []vector `json:"vectors"`
	}
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		tb.Fatal(err)
	}
	if len(document.Vectors) == 0 {
		tb.Fatal("testdata/vectors.json has no vectors")
	}
	return document.Vectors
}

func TestVerify_AgreesWithTheSharedVectors(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			want, known := verdicts[v.Verdict]
			if !known {
				t.Fatalf("verdict %q is not in the documentation", v.Verdict)
			}
			got := webhooks.Verify(strings.Join(v.Header, ","), v.body(), v.clock(), v.Secrets...)
			if !errors.Is(got, want) {
				t.Errorf("Verify: %v, want %v", got, want)
			}
		})
	}
}

// Verify alone could be wrong in the same way as Sign; the vectors were made
// with another implementation.
func TestSign_WritesTheHeadersOfTheVectors(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, v := range readVectors(t) {
		if v.Verdict != "ok" || len(v.Secrets) != 1 {
			continue
		}
		unix, _, _ := strings.Cut(strings.TrimPrefix(v.Header[0], "t="), ",")
		seconds, err := strconv.ParseInt(unix, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := webhooks.Sign(v.body(), time.Unix(seconds, 0), v.Secrets...)
		if err != nil {
			t.Fatal(err)
		}
		sum := strings.TrimPrefix(signed, "t="+unix+",")
		if !strings.Contains(v.Header[0], sum) {
			t.Errorf("%s: Sign wrote %s, the vector has %s", v.Name, signed, v.Header[0])
		}
		compared++
	}
	if compared < 10 {
		t.Errorf("only %d vectors were compared", compared)
	}
}
