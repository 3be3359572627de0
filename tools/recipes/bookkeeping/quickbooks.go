package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// minorVersion is the version of the API that these members are of.
const minorVersion = "75"

// quickBooks enters journal entries into a company of QuickBooks Online.
type quickBooks struct {
	url, company string
	chart        chart
	access       *access
	console      recipe.Console
}

func (quickBooks) name() string { return "QuickBooks" }

func (q quickBooks) enter(ctx context.Context, t transaction) error {
	entry := t.journal(q.chart)
	if len(entry.Line) == 0 {
		return nil // an order that cost nothing moves no money
	}
	err := q.post(ctx, t, entry)
	if refused := (*recipe.Refusal)(nil); errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
		// The token may have ended before its time. A fresh one is tried at once, and only once.
		if err := q.access.end(); err != nil {
			return err
		}
		return q.post(ctx, t, entry)
	}
	return err
}

func (q quickBooks) post(ctx context.Context, t transaction, entry journalEntry) error {
	token, err := q.access.token(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(entry)
	if err != nil {
		return recipe.Permanent(err)
	}
	query := url.Values{"minorversion": {minorVersion}, "requestid": {q.requestID(t)}}
	address := strings.TrimRight(q.url, "/") + "/v3/company/" + url.PathEscape(q.company) + "/journalentry?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return recipe.Permanent(errors.New("QUICKBOOKS_URL cannot be used"))
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	answer, err := q.console.Call(q.name(), request)
	if err != nil {
		return err
	}
	var made struct {
		JournalEntry struct {
			ID string `json:"Id"`
		}
	}
	if json.Unmarshal(answer, &made) != nil || made.JournalEntry.ID == "" {
		return errors.New("the answer of QuickBooks has no journal entry")
	}
	return nil
}

// requestID makes a repeat get the answer of the first request instead of a second entry (developer.intuit.com, REST API
// features, Request ID: unique in a company, at most 50 characters). The accounts are part of it: QuickBooks may repeat the
// refusal of a wrong one, and a person who has put that right must get another answer.
func (q quickBooks) requestID(t transaction) string {
	const enough = 4 // bytes
	sum := sha256.Sum256([]byte(q.chart.text()))
	return t.ID + "-" + hex.EncodeToString(sum[:enough])
}
