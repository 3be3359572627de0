package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
)

// An application cannot tell them from deliveries.
func TestListen_PostsEachEventOnceInOrderAsADeliveryIs(t *testing.T) {
	t.Parallel()
	f, app := newFakeFeed(t, stays(begins+":\n\n"+sent("evt_1", "evt_2", "evt_3"))), newApplication(t, 202)
	p := f.listen("--forward-to", app.url)
	p.out.waitFor("evt_3")
	out := p.stop()
	app.want("evt_1", "evt_2", "evt_3")
	if want := "12:00:00  course.published      evt_1  202 in 0 ms  Sourdough\n"; !strings.Contains(out, want) {
		t.Errorf("printed %q, want %q", out, want)
	}
	got := app.heads[0]
	for name, want := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "TheBigClass-Webhooks/1 (+" + f.url + ")",
		"X-TBC-Event": "course.published", "X-TBC-Delivery": "evd_1", "X-TBC-Attempt": "1",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
}

// Nobody has to invent one, and what signed yesterday's events does not sign today's.
func TestListen_MakesASecretAndPrintsIt(t *testing.T) {
	t.Parallel()
	f := newFakeFeed(t)
	p := f.listenWith(func(c *console) {
		whole := c.getenv
		c.getenv = func(name string) string {
			if name == secretVariable {
				return ""
			}
			return whole(name)
		}
	}, "--forward-to", "http://127.0.0.1:1")
	p.out.waitFor("Listening")
	out := p.stop()
	_, after, _ := strings.Cut(out, "The signing secret of this run is ")
	made, _, _ := strings.Cut(after, "\n")
	if found, err := readSecrets(made); err != nil || len(found) != 1 || len(made) != len(secretPrefix)+43 {
		t.Errorf("made %q: %v", made, err)
	}
}

// An event that was half sent is not lost, and one that was whole is not sent twice.
func TestListen_GoesOnBehindTheLastEventAfterACut(t *testing.T) {
	t.Parallel()
	half := sent("evt_3")
	f, app := newFakeFeed(t, cut(begins), cut(sent("evt_1", "evt_2")+half[:len(half)-1]), stays(half)), newApplication(t, 204)
	p := f.listen("--forward-to", app.url)
	p.out.waitFor("evt_3")
	p.stop()
	app.want("evt_1", "evt_2", "evt_3")
	if f.began() != ",evt_0,evt_2" {
		t.Errorf("the streams began behind %q", f.began())
	}
	if errs := p.errs.String(); !strings.Contains(errs, "the stream has ended; trying again in 5s") || !strings.Contains(errs, "Listening again.") {
		t.Errorf("said %s", errs)
	}
}

// A comment every 15 seconds shows that a stream lives.
func TestListen_LeavesAStreamThatIsSilent(t *testing.T) {
	t.Parallel()
	f, app := newFakeFeed(t, stays(begins), stays(sent("evt_1"))), newApplication(t, 204)
	p := f.listenWith(func(c *console) { c.silence = 100 * time.Millisecond }, "--forward-to", app.url)
	p.out.waitFor("evt_1")
	p.stop()
	if f.began()[:6] != ",evt_0" || !strings.Contains(p.errs.String(), "silent for too long") {
		t.Errorf("the streams began behind %q: %s", f.began(), p.errs)
	}
}

// A stream that is opened and cut at once, as by a proxy that does not pass streams on, costs a call each time: it is no
// success. One that has brought a comment or an event is.
func TestListen_WaitsAsLongAsItIsAskedTo(t *testing.T) {
	t.Parallel()
	for want, answers := range map[string][]reply{
		"429); trying again in 17s": {says(429, "{}", "Retry-After", "17")},
		"429); trying again in 1m":  {says(429, "{}")},
		"500; trying again in 5s\nthe service answers 502; trying again in 10s\nthe service answers 503; trying again in 20s\n" +
			"the service answers 504; trying again in 40s\nthe service answers 500; trying again in 1m0s\nthe service answers 500; trying again in 1m0s\n": {
			says(500, ""), says(502, ""), says(503, ""), says(504, ""), says(500, ""), says(500, "")},
		"ended; trying again in 7s": {cut("retry: 7000\n\n")},
		again("5s", "10s", "20s", "40s", "1m0s", "1m0s"): {
			cut(begins), cut(begins), cut(begins), cut(begins), cut(begins), cut(begins)},
		again("5s", "10s", "5s", "10s", "5s"): {cut(begins), cut(begins), cut(begins + ":\n\n"), cut(begins), cut(sent("evt_0"))},
	} {
		f := newFakeFeed(t, append(answers, stays(sent("evt_1")))...)
		p := f.listen()
		p.out.waitFor("evt_1")
		p.stop()
		if errs := p.errs.String(); !strings.Contains(errs, want) {
			t.Errorf("said %q, want %q", errs, want)
		}
	}
}

