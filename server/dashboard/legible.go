package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/thebigclass/api/store"
)

// judged are the fields whose page says by itself what is wrong with them, and
// keeps what else was entered. None of them reaches the database unread.
var judged = []string{
	emailField, passwordField, "body", "day", "email", "events", "expires", "from", "header", "id", "label", "name", "note",
	"password", "scope", "secret", "since", "to", "url",
}

// legible refuses what is no text, which no database stores: at such a path
// there is nothing, and no form and no link of ours sends such a value.
func (v *visit) legible() error {
	if !isText(v.request.URL.Path) {
		return store.ErrNotFound
	}
	for _, values := range []url.Values{v.request.URL.Query(), v.form} {
		for name, given := range values {
			if slices.Contains(judged, name) {
				continue
			}
			if !isText(name) || slices.ContainsFunc(given, func(value string) bool { return !isText(value) }) {
				return &unreadable{http.StatusBadRequest, "What was sent is not all text. Go back, and enter it or open the link again."}
			}
		}
	}
	return nil
}

func isText(value string) bool { return utf8.ValidString(value) && !strings.Contains(value, "\x00") }
