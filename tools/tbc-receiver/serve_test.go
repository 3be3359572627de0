package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thebigclass/api/webhooks"
)

func TestServe_PrintsEachEventOnceInALine(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.deliver(published("evt_1"), 204)
	p.deliver(published("evt_1"), 204)
	p.deliver(published("evt_2"), 204)
	out := p.stop()
	const want = "12:00:00  course.published      evt_1  Sourdough\n12:00:00  course.published      evt_2  Sourdough\n"
	if !strings.HasSuffix(out, want) {
		t.Errorf("printed %q", out)
	}
	if !strings.Contains(p.errs.String(), "event repeated") {
		t.Errorf("no word of the repetition: %s", p.errs)
	}
}

func TestServe_RefusesAndReportsWhatIsNotSignedWithTheSecret(t *testing.T) {
	t.Parallel()
	p := start(t, "--status", "503", "--delay", "1h")
	p.deliverSigned(published("evt_1"), "whsec_wrong", 401)
	if out := p.stop(); strings.Contains(out, "evt_1") {
		t.Errorf("printed %q", out)
	}
	if !strings.Contains(p.errs.String(), "signature does not match") {
		t.Errorf("no reason: %s", p.errs)
	}
}

func TestServe_AcceptsBothSecretsOfARotation(t *testing.T) {
	t.Parallel()
	p := start(t, "--secret", "whsec_new_of_the_test,"+secret)
	p.deliver(published("evt_1"), 204)
	p.deliverSigned(published("evt_2"), "whsec_new_of_the_test", 204)
	p.stop()
}

func TestServe_StoresEachEventOnceAcrossRestarts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	for range 2 {
		p := start(t, "--store", path, "--status", "503")
		p.deliver(published("evt_1"), 503)
		p.deliver(published("evt_2"), 503)
		p.stop()
	}
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := published("evt_1") + "\n" + published("evt_2") + "\n"; string(stored) != want {
		t.Errorf("stored %s", stored)
	}
}

// The application behind must be able to verify what it gets.
func TestServe_ForwardsTheBytesAndHeadersOfTheDelivery(t *testing.T) {
	t.Parallel()
	received := make(chan error, 1)
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = webhooks.Verify(r.Header.Get(webhooks.HeaderSignature), body, noon, secret)
		}
		received <- err
		if r.Header.Get(webhooks.HeaderDelivery) != "evd_1" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("headers: %v", r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(application.Close)
	p := start(t, "--forward-to", application.URL)
	p.deliver(published("evt_1"), 204)
	if err := <-received; err != nil {
		t.Error(err)
	}
	p.stop()
}

// The event must not be remembered, or nobody would ever hand it over.
func TestServe_WhatCouldNotBeForwardedComesAgain(t *testing.T) {
	t.Parallel()
	statuses := make(chan int, 3)
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(<-statuses)
	}))
	t.Cleanup(application.Close)
	path := filepath.Join(t.TempDir(), "events.jsonl")
	p := start(t, "--forward-to", application.URL, "--store", path)
	for _, answer := range []struct{ application, receiver int }{{500, 500}, {302, 500}, {200, 204}} {
		statuses <- answer.application
		p.deliver(published("evt_1"), answer.receiver)
	}
	p.deliver(published("evt_1"), 204) // answered without the application
	if out := p.stop(); strings.Count(out, "evt_1") != 1 {
		t.Errorf("printed %q", out)
	}
	if !strings.Contains(p.errs.String(), "forward: answered 500") {
		t.Errorf("no reason: %s", p.errs)
	}
}

// What concerns one connection stays on it, and our names leave as published.
func TestForwardedHeader_KeepsWhatWasSentAndNoMore(t *testing.T) {
	t.Parallel()
	received := http.Header{}
	for name, value := range map[string]string{
		"X-TBC-Signature": "t=1,v1=a", "X-TBC-Event": "order.paid", "User-Agent": "TBC",
		"Connection": "close, X-Hop", "X-Hop": "1", "Transfer-Encoding": "chunked",
	} {
		received.Set(name, value)
	}
	header := forwardedHeader(received)
	for _, name := range []string{"X-TBC-Signature", "X-TBC-Event", "User-Agent"} {
		if len(header[name]) != 1 {
			t.Errorf("%s is missing in %v", name, header)
		}
	}
	if len(header) != 3 {
		t.Errorf("forwards %v", header)
	}
}

func TestAnswering_DelaysGoodDeliveriesAlone(t *testing.T) {
	t.Parallel()
	for inner, want := range map[int]time.Duration{204: 20 * time.Second, 401: 0, 500: 0} {
		synctest.Test(t, func(t *testing.T) {
			a := answering{status: 429, delay: 20 * time.Second, next: http.HandlerFunc(
				func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(inner) })}
			begun, res := time.Now(), httptest.NewRecorder() //nolint:forbidigo // the clock of the bubble
			a.ServeHTTP(res, httptest.NewRequest(http.MethodPost, "/", http.NoBody))
			if took := time.Since(begun); took != want { //nolint:forbidigo // the clock of the bubble
				t.Errorf("%d was answered after %s, want %s", inner, took, want)
			}
			if good := inner == 204; good != (res.Code == 429) {
				t.Errorf("%d became %d", inner, res.Code)
			}
		})
	}
}

// Ctrl-C must not wait for an hour, and an answer that is due must still go out.
func TestServe_StoppingEndsADelayWithItsAnswer(t *testing.T) {
	t.Parallel()
	p := start(t, "--delay", "1h", "--status", "202")
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		p.deliver(published("evt_1"), 202)
	}()
	p.out.waitFor("evt_1")
	p.stop()
	<-answered
}
