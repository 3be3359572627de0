package readme

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/testenv/traffic"
)

// A recorder stands between a shell and the server: it sees what curl keeps to itself, the status of every answer.
type recorder struct {
	url string

	mu    sync.Mutex
	calls []recorded
	pause time.Duration // until the key may call again
}

// recorded is a call that was answered.
type recorded struct {
	method, path string
	status       int
}

// record starts a recorder in front of a server.
func record(t *testing.T, origin string) *recorder {
	t.Helper()
	target, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(request *httputil.ProxyRequest) { request.SetURL(target) },
		ModifyResponse: r.note,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.rest(request.Context())
		sent, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(sent)), nil }
		request.Body = io.NopCloser(bytes.NewReader(sent))
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// note keeps an answer, and how long its headers say that the key has to wait: by the server's own clock.
func (r *recorder) note(response *http.Response) error {
	if err := judge(response); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, recorded{response.Request.Method, response.Request.URL.Path, response.StatusCode})
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return err
	}
	reset, err := strconv.ParseInt(response.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return err
	}
	if response.Header.Get("X-RateLimit-Remaining") == "0" {
		r.pause = time.Unix(reset, 0).Sub(at)
	}
	return nil
}

// judge writes an answer down for redocly drift (tools/testenv/drift). A stream of events has no end to wait for.
func judge(response *http.Response) error {
	var body []byte
	if response.Header.Get("Content-Type") != "text/event-stream" {
		var err error
		if body, err = io.ReadAll(response.Body); err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	return traffic.Record(response.Request, response.StatusCode, response.Header, body)
}

// rest waits until the key may call again.
func (r *recorder) rest(ctx context.Context) {
	r.mu.Lock()
	pause := r.pause
	r.pause = 0
	r.mu.Unlock()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// take returns the calls since it was last asked.
func (r *recorder) take() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}
