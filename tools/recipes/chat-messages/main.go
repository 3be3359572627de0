// Command chat-messages tells a Slack or Discord channel of every sale. See README.md, or chat-messages --help.
package main

import (
	"context"
	"errors"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// The variables hold secrets: whoever knows the URL of an incoming webhook can write to its channel.
const (
	slackVariable   = "SLACK_WEBHOOK_URL"
	discordVariable = "DISCORD_WEBHOOK_URL"
)

func main() { recipe.Main(chatMessages) }

var chatMessages = recipe.Recipe{
	Name:  "chat-messages",
	Short: "Tell a Slack or Discord channel of every sale",
	Long: `Sends a message with the products, the amount and the buyer's e-mail to a channel for
each order that is paid.

  SLACK_WEBHOOK_URL     incoming webhook of a Slack channel, or
  DISCORD_WEBHOOK_URL   webhook of a Discord channel; with both, both are told

Neither service knows repeats: if the program is killed after a channel has taken a
message and before that is noted, the message comes twice, and never not at all.`,
	Addr:   "127.0.0.1:9001",
	Events: []string{"order.paid"},
	Open:   open,
}

func open(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
	slack, discord := s.URL(slackVariable, ""), s.URL(discordVariable, "")
	if slack == "" && discord == "" {
		s.Fault(errors.New("neither " + slackVariable + " nor " + discordVariable + " is set: where should messages go?"))
	}
	var channels []channel
	if slack != "" {
		channels = append(channels, channel{service: "Slack", url: slack, payload: slackPayload})
	}
	if discord != "" {
		channels = append(channels, channel{service: "Discord", url: discord, payload: discordPayload})
	}
	return announcer{channels: channels, console: s.Console}.work, nil
}
