package readme

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
)

// A program that has read nothing but the server's llms.txt makes calls with what it was told there: it keeps a copy,
// sells, follows the events, receives and verifies them. What comes back has the members that were told and no others.
func TestLLMs_ATextIsEnoughForAnIntegration(t *testing.T) {
	t.Parallel()
	build(t)
	origin := "http://" + freeAddress(t)
	key := serve(t, origin)
	a := &agent{T: t, key: key, base: origin + "/api/v1"}
	a.told = readTold(a.fetch(origin + "/llms.txt"))
	var api contract
	if err := yaml.Unmarshal(openapi.Bundle, &api); err != nil {
		t.Fatal(err)
	}
	if len(a.told.calls) != api.count() || !strings.Contains(a.told.text, "- Base URL `http://127.0.0.1:8080/api/v1`") {
		t.Fatalf("%d operations were understood", len(a.told.calls))
	}
	a.told.wantSignature(t)
	next := a.follow()
	hook, deliveries := a.receiver()
	secret := a.text(a.call("createWebhookEndpoint", 201, "", body{"url": hook, "events": []string{"*"}}), "secret")
	a.sell()
	event := within(t, next)
	if err := a.told.fits("the stream's event", a.told.types["Event"], decode(t, []byte(event))); err != nil {
		t.Error(err)
	}
	got := within(t, deliveries)
	if err := a.told.fits("the delivery", a.told.types["Event"], decode(t, got.body)); err != nil {
		t.Error(err)
	}
	if got.signature != sign(got.signature, secret, got.body) {
		t.Errorf("the delivery is signed with %s", got.signature)
	}
	a.walk(api)
}

// An agent makes calls as it was told.
type agent struct {
	*testing.T
	key, base string
	told      *told
}

type body = map[string]any

// sell does what a shop does: every id comes from an answer.
func (a *agent) sell() {
	course := a.text(a.call("createCourse", 201, "", body{"price": body{"amount": 50000}}), "id")
	a.call("publishCourse", 200, course, nil)
	student := a.text(a.call("createStudent", 201, "", body{"email": "an.agent@example.com"}), "id")
	a.call("createStudent", 200, "", body{"email": "An.Agent@example.com"})
	a.call("updateStudent", 200, student, body{"phone": "+919820012345", "metadata": body{"crm": "7"}})
	enrol := body{"studentId": student, "courseId": course}
	a.call("createEnrollment", 201, "", enrol)
	enrollment := a.text(a.call("createEnrollment", 200, "", enrol), "id")
	a.call("getEnrollment", 200, enrollment, nil)
	order := a.text(a.call("createOrder", 201, "", body{
		"customer": body{"email": "an.agent@example.com", "name": "An Agent"}, "currency": "INR",
		"items": []any{body{"kind": "course", "courseId": course, "amount": 50000}}, "payment": body{"gateway": "manual"},
	}), "id")
	a.call("refundOrder", 201, order, body{"amount": 100, "reason": "A discount, later"})
	a.call("issueCertificate", 201, "", enrol)
	live := a.text(a.call("createLiveSession", 201, "", body{"scheduledAt": "2030-01-05T12:00:00Z", "durationMinutes": 60}), "id")
	a.call("startLiveSession", 200, live, nil)
	a.call("endLiveSession", 200, live, body{"attendeeCount": 3})
	a.call("createRecording", 201, live, body{"url": "https://example.com/questions.mp4"})
	a.call("revokeEnrollment", 200, enrollment, nil)
	a.call("getMe", 200, "", nil)
	a.call("getAnalyticsSummary", 200, "", nil)
	a.call("createStudent", 422, "", body{"email": "none"})
	a.call("getOrder", 404, "ord_none", nil)
	a.call("deleteStudent", 200, student, nil)
}

// walk reads every list to its end: the courses in pages of two, the longer ones in pages of a hundred. Those that the
// contract has must be among them, or nobody would notice that no list was understood.
func (a *agent) walk(api contract) {
	walked := map[string]bool{}
	for id, call := range a.told.calls {
		if kind := call.gives[200]; call.method != http.MethodGet || kind == nil || len(kind.members) != 2 {
			continue
		}
		limit, pages := 100, 0
		if id == "listCourses" {
			limit = 2
		}
		for cursor := "none"; cursor != ""; pages++ {
			query := fmt.Sprintf("?limit=%d", limit)
			if pages > 0 {
				query += "&cursor=" + url.QueryEscape(cursor)
			}
			answer := a.send(call, 200, call.path+query, nil)
			cursor, _ = answer["pagination"].(map[string]any)["nextCursor"].(string)
		}
		if id == "listCourses" && pages < 2 {
			a.Errorf("%s has %d pages", id, pages)
		}
		walked[id] = true
	}
	lists := 0
	for _, methods := range api.Paths {
		if id := methods["get"].OperationID; strings.HasPrefix(id, "list") {
			if lists++; !walked[id] {
				a.Errorf("%s was not understood to be a list", id)
			}
		}
	}
	if lists == 0 || lists != len(walked) {
		a.Errorf("%d lists were read, and the contract has %d", len(walked), lists)
	}
}