// again is what is said of streams that were opened and ended, with these pauses between them.
func again(pauses ...string) string {
	return "ended; trying again in " + strings.Join(pauses, "\nListening again.\nthe stream has ended; trying again in ") + "\n"
}

func TestListen_WaitsForAServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	f := newFakeFeed(t)
	p := f.listen("--url", "http://127.0.0.1:1")
	p.errs.waitFor("trying again in 20s")
	if out := p.stop(); out != "" || !strings.Contains(p.errs.String(), "connection refused") {
		t.Errorf("said %s%s", out, p.errs)
	}
}

// What another try does not mend is told in one sentence that says what would.
func TestListen_EndsWithASentence(t *testing.T) {
	t.Parallel()
	const lost = `{"error":{"code":"invalid_request","message":"No.","requestId":"r","details":[{"field":"Last-Event-ID","issue":"is old"}]}}`
	const crowd = `{"error":{"code":"invalid_request","message":"No.","requestId":"r","details":[{"field":"","issue":"this key has 5 streams open"}]}}`
	for name, c := range map[string]struct {
		streams []reply
		words   []string
	}{
		"a key that ends meanwhile": {[]reply{cut(begins + sent("evt_1")), says(401, "{}")}, []string{"unknown, revoked or expired", "req-of-the-test"}},
		"a scope":                   {[]reply{says(403, `{"error":{"message":"This key lacks the scope read:events."}}`)}, []string{"read:events", "lacks"}},
		"another server":            {[]reply{says(404, "")}, []string{"404", "--url"}},
		"a page":                    {[]reply{says(200, "<html>", "Content-Type", "text/html")}, []string{"not in the API's form", "--url"}},
		"a redirect":                {[]reply{says(302, "", "Location", "https://example.com")}, []string{"302"}},
		"a place that is gone":      {[]reply{cut(begins), says(422, lost)}, []string{"evt_0", "last 30 days", "--state", "--since"}},
		"too many streams":          {[]reply{says(422, crowd)}, []string{"5 streams open"}},
		"an endless line":           {[]reply{cut(begins + "data: " + strings.Repeat("x", 2<<20))}, []string{"over a megabyte"}},
		"no event":                  {[]reply{cut("data: {}\n\n")}, []string{"no event"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newFakeFeed(t, c.streams...).listen().wantEnd(cli.Failed, c.words...)
		})
	}
}

// A service that has not noticed a cut yet counts the stream that is gone.
func TestListen_WaitsForThePlaceOfItsOwnLostStream(t *testing.T) {
	t.Parallel()
	f := newFakeFeed(t, cut(begins), says(422, `{"error":{"code":"invalid_request"}}`), stays(sent("evt_1")))
	p := f.listen()
	p.out.waitFor("evt_1")
	p.stop()
}

// The largest event that there may be arrives whole.
func TestListen_PassesTheLargestEventOn(t *testing.T) {
	t.Parallel()
	id := "evt_" + strings.Repeat("1", 64<<10-200)
	f, app := newFakeFeed(t, stays(begins+sent(id))), newApplication(t, 204)
	p := f.listen("--forward-to", app.url)
	p.out.waitFor("Sourdough")
	p.stop()
	app.want(id)
}

func TestListen_PassesOnTheTypesThatWereAskedForAlone(t *testing.T) {
	t.Parallel()
	other := strings.Replace(sent("evt_2"), "course.published", "course.archived", 1)
	f, app := newFakeFeed(t, cut(begins+other+sent("evt_1")+other), stays("")), newApplication(t, 204)
	p := f.listen("--forward-to", app.url, "--events", "course.published,order.paid")
	p.errs.waitFor("Listening again")
	if out := p.stop(); strings.Contains(out, "archived") || f.began() != ",evt_2" {
		t.Errorf("printed %s, went on behind %s", out, f.began())
	}
	app.want("evt_1")
}

// As with Stripe's: what the application does with an event is shown, and the next one is sent.
func TestListen_ShowsWhatFailedAndGoesOn(t *testing.T) {
	t.Parallel()
	f, app := newFakeFeed(t, stays(begins+sent("evt_1", "evt_2"))), newApplication(t, 500)
	p := f.listen("--forward-to", app.url)
	p.out.waitFor("evt_2")
	if out := p.stop(); strings.Count(out, "500 in 0 ms") != 2 {
		t.Errorf("printed %s", out)
	}
	nobody := newFakeFeed(t, stays(begins+sent("evt_1", "evt_2"))).listen("--forward-to", "http://127.0.0.1:1/hook")
	nobody.out.waitFor("evt_2")
	if out := nobody.stop(); strings.Count(out, "not delivered (dial tcp 127.0.0.1:1: connect: connection refused)") != 2 {
		t.Errorf("printed %s", out)
	}
}

