package dashboard_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
	"github.com/thebigclass/api/webhooks"
)

// listed are the ids of the deliveries that a page lists.
func (p *Page) listed() (ids []string) {
	for link := range elements(p.doc, "a") {
		if id, found := strings.CutPrefix(attribute(link, "href"), hooks+"/deliveries/"); found {
			ids = append(ids, id)
		}
	}
	return ids
}

// The filters are a GET form: each narrows the log, and they add up.
func TestDeliveries_FiltersAddUp(t *testing.T) {
	each(t, func(site *Site) {
		one, two := site.endpoint("One"), site.endpoint("Two")
		site.emit()
		site.finish(404, 0)
		site.DB.Clock.Advance(time.Hour)
		site.emit()
		site.finish(200, 0)
		b := site.Owner()
		for query, want := range map[string]int{
			"": 4, "?event=&status=&endpoint=&from=&to=": 4, "?endpoint=" + one.ID: 2, "?status=failed": 2, "?status=failed&endpoint=" + two.ID: 1,
			"?event=student.created&status=succeeded": 2, "?event=order.paid": 0, "?status=pending": 0, "?status=nonsense": 0, "?event=%3Cb%3E": 0,
			"?from=2026-03-02T11:30": 2, "?to=2026-03-02T11:30": 2, "?to=2026-03-02T11:00": 2, "?to=2026-03-02T10:59": 0, "?from=2026-03-02&to=2026-03-02T12:00": 4,
			"?status=failed&from=2026-03-02T11:30": 0,
		} {
			if got := b.Get(hooks + "/deliveries" + query).WantStatus(http.StatusOK).listed(); len(got) != want {
				t.Errorf("%s lists %d, want %d", query, len(got), want)
			}
		}
		b.Get(hooks + "/deliveries?from=yesterday&status=failed").WantStatus(http.StatusUnprocessableEntity).Want("Enter a date and a time")
		b.Get(hooks + "/deliveries?cursor=nonsense").WantStatus(http.StatusUnprocessableEntity)
		b.Get(hooks + "/deliveries?event=order.paid").Want("No delivery meets these filters")
	})
}

// Pages follow each other by links and leave nothing out, filters kept.
func TestDeliveries_PagesFollowEachOther(t *testing.T) {
	each(t, func(site *Site) {
		site.endpoint("One")
		site.endpoint("Two")
		for range 20 {
			site.DB.Clock.Advance(time.Second)
			site.emit()
			site.finish(404, 0)
		}
		b := site.Owner()
		for _, query := range []string{"", "?status=failed&event=student.created"} {
			page, seen := b.Get(hooks+"/deliveries"+query), []string(nil)
			for {
				seen = append(seen, page.listed()...)
				next := ""
				for link := range elements(page.doc, "a") {
					if strings.TrimSpace(text(link)) == "Older" {
						next = attribute(link, "href")
					}
				}
				if next == "" {
					break
				}
				page = b.Get(next).WantStatus(http.StatusOK)
			}
			slices.Sort(seen)
			if len(slices.Compact(seen)) != 40 {
				t.Errorf("%q shows %d deliveries", query, len(seen))
			}
		}
	})
}

// The first screen says why it failed and what to do; what the receiver answered is shown as text.
func TestDelivery_SaysWhyItFailedAndSendsAgain(t *testing.T) {
	each(t, func(site *Site) {
		site.endpoint(storedScript)
		site.emit()
		id := site.finish(401, 0)[0]
		b := site.Owner()
		at := hooks + "/deliveries/" + id
		page := b.Get(at).Want("Failed: answered Unauthorized. There will be no further attempt by itself.", "did not take the signature",
			"answered 401", "in 123 ms", storedScript, "X-TBC-Event: student.created", `"type": "student.created"`)
		for _, path := range []string{at, hooks, hooks + "/deliveries", hooks + "/deliveries?status=failed"} {
			b.Get(path).WantNot(storedScript)
		}
		again := page.Filled(at + "/send")
		b.Post(at+"/send", again).Want("on its way again", "Will be tried again")
		b.Post(at+"/send", again).Want("Will be tried again")
		if got := site.hooksAudited(); !slices.Equal(got, []string{"webhook_delivery.redelivered"}) {
			t.Errorf("audited %q", got)
		}
		if got := site.finish(200, 0); !slices.Equal(got, []string{id}) {
			t.Errorf("sent %q", got)
		}
		b.Get(at).Want("Delivered: answered 200 in 123 ms.", "sent again by hand", "Attempt 2", "Attempt 1")
	})
}

// A delivery that waits says when it is tried next; one whose endpoint is disabled or deleted cannot be sent.
func TestDelivery_SaysWhatComesNext(t *testing.T) {
	each(t, func(site *Site) {
		endpoint := site.endpoint("Books")
		site.emit()
		id := site.finish(503, 5*time.Minute)[0]
		b := site.Owner()
		at := hooks + "/deliveries/" + id
		waiting := b.Get(at).Want("The last attempt failed", "is your program running", "Next attempt in 5 minutes", "2 Mar 2026, 11:05:15 CET")
		b.Get(hooks + "/" + endpoint.ID).Submit(hooks + "/" + endpoint.ID + "/disable").WantStatus(http.StatusOK)
		if b.Get(at).Want("Canceled", "Its endpoint is disabled").Offers(at + "/send") {
			t.Error("offers to send to a disabled endpoint")
		}
		waiting.Submit(at + "/send").WantStatus(http.StatusUnprocessableEntity).Want("The endpoint is disabled or deleted")
		storetest.Tx(site.T, site.Workspace, func(tx *store.Tx) error { return tx.DeleteEndpoint(site.Context(), endpoint.ID) })
		b.Get(at).Want("Its endpoint was deleted")
	})
}

// The debugger's verdict is that of a receiver, and the secret comes back in no page and no log.
func TestDebugger_ExplainsAndForgetsTheSecret(t *testing.T) {
	each(t, func(site *Site) {
		const secret, body = "whsec_4Jq0oXy3bW9vT1mZkR7sNf2LpHc8UeGd", `{"id":"evt_1","name":"</textarea><script>alert(1)</script>"}`
		header, err := webhooks.Sign([]byte(body), site.DB.Clock.Now(), secret)
		if err != nil {
			site.Fatal(err)
		}
		b := site.Owner()
		page := b.Get(hooks + "/debugger")
		right := page.Submit(hooks+"/debugger", "header", header, "body", body, "secret", secret).Want("The signature is right").WantNot(secret, "<script>alert(1)")
		if kept := right.Filled(hooks + "/debugger"); kept.Get("header") != header || strings.TrimSpace(kept.Get("body")) != body || kept.Get("secret") != "" {
			t.Errorf("kept %v", kept)
		}
		page.Submit(hooks+"/debugger", "header", header, "body", body+"\n", "secret", secret).Want("line end after the body").WantNot(secret)
		page.Submit(hooks + "/debugger").Want("There is no secret")
		if strings.Contains(site.Log.String(), secret) || strings.Contains(site.Log.String(), "evt_1") {
			t.Error("what was pasted is in the log")
		}
		site.endpoint("Books")
		site.emit()
		filled := b.Get(hooks + "/debugger?delivery=" + site.finish(401, 0)[0]).Filled(hooks + "/debugger")
		if !strings.Contains(filled.Get("body"), `"type":"student.created"`) {
			t.Errorf("the body of the delivery is not there: %v", filled)
		}
	})
}
