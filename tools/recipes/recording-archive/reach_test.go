package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// Addresses come in events. None may make this machine read what only this machine can, or show a film to a network, unless
// the one who runs the recipe has said so.
func TestReach_AsksOnlyWhatItMay(t *testing.T) {
	t.Parallel()
	strict, near, open := reach{}, reach{near: true}, reach{clear: true}
	for address, want := range map[string][3]bool{ // strict, near, open
		"https://media.example.com/a.mp4": {true, true, true}, "http://media.example.com/a.mp4": {false, false, true},
		"http://127.0.0.1:9200/_search": {false, true, false}, "https://127.0.0.1/a": {false, true, false}, "http://[::1]/a.mp4": {false, true, false},
		"http://localhost/a": {false, true, false}, "https://[::ffff:10.0.0.1]/a": {false, true, false}, "http://10.0.0.1/a": {false, false, false},
		"http://169.254.169.254/latest/meta-data/": {false, false, false}, "https://[fe80::1%25eth0]/a": {false, false, false},
		"file:///etc/passwd": {}, "ftp://media.example.com/a": {}, "//media.example.com": {}, "": {},
	} {
		if got := [3]bool{strict.check(address) == nil, near.check(address) == nil, open.check(address) == nil}; got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}

func TestReach_JudgesMachinesByTheirAddress(t *testing.T) {
	t.Parallel()
	for want, texts := range map[[2]bool]string{ // strict, near
		{true, true}:   "8.8.8.8 2606:4700::1111 64:ff9b::808:808",
		{false, true}:  "127.0.0.1 127.9.9.9 ::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 10.0.0.1 172.16.0.1 192.168.1.1 fd00:ec2::254 100.64.0.1 198.18.0.1",
		{false, false}: "169.254.169.254 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe fe80::1 fe80::1%eth0 0.0.0.0 :: 0.1.2.3 224.0.0.1 ff02::1 255.255.255.255 240.0.0.1 192.0.0.192 168.63.129.16 2002:7f00:1:: ::7f00:1",
	} {
		for _, text := range strings.Fields(texts) {
			a := netip.MustParseAddr(text)
			if got := [2]bool{reach{clear: true}.may(a), reach{near: true}.may(a)}; got != want {
				t.Errorf("%s: %v, want %v", text, got, want)
			}
		}
	}
}

func TestReach_FollowsNoRedirectIntoThisMachineNorOutOfTLS(t *testing.T) {
	t.Parallel()
	get := func(address string) *http.Request { return httptest.NewRequest(http.MethodGet, address, nil) }
	far := get("https://media.example.com/a.mp4")
	for _, r := range []reach{{}, {near: true}} {
		check := r.client(&http.Client{}).CheckRedirect
		for address, want := range map[string]bool{
			"https://cdn.example.com/a.mp4": true, "http://127.0.0.1/admin": false, "https://127.0.0.1/admin": false, "https://localhost/": false,
			"https://10.0.0.1/": false, "http://cdn.example.com/": false,
		} {
			if err := check(get(address), []*http.Request{far}); (err == nil) != want {
				t.Errorf("to %s: %v", address, err)
			}
		}
		if err := check(far, []*http.Request{far, far, far, far, far, far}); err == nil {
			t.Error("redirects have no end")
		}
	}
}

// Whatever was checked before, and wherever a redirect leads: the connection itself is refused, and the given client's
// transport is not changed for anybody else.
func TestReach_EveryConnectionIsJudged(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	for _, plain := range []*http.Client{{}, {Transport: &http.Transport{}}} {
		for _, may := range []bool{false, true} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := reach{clear: true, near: may}.client(plain).Do(request)
			if (err == nil) != may || (!may && !recipe.IsPermanent(err)) {
				t.Errorf("may %v: %v", may, err)
			}
			if err == nil {
				_ = answer.Body.Close()
			}
		}
		if given, ok := plain.Transport.(*http.Transport); ok && given.DialContext != nil {
			t.Error("the given client is changed")
		}
	}
}

// A name that leads into this machine is put aside, and nothing of what is there is asked.
func TestRecordingArchive_ANameOfThisMachineIsNotAsked(t *testing.T) {
	t.Parallel()
	s := newStudio(t, small)
	delete(s.Env, nearVariable)
	s.Env[httpVariable] = "1" // says nothing about this machine
	s.Start()
	s.Deliver(s.event(map[string]any{"url": strings.Replace(s.media, "127.0.0.1", "LocalHost", 1)})) // to check a name like others
	s.WantStatus("0 done, 0 waiting, 1 failed")
	s.says(nearVariable)
	if s.asked.Load() != 0 {
		t.Error("it was asked")
	}
}