// call makes a call with what is given and, in its body, whatever else was told to be needed.
func (a *agent) call(id string, want int, of string, given body) any {
	a.Helper()
	call := a.told.calls[id]
	if call == nil {
		a.Fatalf("%s was not told", id)
	}
	var sent []byte
	if call.body != nil {
		full := a.told.minimal(call.body)
		for name, value := range given {
			full[name] = value
		}
		sent, _ = json.Marshal(full) // of strings and numbers
	}
	return a.send(call, want, strings.Replace(call.path, "{id}", of, 1), sent)["data"]
}

// send makes a call and holds the answer against what was told of it.
func (a *agent) send(call *toldCall, want int, path string, sent []byte) map[string]any {
	a.Helper()
	response := a.open(call.method, a.base+path, sent)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.Fatal(err)
	}
	if response.StatusCode != want {
		a.Fatalf("%s %s answers %d, want %d: %s", call.method, path, response.StatusCode, want, text)
	}
	kind := call.gives[want]
	if want >= 400 {
		kind = a.told.types["ErrorResponse"]
	}
	if kind == nil {
		a.Fatalf("%s: nothing was told of %d", call.id, want)
	}
	answer := decode(a.T, text)
	if err := a.told.fits(call.id, kind, answer); err != nil {
		a.Error(err)
	}
	object, _ := answer.(map[string]any)
	return object
}

func (a *agent) open(method, address string, sent []byte) *http.Response {
	a.Helper()
	request, err := http.NewRequestWithContext(a.Context(), method, address, bytes.NewReader(sent))
	if err != nil {
		a.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+a.key)
	if sent != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		a.Fatal(err)
	}
	return response
}

func (a *agent) fetch(address string) string {
	response := a.open(http.MethodGet, address, nil)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.Fatal(err)
	}
	return string(text)
}

// follow opens the stream of events and passes on the first one.
func (a *agent) follow() <-chan string {
	response := a.open(http.MethodGet, a.base+a.told.calls["streamEvents"].path, nil)
	a.Cleanup(func() { _ = response.Body.Close() })
	next := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
				next <- data
				return
			}
		}
	}()
	return next
}

// within waits for what must come.
func within[T any](t *testing.T, channel <-chan T) (value T) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case value = <-channel:
	case <-timer.C:
		t.Fatal("nothing comes")
	}
	return value
}

type delivery struct {
	signature string
	body      []byte
}

// receiver takes deliveries, and passes on the first.
func (a *agent) receiver() (address string, first <-chan delivery) {
	took := make(chan delivery, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		select {
		case took <- delivery{r.Header.Get("X-TBC-Signature"), text}:
		default:
		}
	}))
	a.Cleanup(server.Close)
	return server.URL, took
}

// text is a member of an object.
func (a *agent) text(object any, name string) string {
	a.Helper()
	members, _ := object.(map[string]any)
	value, ok := members[name].(string)
	if !ok {
		a.Fatalf("%v has no %s", object, name)
	}
	return value
}

// minimal is an object with what must be there, of the least kind.
func (all *told) minimal(kind *notation) body {
	if named := all.types[kind.word]; named != nil {
		kind = named
	}
	object := body{}
	for _, m := range kind.members {
		if !m.optional {
			object[m.name] = map[string]any{"string": "Made by an agent", "uri": "https://example.com/", "integer": 1}[m.kind.word]
		}
	}
	return object
}

// sign makes the signature as it was told, for the time of another.
func sign(like, secret string, text []byte) string {
	t, _, _ := strings.Cut(strings.TrimPrefix(like, "t="), ",")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(text)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// wantSignature tries the recipe on the file's own example.
func (all *told) wantSignature(t *testing.T) {
	t.Helper()
	found := regexp.MustCompile("(?s)the secret `(\\S+)`.*?the signature `(\\S+)`.*?```json\n(.*?)\n```").FindStringSubmatch(all.text)
	if found == nil || sign(found[2], found[1], []byte(found[3])) != found[2] {
		t.Errorf("the recipe does not give the signature of the example: %q", found)
	}
}

func decode(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}
