// Package chat stands in for the incoming webhooks of Slack and Discord.
package chat

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

const bodyLimit = 1 << 20

// Message is what the record holds for each message that was taken.
type Message struct {
	Service string `json:"service"`
	Text    string `json:"text"`
}

// NewSlack answers as hooks.slack.com does (docs.slack.dev, Sending messages using incoming webhooks): plain text, "ok" for
// a message, invalid_payload, no_text and no_service for what it refuses.
func NewSlack(record *standin.Record) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /services/{team}/{hook}/{token}", func(w http.ResponseWriter, r *http.Request) {
		var message struct {
			Text string `json:"text"`
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case err != nil || kind != "application/json" || json.Unmarshal(body, &message) != nil:
			plain(w, http.StatusBadRequest, "invalid_payload")
		case strings.TrimSpace(message.Text) == "":
			plain(w, http.StatusBadRequest, "no_text")
		case record.Add(Message{"slack", message.Text}) != nil:
			plain(w, http.StatusInternalServerError, "rollup_error")
		default:
			plain(w, http.StatusOK, "ok")
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusNotFound, "no_service") })
	return mux
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}

// discordLimit is the most characters of a message's content.
const discordLimit = 2000

// NewDiscord answers as discord.com does (discord.com/developers, Webhook resource, Execute Webhook): 204, or an error with
// a code of its own.
func NewDiscord(record *standin.Record) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/webhooks/{id}/{token}", func(w http.ResponseWriter, r *http.Request) {
		var message struct {
			Content string `json:"content"`
			Allowed *struct {
				Parse []string `json:"parse"`
			} `json:"allowed_mentions"`
		}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&message)
		switch {
		case err != nil:
			standin.JSON(w, http.StatusBadRequest, refusal{50109, "The request body contains invalid JSON."})
		case message.Content == "":
			standin.JSON(w, http.StatusBadRequest, refusal{50006, "Cannot send an empty message"})
		case utf8.RuneCountInString(message.Content) > discordLimit:
			standin.JSON(w, http.StatusBadRequest, refusal{50035, "Invalid Form Body"})
		case record.Add(Message{"discord", message.Content}) != nil:
			standin.JSON(w, http.StatusInternalServerError, refusal{0, "500: Internal Server Error"})
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		standin.JSON(w, http.StatusNotFound, refusal{10015, "Unknown Webhook"})
	})
	return mux
}

type refusal struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}
