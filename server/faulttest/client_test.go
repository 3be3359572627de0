package faulttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/testenv/traffic"
)

// client opens a connection for each of many concurrent callers.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}

// answer is what a client saw of one call.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// caller is a client with a key.
type caller struct {
	*testing.T
	secret string
}

// call makes one call and reads its whole answer. An answer that is not one of
// ours (six rate headers, errors in the envelope) is an error.
func (c caller) call(method, url, body string, headers ...string) (answer, error) {
	r, err := http.NewRequestWithContext(c.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.secret)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	got := answer{response.StatusCode, response.Header, read}
	return got, errors.Join(got.check(), traffic.Record(r, got.status, got.header, got.body))
}

// check holds the answer against what every answer under /api/v1 promises.
func (a answer) check() error {
	for _, name := range []string{"Limit", "Remaining", "Reset", "Daily-Limit", "Daily-Remaining", "Daily-Reset"} {
		if _, err := strconv.ParseInt(a.header.Get("X-RateLimit-"+name), 10, 64); err != nil {
			return fmt.Errorf("%d without X-RateLimit-%s: %s", a.status, name, a.body)
		}
	}
	if a.status < 400 {
		return nil
	}
	var envelope struct {
		Error struct{ Code, Message, RequestID string }
	}
	if err := json.Unmarshal(a.body, &envelope); err != nil || envelope.Error.Code == "" || envelope.Error.RequestID == "" {
		return fmt.Errorf("%d without the envelope: %s", a.status, a.body)
	}
	return nil
}

// get makes a call that must be answered.
func (c caller) get(url string) answer {
	c.Helper()
	got, err := c.call(http.MethodGet, url, "")
	if err != nil {
		c.Fatal(err)
	}
	return got
}

func student(email string) string {
	return fmt.Sprintf(`{"email":%q,"displayName":"S"}`, email)
}
