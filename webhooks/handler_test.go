package webhooks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

const paid = `{"id":"evt_1","type":"order.paid","created_at":"2026-05-19T12:00:00Z","workspace_id":"org_1","data":{"id":"ord_1","email":"asha@example.com"}}`

// receiver is a Handler with the deliveries that it handed over.
type receiver struct {
	*webhooks.Handler
	got  []webhooks.Delivery
	err  error // what the work answers
	logs bytes.Buffer
}

func newReceiver(tb testing.TB, now time.Time, secrets ...string) *receiver {
	tb.Helper()
	r := &receiver{}
	var err error
	r.Handler, err = webhooks.NewHandler(webhooks.Config{
		Secrets: secrets,
		Now:     func() time.Time { return now },
		Log:     slog.New(slog.NewTextHandler(&r.logs, nil)),
	}, func(_ context.Context, d webhooks.Delivery) error {
		r.got = append(r.got, d)
		return r.err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func (r *receiver) post(body string, signatures ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/webhooks/tbc", strings.NewReader(body))
	for _, signature := range signatures {
		req.Header.Add(webhooks.HeaderSignature, signature)
	}
	req.Header.Set(webhooks.HeaderDelivery, "evd_1")
	req.Header.Set(webhooks.HeaderAttempt, "3")
	res := httptest.NewRecorder()
	r.ServeHTTP(res, req)
	return res
}

func (r *receiver) want(tb testing.TB, res *httptest.ResponseRecorder, status, handedOver int) {
	tb.Helper()
	if res.Code != status {
		tb.Errorf("status %d (%s), want %d", res.Code, strings.TrimSpace(res.Body.String()), status)
	}
	if len(r.got) != handedOver {
		tb.Errorf("%d deliveries handed over, want %d", len(r.got), handedOver)
	}
}

func TestHandler_HandsOverEachEventOnce(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, noon, newSecret)
	r.want(t, r.post(paid, sign(t, paid, noon, newSecret)), 204, 1)
	r.want(t, r.post(paid, sign(t, paid, noon.Add(time.Second), newSecret)), 204, 1)

	d := r.got[0]
	if d.Event.ID != "evt_1" || d.ID != "evd_1" || d.Attempt != 3 || string(d.Body) != paid {
		t.Errorf("handed over %+v", d)
	}
}

// An event that was remembered before its work failed would never come again.
func TestHandler_AfterAFailureTheEventIsHandedOverAgain(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, noon, newSecret)
	r.err = errWork
	r.want(t, r.post(paid, sign(t, paid, noon, newSecret)), 500, 1)
	r.err = nil
	r.want(t, r.post(paid, sign(t, paid, noon, newSecret)), 204, 2)
	r.want(t, r.post(paid, sign(t, paid, noon, newSecret)), 204, 2)
}

// Nothing that fails a vector may reach the work, whatever way it came in.
func TestHandler_AnswersTheVectorsByTheirVerdict(t *testing.T) {
	t.Parallel()
	statuses := map[string]int{"no_signature": 401, "mismatch": 401, "malformed": 400, "timestamp": 400, "body_too_large": 413}
	for _, v := range readVectors(t) {
		want, handedOver := statuses[v.Verdict], 0
		switch {
		case v.Verdict == "ok" && strings.HasPrefix(v.Text, "{") && json.Valid(v.body()):
			want, handedOver = 204, 1
		case v.Verdict == "ok":
			want = 400 // well signed, and no event
		}
		r := newReceiver(t, v.clock(), v.Secrets...)
		res := r.post(string(v.body()), v.Header...)
		if res.Code != want || len(r.got) != handedOver {
			t.Errorf("%s: status %d, %d handed over: %s", v.Name, res.Code, len(r.got), res.Body)
		}
	}
}

func TestHandler_RefusesWhatIsSignedButNoEvent(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, noon, newSecret)
	for _, body := range []string{"", "[]", `{"type":"order.paid"}`, "\ufeff" + paid} {
		r.want(t, r.post(body, sign(t, body, noon, newSecret)), 400, 0)
	}
}

func TestHandler_TakesPostsAlone(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, noon, newSecret)
	res := httptest.NewRecorder()
	r.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/webhooks/tbc", http.NoBody))
	r.want(t, res, 405, 0)
	if res.Header().Get("Allow") != "POST" {
		t.Errorf("Allow: %q", res.Header().Get("Allow"))
	}
}

// endless counts what is read of a body that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

// The sender is not known until the body has been read: a stranger must not be
// able to fill the memory.
func TestHandler_ReadsNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	r, body := newReceiver(t, noon, newSecret), &endless{}
	res := httptest.NewRecorder()
	r.ServeHTTP(res, httptest.NewRequest(http.MethodPost, "/", io.NopCloser(body)))
	r.want(t, res, 413, 0)
	if body.read > 2*webhooks.BodyLimit {
		t.Errorf("read %d bytes", body.read)
	}
}

// Events hold names and addresses, and logs are read by more people than those.
func TestHandler_LogsWhatHappenedWithoutBodySecretOrSignature(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, noon, newSecret)
	signature := sign(t, paid, noon, newSecret)
	r.post(paid, sign(t, paid, noon, oldSecret))
	r.err = errWork
	r.post(paid, signature)
	r.err = nil
	r.post(paid, signature)
	r.post(paid, signature)
	logs := r.logs.String()
	for _, want := range []string{"delivery refused", errWork.Error(), "event repeated", "evt_1", "attempt=3"} {
		if !strings.Contains(logs, want) {
			t.Errorf("logs do not mention %q", want)
		}
	}
	for _, leak := range []string{newSecret, "asha@example.com", signature[20:]} {
		if strings.Contains(logs, leak) {
			t.Errorf("logs show %q", leak)
		}
	}
}

func TestNewHandler_RefusesAConfigurationThatCannotVerify(t *testing.T) {
	t.Parallel()
	work := func(context.Context, webhooks.Delivery) error { return nil }
	now := func() time.Time { return noon }
	_, err := webhooks.NewHandler(webhooks.Config{Now: now}, work)
	wantError(t, err, webhooks.ErrNoSecret)
	_, err = webhooks.NewHandler(webhooks.Config{Now: now, Secrets: []string{""}}, work)
	wantError(t, err, webhooks.ErrNoSecret)
	if _, err = webhooks.NewHandler(webhooks.Config{Secrets: []string{newSecret}}, work); err == nil {
		t.Error("a handler without a clock")
	}
	if _, err = webhooks.NewHandler(webhooks.Config{Secrets: []string{newSecret}, Now: now}, nil); err == nil {
		t.Error("a handler with nothing to call")
	}
}

// A body that breaks off is not what was signed, whatever of it arrived.
func TestHandler_RefusesABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, noon, newSecret)
	body := io.MultiReader(strings.NewReader(paid), brokenReader{})
	req := httptest.NewRequest(http.MethodPost, "/", body)
	req.Header.Set(webhooks.HeaderSignature, sign(t, paid, noon, newSecret))
	res := httptest.NewRecorder()
	r.ServeHTTP(res, req)
	r.want(t, res, 400, 0)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