// A restart goes on where the last run stopped, and an event that was under way then comes again.
func TestListen_KeepsItsPlaceInAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "place.json")
	f := newFakeFeed(t, stays(begins+sent("evt_1", "evt_2")), stays(sent("evt_3")), stays(sent("evt_3", "evt_4")))
	p := f.listen("--state", file)
	p.out.waitFor("evt_2")
	p.stop()
	asked := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that the client leaves
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)
	p = f.listen("--state", file, "--forward-to", hanging.URL)
	<-asked
	p.stop()
	app := newApplication(t, 204)
	p = f.listen("--state", file, "--forward-to", app.url, "--since", "1h") // which is for a first start
	p.out.waitFor("evt_4")
	p.stop()
	app.want("evt_3", "evt_4")
	if f.began() != ",evt_2,evt_2" {
		t.Errorf("went on behind %q", f.began())
	}
	newFakeFeed(t).listen("--state", file).wantEnd(cli.Usage, "of "+f.url)
}

// Until the first event there is none to go on behind. A time does as well.
func TestListen_KeepsItsPlaceInAnEmptyFeed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "place.json")
	f := newFakeFeed(t, stays("retry: 5000\n\n"), stays(sent("evt_2")))
	p := f.listen("--state", file)
	p.out.waitFor("Listening")
	p.stop()
	f.lists = []reply{says(200, `{"data":[`+published("evt_1")+`]}`)}
	p = f.listen("--state", file)
	p.out.waitFor("evt_2")
	if out := p.stop(); !strings.Contains(out, "evt_1") || f.began() != ",evt_1" {
		t.Errorf("printed %s, went on behind %q", out, f.began())
	}
}

func TestListen_BeginsAtATime(t *testing.T) {
	t.Parallel()
	var asked string
	f, app := newFakeFeed(t, stays(sent("evt_2"))), newApplication(t, 204)
	f.lists = []reply{func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Get("since")
		says(200, `{"data":[`+published("evt_1")+`]}`)(w, r)
	}}
	p := f.listen("--forward-to", app.url, "--since", "10m")
	p.out.waitFor("evt_2")
	p.stop()
	app.want("evt_1", "evt_2")
	if asked != "2026-05-19T11:50:00Z" || f.began() != "evt_1" {
		t.Errorf("asked for %s, went on behind %q", asked, f.began())
	}
}

// Between the look at the past and the opening of a stream something may happen.
func TestListen_MissesNothingBetweenThePastAndTheStream(t *testing.T) {
	t.Parallel()
	nothing, one := says(200, `{"data":[]}`), says(200, `{"data":[`+published("evt_1")+`]}`)
	f := newFakeFeed(t, stays("id: evt_1\n\n"+sent("evt_2")), stays(sent("evt_2")))
	f.lists = []reply{nothing, one}
	p := f.listen("--since", "10m")
	p.out.waitFor("evt_2")
	if out := p.stop(); strings.Count(out, "evt_1") != 1 || strings.Count(out, "evt_2") != 1 || f.began() != ",evt_1" {
		t.Errorf("printed %s, went on behind %q", out, f.began())
	}
	calm := newFakeFeed(t, stays(begins+sent("evt_1")))
	calm.lists = []reply{nothing, nothing}
	p = calm.listen("--since", "10m")
	p.out.waitFor("evt_1")
	if p.stop(); calm.began() != "" {
		t.Errorf("the streams began behind %q", calm.began())
	}
}

// Neither key nor secret may be seen by others, whatever is typed wrong.
func TestListen_WrongUsageIsOneLineWithoutSecrets(t *testing.T) {
	t.Parallel()
	f := newFakeFeed(t)
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{testKey}, []string{"flags alone"}},
		{[]string{"--" + testKey}, []string{"unknown flag"}},
		{[]string{"--key", testKey}, []string{"unknown flag"}},
		{[]string{"--url", "ftp://" + testKey, "--events", "order.payed," + testKey, "--since", "noon", "--forward-to", "x"},
			[]string{"address", "order.paid, order.refunded", "--since", "--forward-to"}},
		{[]string{"--events", "webhook.test"}, []string{"order.paid"}},
		{[]string{"--since", "-1h"}, []string{"future"}},
		{[]string{"--since", "800h"}, []string{"30 days"}},
		{[]string{"--key-file", filepath.Join(t.TempDir(), "none")}, []string{"no such file"}},
		{[]string{"--state", t.TempDir()}, []string{"directory"}},
	} {
		p := f.listen(c.args...)
		p.wantEnd(cli.Usage, c.words...)
		if strings.Count(p.errs.String(), "\n") != 1 {
			t.Errorf("%q: %s", c.args, p.errs)
		}
	}
	for _, key := range []string{"", "whsec_0123456789abcdef", "tbc_two words"} {
		f.listenWith(func(c *console) { c.getenv = func(string) string { return key } }).wantEnd(cli.Usage, "key")
	}
	if f.began() != "" {
		t.Error("a stream was opened")
	}
}
