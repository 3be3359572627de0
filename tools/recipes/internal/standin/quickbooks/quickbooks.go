// Package quickbooks stands in for the journal entries of QuickBooks Online, and for Intuit's tokens.
package quickbooks

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

const bodyLimit = 1 << 20

// Accounts are the ids that the company has.
var Accounts = []string{"35", "61", "62", "79", "90"}

// Entry is what the record holds for each journal entry that was made. A line reads "Debit 35 4878.46".
type Entry struct {
	DocNumber, TxnDate, PrivateNote, Currency string
	Lines                                     []string
}

// company is one, with the tokens for it. A request id that was answered is answered alike for ever; whether
// Intuit repeats refusals too is not written anywhere, so the stand-in does the worse.
type company struct {
	mu       sync.Mutex
	record   *standin.Record
	given    int // tokens
	answered map[string]answer
}

// answer is what a request with some id got.
type answer struct {
	status int
	body   any
}

// New answers as quickbooks.api.intuit.com and oauth.platform.intuit.com do (developer.intuit.com: JournalEntry, REST API
// features, Error codes; OAuth 2.0). A refresh token is good once: Intuit is more patient, but not for ever. Before it has
// given one it takes any.
func New(record *standin.Record) http.Handler {
	c := &company{record: record, answered: map[string]answer{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/v1/tokens/bearer", c.refresh)
	mux.HandleFunc("POST /v3/company/{company}/journalentry", c.journal)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func (c *company) refresh(w http.ResponseWriter, r *http.Request) {
	_, secret, basic := r.BasicAuth()
	token := r.PostFormValue("refresh_token")
	switch {
	case !basic || secret == "":
		standin.JSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	case r.PostFormValue("grant_type") != "refresh_token" || token == "":
		standin.JSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
	case c.given > 0 && token != "refresh-"+strconv.Itoa(c.given):
		standin.JSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"})
	default:
		c.given++
		standin.JSON(w, http.StatusOK, map[string]any{
			"token_type": "bearer", "access_token": "access-" + strconv.Itoa(c.given), "expires_in": 3600,
			"refresh_token": "refresh-" + strconv.Itoa(c.given), "x_refresh_token_expires_in": 8726400,
		})
	}
}

// fault is the one shape of QuickBooks' errors.
func fault(w http.ResponseWriter, status int, kind string, code int, detail string) {
	standin.JSON(w, status, faultBody(kind, code, detail))
}

func faultBody(kind string, code int, detail string) map[string]any {
	return map[string]any{"Fault": map[string]any{
		"Error": []any{map[string]any{"Message": detail, "Detail": detail, "code": strconv.Itoa(code)}}, "type": kind,
	}, "time": "2026-05-19T14:23:14.000-07:00"}
}

type journalEntry struct {
	DocNumber, TxnDate, PrivateNote string
	CurrencyRef                     struct{ Value string }
	Line                            []struct {
		Amount                 json.Number
		DetailType             string
		JournalEntryLineDetail struct {
			PostingType string
			AccountRef  struct{ Value string }
		}
	}
}

func (c *company) journal(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("requestid")
	var entry journalEntry
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&entry)
	switch {
	case c.given == 0 || r.Header.Get("Authorization") != "Bearer access-"+strconv.Itoa(c.given):
		fault(w, http.StatusUnauthorized, "AUTHENTICATION", 3200, "message=AuthenticationFailed; errorCode=003200; statusCode=401")
		return
	case err != nil || len(id) > 50:
		fault(w, http.StatusBadRequest, "ValidationFault", 2010, "Request has invalid or unsupported property")
		return
	}
	if _, repeated := c.answered[id]; !repeated {
		c.answered[id] = c.make(entry)
	}
	standin.JSON(w, c.answered[id].status, c.answered[id].body)
}

// make records an entry, or says what is wrong with it.
func (c *company) make(entry journalEntry) answer {
	lines, code, wrong := entry.check()
	if wrong != "" {
		return answer{http.StatusBadRequest, faultBody("ValidationFault", code, wrong)}
	}
	if c.record.Add(Entry{entry.DocNumber, entry.TxnDate, entry.PrivateNote, entry.CurrencyRef.Value, lines}) != nil {
		return answer{http.StatusInternalServerError, faultBody("SystemFault", 10000, "An application error has occurred while processing your request")}
	}
	made := map[string]any{"Id": strconv.Itoa(len(c.answered) + 1), "SyncToken": "0", "DocNumber": entry.DocNumber}
	return answer{http.StatusOK, map[string]any{"JournalEntry": made}}
}

// check gives the lines of an entry, or what is wrong with it.
func (e journalEntry) check() (lines []string, code int, wrong string) {
	if len(e.DocNumber) > 21 {
		return nil, 2050, "String length is either shorter or longer than supported by specification: DocNumber"
	}
	balance := new(big.Rat)
	for _, l := range e.Line {
		amount, ok := new(big.Rat).SetString(l.Amount.String())
		detail := l.JournalEntryLineDetail
		switch {
		case !ok || amount.Sign() <= 0 || l.DetailType != "JournalEntryLineDetail":
			return nil, 2010, "Request has invalid or unsupported property: Line"
		case !slices.Contains(Accounts, detail.AccountRef.Value):
			return nil, 2500, "Invalid Reference Id : Accounts element id " + detail.AccountRef.Value + " not found"
		case detail.PostingType == "Debit":
			balance.Add(balance, amount)
		case detail.PostingType == "Credit":
			balance.Sub(balance, amount)
		default:
			return nil, 2010, "Request has invalid or unsupported property: PostingType"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", detail.PostingType, detail.AccountRef.Value, l.Amount))
	}
	if len(e.Line) < 2 || balance.Sign() != 0 {
		return nil, 6000, "A business validation error has occurred while processing your request: the entry is not in balance"
	}
	return lines, 0, ""
}
