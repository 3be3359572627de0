package dashboard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A NUL or a byte that is no UTF-8 is refused by the page, whatever value it comes in: PostgreSQL takes neither.
func TestPages_WhatIsNoTextIsNoFaultOfOurs(t *testing.T) {
	each(t, func(site *Site) {
		b := site.Owner()
		endpoint := site.endpoint("Mine")
		for _, value := range []string{"%00", "a%00b", "%ff", "%c3%28"} {
			for _, path := range []string{
				hooks + "/deliveries?event=", hooks + "/deliveries?status=", hooks + "/deliveries?endpoint=", hooks + "/deliveries?cursor=",
				hooks + "/debugger?delivery=", hooks + "?range=", "/dashboard/audit?actor=", "/dashboard/audit?action=",
				"/dashboard/audit?cursor=", "/dashboard/developer?ended=", "/dashboard/team?done=", "/dashboard/team?" + value + "=",
			} {
				if page := b.Get(path + value); page.Status != http.StatusBadRequest {
					t.Errorf("%s%s: status %d", path, value, page.Status)
				}
			}
			if page := b.Get(hooks + "/deliveries?from=" + value); page.Status != http.StatusUnprocessableEntity {
				t.Errorf("a time of %s: status %d", value, page.Status)
			}
			raw, err := url.QueryUnescape(value)
			if err != nil {
				t.Fatal(err)
			}
			for _, sent := range []struct{ path, name string }{
				{"/dashboard/account/workspace", "workspace"}, {"/dashboard/reset", "token"}, {"/dashboard/invitations", "token"},
				{"/dashboard/team/invitations", "role"}, {"/dashboard/team/invitations", "email"}, {"/dashboard/forgot", "email"},
				{"/dashboard/sign-in", "next"}, {"/dashboard/sign-in", "_email"}, {newKeyPath, "form"}, {newKeyPath, "name"}, {newKeyPath, "note"},
				{hooks + "/new", "url"}, {hooks + "/new", "label"}, {hooks + "/new", "events"}, {hooks + "/debugger", "body"}, {hooks + "/debugger", "secret"},
				{hooks + "/" + endpoint.ID + "/edit", "label"}, {hooks + "/" + endpoint.ID + "/rotate", "overlap"},
				{hooks + "/" + endpoint.ID + "/recover", "since"},
			} {
				values := url.Values{"name": {"A name"}, "scope": {"read:courses"}, "expires": {"0"}, "url": {"https://example.com"}, "events": {"*"},
					"email": {"a@example.com"}, "role": {"viewer"}, "_password": {thePassword}}
				values.Set(sent.name, raw)
				if page := b.Post(sent.path, values); page.Status >= http.StatusInternalServerError {
					t.Errorf("POST %s with %s=%s: status %d", sent.path, sent.name, value, page.Status)
				}
			}
		}
		page := b.Get(hooks+"/new").Submit(hooks+"/new", "url", "https://example.com/typed", "events", "*", "label", "a\x00b")
		if page.Status != http.StatusUnprocessableEntity || page.Filled(hooks+"/new").Get("url") != "https://example.com/typed" {
			t.Errorf("a label with a NUL: status %d, and kept %v", page.Status, page.Filled(hooks+"/new"))
		}
		if logged := site.Log.String(); strings.Contains(logged, "dashboard request failed") {
			t.Errorf("the log tells of a fault: %s", logged)
		}
	})
}
