package traffic_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/thebigclass/api/tools/testenv/traffic"
)

const secret = "tbc_0000000000000000000000000000000fx3FH"

// recorded is a recorder in a folder of its own.
func recorded(t *testing.T) (*traffic.Recorder, string) {
	t.Helper()
	folder := t.TempDir()
	recorder, err := traffic.New(folder, "a")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := recorder.Close(); err != nil {
			t.Error(err)
		}
	})
	return recorder, folder
}

// read reads the only file of a folder.
func read(t *testing.T, folder string) (text string, file traffic.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.har"))
	if err != nil || len(names) != 1 {
		t.Fatalf("the folder has %v, %v, want one file", names, err)
	}
	bytes, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(bytes, &file); err != nil {
		t.Fatalf("%v in %s", err, bytes)
	}
	return string(bytes), file
}

// exchange sends a request to a server that answers with the status and {}, and records it.
func exchange(t *testing.T, recorder *traffic.Recorder, request *http.Request, status int) {
	t.Helper()
	header := http.Header{"Content-Type": {"application/json"}, "Date": {"Thu, 26 Nov 2026 07:30:00 GMT"}}
	if err := recorder.Record(request, status, header, []byte("{}")); err != nil {
		t.Error(err)
	}
}

func request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:1"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	return r
}

// Nobody closes the file of tests that run into a time limit or are killed: it is whole after every exchange, and
// before the first.
func TestRecorder_TheFileIsWholeAfterEveryExchange(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	for n := range 3 {
		if _, file := read(t, folder); len(file.Log.Entries) != n || file.Log.Version != "1.2" {
			t.Errorf("after %d exchanges it is %+v", n, file)
		}
		exchange(t, recorder, request(t, "POST", "/api/v1/students?x=1", `{"a":1}`), 201)
	}
}

// Tests run in parallel, and none may write over what another has written.
func TestRecorder_TakesFromManyAtOnce(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	var calling sync.WaitGroup
	for range 50 {
		calling.Go(func() { exchange(t, recorder, request(t, "POST", "/api/v1/students?x=1", `{"a":1}`), 201) })
	}
	calling.Wait()
	if _, file := read(t, folder); len(file.Log.Entries) != 50 {
		t.Errorf("%d exchanges of 50", len(file.Log.Entries))
	}
}

// What is sent after a body was read by the server is what the file has.
func TestRecorder_KeepsWhatWasSentAndAnswered(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	sent, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/api/v1/students?tag=a%20b&tag=c", strings.NewReader(`{"email":"a@example.com"}`))
	if err != nil {
		t.Fatal(err)
	}
	sent.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(sent)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	exchange(t, recorder, sent, 201)
	_, file := read(t, folder)
	got := file.Log.Entries[0]
	if got.Request.PostData == nil || got.Request.PostData.Text != `{"email":"a@example.com"}` || got.Request.PostData.MimeType != "application/json" {
		t.Errorf("the body is %+v", got.Request.PostData)
	}
	if q := got.Request.QueryString; len(q) != 2 || q[0] != (traffic.Pair{Name: "tag", Value: "a b"}) || !strings.HasSuffix(got.Request.URL, "?tag=a%20b&tag=c") {
		t.Errorf("the query is %+v of %s", q, got.Request.URL)
	}
	if got.Response.Status != 201 || got.Response.Content.Text != "{}" || got.Started != "2026-11-26T07:30:00Z" {
		t.Errorf("the answer is %+v", got)
	}
}

// A file that somebody attaches to a bug opens nothing: no key in a header, and none in the query of a request that
// was refused for carrying it there.
func TestRecorder_WritesNoSecretDown(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	plain := request(t, "GET", "/api/v1/me", "")
	exchange(t, recorder, plain, 200)
	bare := request(t, "GET", "/api/v1/me?access_token="+secret, "")
	bare.Header["Authorization"] = []string{secret, "Basic " + secret}
	bare.Header.Set("Cookie", "token="+secret)
	bare.Header.Set("X-Api-Key", secret)
	exchange(t, recorder, bare, 401)
	exchange(t, recorder, request(t, "POST", "/api/v1/students", `{"key":"`+secret+`"}`), 422)
	text, file := read(t, folder)
	if strings.Contains(text, secret) {
		t.Errorf("the file has the secret: %s", text)
	}
	if !strings.Contains(text, `"Bearer redacted"`) || len(file.Log.Entries) != 3 {
		t.Errorf("the file lacks the scheme: %s", text)
	}
	if plain.Header.Get("Authorization") != "Bearer "+secret {
		t.Error("the request itself was changed")
	}
}

// A refused request is no use of the contract: it counts for no parameter and no property.
func TestRecorder_LeavesQueryAndBodyOfRefusedRequestsOut(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	for _, status := range []int{401, 403, 404, 422, 429} {
		exchange(t, recorder, request(t, "POST", "/api/v1/students?nobody=1", `{"nobody":1}`), status)
	}
	exchange(t, recorder, request(t, "POST", "/api/v1/students?nobody=1", `{"nobody":1}`), 500)
	_, file := read(t, folder)
	for _, got := range file.Log.Entries {
		kept := got.Request.PostData != nil && len(got.Request.QueryString) == 1 && strings.Contains(got.Request.URL, "?")
		if refused := got.Response.Status < 500; kept == refused || got.Response.Content.Text != "{}" {
			t.Errorf("%d is recorded as %+v", got.Response.Status, got.Request)
		}
	}
}

// Bytes that are no text reach the judge as they were sent, not mended.
func TestRecorder_KeepsBytesThatAreNoText(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	if err := recorder.Record(request(t, "GET", "/api/v1/me", ""), 200, http.Header{}, []byte("\xff")); err != nil {
		t.Fatal(err)
	}
	if _, file := read(t, folder); file.Log.Entries[0].Response.Content.Text != "/w==" || file.Log.Entries[0].Response.Content.Encoding != "base64" {
		t.Errorf("the answer is %+v", file.Log.Entries[0].Response.Content)
	}
}

// The contract has nothing to say of what lies beside /api/v1.
func TestRecorder_KeepsToTheContract(t *testing.T) {
	t.Parallel()
	recorder, folder := recorded(t)
	for _, target := range []string{"/healthz", "/api/v10", "/docs/", "/api/v1"} {
		exchange(t, recorder, request(t, "GET", target, ""), 404)
	}
	if _, file := read(t, folder); len(file.Log.Entries) != 1 {
		t.Errorf("%d exchanges, want that of /api/v1 alone", len(file.Log.Entries))
	}
}
