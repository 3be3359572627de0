package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/money"
)

// longestTitles bounds a message: Discord takes 2,000 characters.
const longestTitles = 1000

// message says who bought what, in words that are escaped for neither service yet.
func message(o client.Order) string {
	titles := make([]string, 0, len(o.Items))
	for _, item := range o.Items {
		titles = append(titles, item.Title)
	}
	what := []rune(strings.Join(titles, ", "))
	if len(what) > longestTitles {
		what = append(what[:longestTitles], '…')
	}
	buyer := "a buyer whose data were erased"
	if o.Customer.Email != nil {
		buyer = *o.Customer.Email
	}
	return fmt.Sprintf("New order %s: %s for %s, by %s", o.Number, string(what), money.Text(o.GrossAmount, o.Currency), buyer)
}

// slackPayload escapes the three characters that mean something to Slack, so that a course called <!channel> rings nobody.
func slackPayload(text string) ([]byte, error) {
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return json.Marshal(map[string]any{"text": escaped})
}

// discordPayload forbids mentions, for the same reason.
func discordPayload(text string) ([]byte, error) {
	return json.Marshal(map[string]any{"content": text, "allowed_mentions": map[string]any{"parse": []string{}}})
}
