// Command bookkeeping enters sales and refunds into QuickBooks Online or CSV files. See README.md, or bookkeeping --help.
package main

import (
	"context"
	"errors"
	"path/filepath"
	_ "time/tzdata" // not every machine knows the zone of a workspace

	"github.com/thebigclass/api/tools/internal/ledger"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const (
	formatVariable  = "BOOKS_FORMAT"
	companyVariable = "QUICKBOOKS_COMPANY"
)

func main() { recipe.Main(bookkeeping) }

var bookkeeping = recipe.Recipe{
	Name:  "bookkeeping",
	Short: "Enter sales and refunds into QuickBooks Online, or CSV files for Tally, QuickBooks or Zoho Books",
	Long: `Enters each paid order and each refund once, split into gross, tax, fees and net, with the
date in the workspace's time zone. Test orders are left out. A gateway keeps its fee when
money is returned, so a refund takes back gross and tax alone.

A fee that is not known is not guessed: its column and the net are empty, and the journal
has the gross less the known fees on the clearing account. Enter it when it is known.

  TBC_KEY        a key with the scope read:orders, for the time zone and for large orders
  BOOKS_FORMAT   tally, quickbooks or zoho: the columns of orders.csv and refunds.csv,
                 those of tbc-export accounting and the transaction's id
  BOOKS_FOLDER   where these are (the state folder). Move them away once
                 imported, and edit copies: what is saved over new rows is gone

  QUICKBOOKS_COMPANY          the company's id (realm): a journal entry for each
  QUICKBOOKS_CLIENT_ID, QUICKBOOKS_CLIENT_SECRET
                              of your app, which has the scope com.intuit.quickbooks.accounting
  QUICKBOOKS_REFRESH_TOKEN    to begin with; the ones that follow are kept in the state folder
  QUICKBOOKS_ACCOUNTS         ids of accounts: clearing=1,gateway-fees=2,platform-fees=3,tax=4,sales=5
  QUICKBOOKS_URL              https://quickbooks.api.intuit.com
  QUICKBOOKS_TOKEN_URL        https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer

An entry carries the transaction's id as its request id, by which QuickBooks knows a repeat.`,
	Addr:   "127.0.0.1:9003",
	Events: []string{"order.paid", "order.refunded"},
	Open:   open,
}

func open(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
	b := bookkeeper{api: s.API("read:orders")}
	if format := s.Getenv(formatVariable); format != "" {
		csv, err := newFiles(format, s.Optional("BOOKS_FOLDER", s.Folder))
		if err != nil {
			s.Fault(err)
		}
		b.books = append(b.books, csv)
	}
	if company := s.Getenv(companyVariable); company != "" {
		b.books = append(b.books, newQuickBooks(company, s))
	}
	if len(b.books) == 0 {
		s.Fault(errors.New("neither " + formatVariable + " nor " + companyVariable + " is set: where should sales be entered?"))
	}
	return b.work, nil
}

func newQuickBooks(company string, s *recipe.Settings) quickBooks {
	chart, err := readChart(s.Require("QUICKBOOKS_ACCOUNTS", "the ids of five accounts, see --help"))
	if err != nil {
		s.Fault(err)
	}
	return quickBooks{
		url: s.URL("QUICKBOOKS_URL", "https://quickbooks.api.intuit.com"), company: company, chart: chart, console: s.Console,
		access: &access{
			url: s.URL("QUICKBOOKS_TOKEN_URL", "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"),
			id:  s.Require("QUICKBOOKS_CLIENT_ID", "the id of your app"), secret: s.Require("QUICKBOOKS_CLIENT_SECRET", "the secret of your app"),
			first: s.Require("QUICKBOOKS_REFRESH_TOKEN", "a refresh token of your app for the company"),
			path:  filepath.Join(s.Folder, "quickbooks.json"), console: s.Console,
		},
	}
}

// transaction is a sale, or a refund whose amounts are below zero.
type transaction struct {
	ledger.Entry
	refund bool
}
