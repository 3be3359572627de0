package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The program and its tests run in the root of the repository.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// program runs the whole of it and returns its exit code and all that it prints.
func program(t *testing.T, args ...string) (code int, printed string) {
	t.Helper()
	var out bytes.Buffer
	var mu sync.Mutex
	console := console{
		out: locked{&mu, &out}, errs: locked{&mu, &out}, getenv: func(string) string { return "" },
		now: time.Now, //nolint:forbidigo // generators are other processes: the machine's clock tells what they take
	}
	code = run(t.Context(), args, console)
	return code, out.String()
}

// locked is a writer for several goroutines.
type locked struct {
	mu *sync.Mutex
	to io.Writer
}

// Write implements io.Writer.
func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

// made is what the program has made for all tests: the clients in bin/clients.
var made struct {
	once    sync.Once
	code    int
	printed string
}

// clients makes all clients once.
func clients(t *testing.T) (code int, printed string) {
	t.Helper()
	made.once.Do(func() { made.code, made.printed = program(t) })
	return made.code, made.printed
}

// A change is what happens to an answer on its way. It returns the body and may change the rest.
type change func(answer *http.Response, body []byte) []byte

// scripts are the conformance scripts of all clients, with a server behind them that a test may spoil.
type scripts struct {
	*testing.T
	kit *kit
	env []string // of the scripts, the address apart
	url string   // of the server
}

// openScripts starts a server for the clients that clients has made.
func openScripts(t *testing.T) *scripts {
	t.Helper()
	if code, printed := clients(t); code != 0 {
		t.Fatalf("there are no clients: %s", printed)
	}
	k, err := newKit(options{out: "bin/clients", contract: "openapi/tbc-v1.yaml"}, console{errs: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	env, stop, err := k.server(t.Context(), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	s := &scripts{T: t, kit: k}
	for _, variable := range env {
		if address, found := strings.CutPrefix(variable, "TBC_URL="); found {
			s.url = address
			continue
		}
		s.env = append(s.env, variable)
	}
	return s
}

// behind starts a server that passes everything on and changes the answers.
func (s *scripts) behind(t *testing.T, change change) (address string) {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(target)
			request.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(response *http.Response) error {
			body, err := io.ReadAll(response.Body)
			if err != nil {
				return err
			}
			body = change(response, body)
			response.Body = io.NopCloser(bytes.NewReader(body))
			response.ContentLength = int64(len(body))
			response.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// run lets the script of a language loose on a server.
func (s *scripts) run(l language, address string) error {
	return s.kit.script(s.Context(), l, append([]string{"TBC_URL=" + address}, s.env...))
}

// gains adds to every object in an answer what the contract may gain: a member.
func gains(t *testing.T, body []byte) []byte {
	t.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Error(err)
	}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, member := range v {
				if name != "metadata" { // its members are texts of the workspace's own
					walk(member)
				}
			}
			v["gainedLater"] = map[string]any{"by": "the contract"}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(value)
	text, err := json.Marshal(value)
	if err != nil {
		t.Error(err)
	}
	return text
}
