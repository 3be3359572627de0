package dashboard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/thebigclass/api/store"
)

// record puts requests of a key into the log and the counts, the i-th at the time that at says.
func (s *Site) record(keyID string, n int, status int, at func(i int) time.Time) {
	s.Helper()
	for i := range n {
		s.Requests.Add(store.Request{
			WorkspaceID: s.Workspace.ID(), KeyID: keyID, ID: fmt.Sprintf("recorded-%d-%d", status, i), At: at(i), Method: "GET",
			Route: "/api/v1/courses/:id", Status: status, Took: 1234 * time.Microsecond, Address: "192.0.2.7",
		})
	}
	s.flush()
}

// rows are the cells of the body of the table with this label, line by line.
func (p *Page) rows(label string) (lines []string) {
	for region := range elements(p.doc, "div") {
		if attribute(region, "aria-label") != label {
			continue
		}
		for body := range elements(region, "tbody") {
			for row := range elements(body, "tr") {
				lines = append(lines, cells(row))
			}
		}
	}
	return lines
}

func cells(row *html.Node) string {
	return strings.Join(strings.Fields(text(row)), " ")
}

// The log of a key is walked page by page to its 500th line, newest first, and no further.
func TestKeyRequests_ArePagedToTheLast500(t *testing.T) {
	each(t, func(site *Site) {
		page, key, _ := site.key(store.NewKey{})
		now := site.DB.Clock.Now()
		site.record(key.ID, 520, 200, func(i int) time.Time { return now.Add(time.Duration(i) * time.Millisecond) })
		b, seen := site.Owner(), 0
		for next := page; next != ""; {
			shown := b.Get(next).WantStatus(200)
			for _, line := range shown.rows("Requests") {
				if want := fmt.Sprintf("recorded-200-%d", 519-seen); !strings.HasPrefix(line, "2 Mar 2026, 11:00") || !strings.HasSuffix(line, want) || !strings.Contains(line, "GET /api/v1/courses/{id} 200 1.2 192.0.2.7") {
					site.Fatalf("line %d is %q, want %s", seen, line, want)
				}
				seen++
			}
			next = ""
			for link := range elements(shown.doc, "a") {
				if strings.TrimSpace(text(link)) == "Older" {
					next, _, _ = strings.Cut(attribute(link, "href"), "#")
				}
			}
		}
		if seen != store.KeptRequests {
			site.Errorf("%d lines", seen)
		}
		b.Get(page + "?before=tampered").WantStatus(422).Want("not there any more")
	})
}

func TestFindRequests_SaysWhatIsWrong(t *testing.T) {
	each(t, func(site *Site) {
		_, key, _ := site.key(store.NewKey{Name: "CRM sync"})
		now := site.DB.Clock.Now()
		site.record(key.ID, 1, 503, func(int) time.Time { return now })
		b := site.Owner()
		b.Get("/dashboard/developer/requests").WantStatus(200).Want("X-Request-Id")
		b.Get("/dashboard/developer/requests?id=%20recorded-503-0%20").WantStatus(200).Want("CRM sync", "503")
		b.Get("/dashboard/developer/requests?id=unknown-id").WantStatus(200).Want("No request with this id")
		for _, id := range []string{"short", "%3Cscript%3Ealert(1)%3C/script%3E", strings.Repeat("x", 65), "%00%00%00%00%00%00%00%00"} {
			page := b.Get("/dashboard/developer/requests?id=" + id).WantStatus(422).Want("8 to 64 letters")
			if slices.ContainsFunc(slices.Collect(elements(page.doc, "script")), func(n *html.Node) bool { return attribute(n, "src") == "" }) {
				site.Errorf("%s became a script", id)
			}
		}
	})
}

// Days and hours are those of the workspace (Berlin), whose midnight is an hour before that of UTC in winter.
func TestCharts_CountByTheWorkspacesClock(t *testing.T) {
	each(t, func(site *Site) {
		page, key, _ := site.key(store.NewKey{})
		for i, at := range []string{"2026-03-01T22:59:59Z", "2026-03-01T23:00:00Z", "2026-01-31T22:59:59Z", "2026-01-31T23:00:00Z"} {
			moment, err := time.Parse(time.RFC3339, at)
			if err != nil {
				site.Fatal(err)
			}
			site.record(key.ID, i+1, 200, func(i int) time.Time { return moment.Add(time.Duration(i) * time.Microsecond) })
		}
		site.record(key.ID, 5, 429, func(i int) time.Time { return site.DB.Clock.Now().Add(time.Duration(i) * time.Microsecond) })
		for _, path := range []string{page, "/dashboard/developer"} {
			shown := site.Owner().Get(path).Want("Today, Europe/Berlin time")
			days, hours := shown.rows("Requests of the last 30 days by status"), shown.rows("Requests of today by the hour, Europe/Berlin time")
			if len(days) != 30 || len(hours) != 24 {
				site.Fatalf("%s: %d days and %d hours", path, len(days), len(hours))
			}
			if days[0] != "Sun 1 February 2026 4 0 0 0 0 4" || days[28] != "Sun 1 March 2026 1 0 0 0 0 1" || days[29] != "Mon 2 March 2026 2 0 0 5 0 7" {
				site.Errorf("%s: days %q", path, days)
			}
			if hours[0] != "00:00 to 01:00 2 0 0 0 0 2" || hours[11] != "11:00 to 12:00 0 0 0 5 0 5" {
				site.Errorf("%s: hours %q", path, hours)
			}
		}
	})
}
