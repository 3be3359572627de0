package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/internal/money"
)

// accounts are what a transaction touches, in the order of a chart.
var accounts = []string{"clearing", "gateway-fees", "platform-fees", "tax", "sales"}

// chart has the id of each account.
type chart map[string]string

func readChart(text string) (chart, error) {
	c := chart{}
	for part := range strings.SplitSeq(text, ",") {
		name, id, _ := strings.Cut(strings.TrimSpace(part), "=")
		c[name] = id
	}
	for _, name := range accounts {
		if c[name] == "" || len(c) != len(accounts) {
			return nil, fmt.Errorf("QUICKBOOKS_ACCOUNTS must have an id for each of %s, and nothing else", strings.Join(accounts, ", "))
		}
	}
	return c, nil
}

// text is the same for the same accounts.
func (c chart) text() string {
	var parts []string
	for name, id := range c {
		parts = append(parts, name+"="+id)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// posting is an amount on an account in minor units, a debit above zero and a credit below.
type posting struct {
	account string
	amount  int64
}

// postings are balanced: what came in, less what was kept of it, is on the clearing account until the gateway pays out. A
// fee that is not known is still part of it. A refund is the same below zero, and nobody returns fees.
func (t transaction) postings() []posting {
	kept := int64(0)
	fees := map[string]*int64{"gateway-fees": t.GatewayFee, "platform-fees": t.PlatformFee}
	for _, fee := range fees {
		if fee != nil {
			kept += *fee
		}
	}
	all := []posting{{"clearing", t.Gross - kept}}
	for _, account := range []string{"gateway-fees", "platform-fees"} {
		if fee := fees[account]; fee != nil {
			all = append(all, posting{account, *fee})
		}
	}
	all = append(all, posting{"tax", -t.Tax}, posting{"sales", t.Tax - t.Gross})
	return slices.DeleteFunc(all, func(p posting) bool { return p.amount == 0 })
}

// The members of a journal entry (developer.intuit.com, QuickBooks Online API, JournalEntry).
type (
	journalEntry struct {
		DocNumber   string `json:",omitempty"`
		TxnDate     string
		PrivateNote string
		CurrencyRef reference
		Line        []journalLine
	}
	journalLine struct {
		Description            string
		Amount                 json.Number
		DetailType             string
		JournalEntryLineDetail lineDetail
	}
	lineDetail struct {
		PostingType string
		AccountRef  reference
	}
	reference struct {
		Value string `json:"value"`
	}
)

const (
	longestNumber      = 21 // of DocNumber, characters
	longestDescription = 4000
)

// journal is the transaction as QuickBooks takes it. It names no person, since an erasure could not reach it there.
func (t transaction) journal(c chart) journalEntry {
	entry := journalEntry{
		DocNumber: t.Number, TxnDate: t.At.Format("2006-01-02"), PrivateNote: t.note(), CurrencyRef: reference{t.Currency},
	}
	if len(entry.DocNumber) > longestNumber {
		entry.DocNumber = "" // the note has it
	}
	for _, p := range t.postings() {
		kind := "Debit"
		if p.amount < 0 {
			kind, p.amount = "Credit", -p.amount
		}
		entry.Line = append(entry.Line, journalLine{
			Description: shortened(t.Title), Amount: json.Number(money.Decimal(p.amount, t.Currency)), DetailType: "JournalEntryLineDetail",
			JournalEntryLineDetail: lineDetail{kind, reference{c[p.account]}},
		})
	}
	return entry
}

func (t transaction) note() string {
	note := "Order " + t.Number
	if t.refund {
		note = "Refund " + t.Number // without its reason, which is in somebody's words
	}
	if t.Reference != "" {
		note += ", " + t.Reference
	}
	if t.GatewayFee == nil {
		note += ". The gateway's fee is not known yet and not entered"
	}
	if t.PlatformFee == nil {
		note += ". The platform's fee is not known yet and not entered"
	}
	return shortened(note)
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > longestDescription {
		return string(runes[:longestDescription-1]) + "…"
	}
	return text
}
