package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin"
	"github.com/thebigclass/api/tools/recipes/internal/standin/chat"
)

// channels stands in for both services. refuse answers instead of them while it returns true.
type channels struct {
	*recipetest.Kitchen
	record recipetest.Record[chat.Message]
	refuse atomic.Pointer[http.HandlerFunc]
}

func newChannels(t *testing.T) *channels {
	c := &channels{}
	record := standin.NewRecord(&c.record)
	slack := httptest.NewServer(chat.NewSlack(record))
	discord := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse := c.refuse.Load(); refuse != nil {
			(*refuse)(w, r)
			return
		}
		chat.NewDiscord(record).ServeHTTP(w, r)
	}))
	t.Cleanup(slack.Close)
	t.Cleanup(discord.Close)
	c.Kitchen = recipetest.New(t, chatMessages, map[string]string{
		slackVariable: slack.URL + "/services/T0/B0/x", discordVariable: discord.URL + "/api/webhooks/1/x",
	})
	c.Start()
	return c
}

func order(title string) []byte {
	return recipetest.Event("evt_01HXZK5Q7R9S1T3V5W7X9Y1ZAA", "order.paid", map[string]any{
		"number": "TBC-1042", "grossAmount": 500000, "currency": "INR", "customer": map[string]any{"email": "asha@example.com"},
		"items": []any{map[string]any{"title": title}, map[string]any{"title": "Riyaz Notes"}},
	})
}

// A sale is told once, with the products, the amount and the buyer, however often its event comes.
func TestChatMessages_ASaleIsToldOnceInEachChannel(t *testing.T) {
	t.Parallel()
	c := newChannels(t)
	for range 3 {
		c.Deliver(order("Bread at Home"))
	}
	c.WantStatus("1 done, 0 waiting, 0 failed")
	want := "New order TBC-1042: Bread at Home, Riyaz Notes for 5000.00 INR, by asha@example.com"
	got := c.record.All(t)
	if len(got) != 2 || got[0] != (chat.Message{Service: "slack", Text: want}) || got[1] != (chat.Message{Service: "discord", Text: want}) {
		t.Errorf("%+v", got)
	}
}

// A limit of one service is waited for, and the other one does not hear of the sale again.
func TestChatMessages_ALimitIsWaitedForWithoutARepeat(t *testing.T) {
	t.Parallel()
	c := newChannels(t)
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		standin.JSON(w, http.StatusTooManyRequests, map[string]any{"message": "You are being rate limited.", "retry_after": 600.0})
	})
	c.refuse.Store(&busy)
	c.Deliver(order("Bread at Home"))
	c.Await(func() (string, bool) {
		printed, _ := c.Run("status")
		return printed, strings.Contains(printed, "Discord answers 429")
	}, "the refusal")
	c.refuse.Store(nil)
	c.Advance(9 * time.Minute)
	c.WantStatus("0 done, 1 waiting, 0 failed")
	c.Advance(2 * time.Minute)
	c.WantStatus("1 done, 0 waiting, 0 failed")
	if got := c.record.All(t); len(got) != 2 {
		t.Errorf("%+v, want one message in each channel", got)
	}
}

// A title cannot ring a channel or forge a link.
func TestChatMessages_ATitleIsTextAndNoMarkup(t *testing.T) {
	t.Parallel()
	c := newChannels(t)
	c.Deliver(order("<!channel> & <https://evil.example|free>"))
	c.WantStatus("1 done, 0 waiting, 0 failed")
	if got := c.record.All(t); !strings.Contains(got[0].Text, "&lt;!channel&gt; &amp; &lt;https") {
		t.Errorf("Slack is told %q", got[0].Text)
	}
	if payload, err := discordPayload("@everyone"); err != nil || !strings.Contains(string(payload), `"allowed_mentions":{"parse":[]}`) {
		t.Errorf("Discord is told %s, %v", payload, err)
	}
}

// A channel that is gone is a person's business, who learns no secret from the report; the other channel is told.
func TestChatMessages_AChannelThatIsGoneIsReportedWithoutItsURL(t *testing.T) {
	t.Parallel()
	c := newChannels(t)
	c.Stop()
	c.Env[slackVariable] = strings.Replace(c.Env[slackVariable], "/services/", "/gone/", 1)
	c.Start()
	c.Deliver(order("Bread at Home"))
	c.WantStatus("0 done, 0 waiting, 1 failed")
	if got := c.record.All(t); len(got) != 1 || got[0].Service != "discord" {
		t.Errorf("%+v", got)
	}
	printed, _ := c.Run("status")
	if !strings.Contains(printed, "Slack answers 404 Not Found: no_service") || strings.Contains(printed, "/gone/") {
		t.Errorf("status prints %s", printed)
	}
}
