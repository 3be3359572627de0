package delivery_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// front is the one URL behind which instances of a receiver are. It counts what comes and sends it to one of them.
type front struct {
	mu       sync.Mutex
	instance *url.URL
	requests []string // their signatures
}

func newFront(t *testing.T) (*front, string) {
	f := &front{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.requests = append(f.requests, r.In.Header.Get(webhooks.HeaderSignature))
		r.Out.URL = f.instance
	}}
	server := serve(t, proxy.ServeHTTP)
	return f, server.URL
}

func (f *front) to(t *testing.T, instance string) {
	t.Helper()
	parsed, err := url.Parse(instance)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instance = parsed
}

func (f *front) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.requests
	f.requests = nil
	return all
}

// pageInstance does what the developer page's example does: of two signatures it looks at the last alone.
func pageInstance(t *testing.T, secret string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if !byLast(r.Header.Get(webhooks.HeaderSignature), body, secret) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}).URL
}

func byLast(signature string, body []byte, secret string) bool {
	parts := map[string]string{}
	for part := range strings.SplitSeq(signature, ",") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, parts["t"]+"."+string(body))
	return hex.EncodeToString(mac.Sum(nil)) == parts["v1"]
}

// carefulInstance verifies as our package does and holds both secrets.
func carefulInstance(t *testing.T, now func() time.Time, secrets ...string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || webhooks.Verify(r.Header.Get(webhooks.HeaderSignature), body, now(), secrets...) != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}).URL
}
