package main

import (
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin"
	"github.com/thebigclass/api/tools/recipes/internal/standin/quickbooks"
)

// office is a recipe that enters into both books.
type office struct {
	*recipetest.Kitchen
	api        *recipetest.API
	quickbooks *recipetest.Gate
	record     recipetest.Record[quickbooks.Entry]
	folder     string // of the CSV files
}

const goodAccounts = "clearing=35, gateway-fees=61, platform-fees=62, tax=90, sales=79"

func newOffice(t *testing.T) *office {
	o := &office{api: recipetest.NewAPI(t), folder: t.TempDir()}
	o.quickbooks = recipetest.NewGate(t, quickbooks.New(standin.NewRecord(&o.record)))
	o.Kitchen = recipetest.New(t, bookkeeping, map[string]string{
		"TBC_URL": o.api.URL, "TBC_KEY": recipetest.Key, formatVariable: "zoho", "BOOKS_FOLDER": o.folder,
		companyVariable: "4620816365", "QUICKBOOKS_CLIENT_ID": "app", "QUICKBOOKS_CLIENT_SECRET": "app-secret",
		"QUICKBOOKS_REFRESH_TOKEN": "token-of-a-person", "QUICKBOOKS_ACCOUNTS": goodAccounts,
		"QUICKBOOKS_URL": o.quickbooks.URL, "QUICKBOOKS_TOKEN_URL": o.quickbooks.URL + "/oauth2/v1/tokens/bearer",
	})
	o.Start()
	return o
}

// order is one of 5,000.00 with a fee of 121.54, as in the contract's examples, and these refunds.
func order(refunds ...int64) map[string]any {
	list := []any{}
	for i, amount := range refunds {
		list = append(list, map[string]any{
			"id": "rfd_" + string(rune('1'+i)), "amount": amount, "createdAt": time.Date(2026, 5, 28, 11, i, 0, 0, time.UTC), "reason": "Could not attend",
		})
	}
	return map[string]any{
		"id": "ord_1", "number": "ORD-1042", "currency": "INR", "paidAt": "2026-05-19T20:00:00Z", "grossAmount": 500000, "taxAmount": 76271,
		"gatewayFeeAmount": 12154, "platformFeeAmount": 0, "payment": map[string]any{"gateway": "razorpay", "paymentId": "pay_7K"},
		"customer": map[string]any{"email": "asha@example.com", "name": "Asha Nair"},
		"items":    []any{map[string]any{"title": "Bread at Home"}}, "refunds": list,
	}
}

// ids are of the right shape and differ.
func id(n int) string { return "evt_01HXZK5Q7R9S1T3V5W7X9Y1Z" + string(rune('A'+n)) + "A" }

func (o *office) paid(n int, order map[string]any) {
	o.Helper()
	o.Deliver(recipetest.Event(id(n), "order.paid", order))
}

func (o *office) refunded(n int, order map[string]any) {
	o.Helper()
	o.Deliver(recipetest.Event(id(n), "order.refunded", order))
}

func (o *office) entries() []quickbooks.Entry {
	return o.record.All(o.T)
}

// wantNumbers compares what is in QuickBooks, and in both files together.
func (o *office) wantNumbers(want ...string) {
	o.Helper()
	var journal []string
	for _, e := range o.entries() {
		journal = append(journal, e.DocNumber)
	}
	if !slices.Equal(journal, want) {
		o.Errorf("QuickBooks has %v, want %v", journal, want)
	}
	slices.Sort(want)
	if files := append(o.column("orders.csv", "Invoice Number"), o.column("refunds.csv", "Credit Note Number")...); !slices.Equal(files, want) {
		o.Errorf("the files have %v, want %v", files, want)
	}
}

// column is the values of one, without its heading.
func (o *office) column(file, name string) (values []string) {
	o.Helper()
	text, err := os.ReadFile(filepath.Join(o.folder, file))
	if err != nil {
		o.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		o.Fatal(err)
	}
	at := slices.Index(rows[0], name)
	if at < 0 {
		o.Fatalf("%s has no column %s", file, name)
	}
	for _, row := range rows[1:] {
		values = append(values, row[at])
	}
	return values
}

func (o *office) wantColumn(file, name string, want ...string) {
	o.Helper()
	if got := o.column(file, name); !slices.Equal(got, want) {
		o.Errorf("%s of %s is %q, want %q", name, file, got, want)
	}
}

// A sale is split into gross, tax, fee and net; what is returned takes back no fee. Days are those of the workspace.
func TestBookkeeping_ASaleAndItsRefundAreSplit(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.paid(0, order())
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.refunded(1, order(500000))
	o.WantStatus("2 done, 0 waiting, 0 failed")
	want := []quickbooks.Entry{{
		DocNumber: "ORD-1042", TxnDate: "2026-05-20", PrivateNote: "Order ORD-1042, pay_7K", Currency: "INR",
		Lines: []string{"Debit 35 4878.46", "Debit 61 121.54", "Credit 90 762.71", "Credit 79 4237.29"},
	}, {
		DocNumber: "ORD-1042-R1", TxnDate: "2026-05-28", PrivateNote: "Refund ORD-1042-R1", Currency: "INR",
		Lines: []string{"Credit 35 5000.00", "Debit 90 762.71", "Debit 79 4237.29"},
	}}
	if got := o.entries(); !reflect.DeepEqual(got, want) {
		t.Errorf("QuickBooks has %+v, want %+v", got, want)
	}
	for name, values := range map[string][2]string{
		"Gross Amount": {"5000.00", "-5000.00"}, "Gateway Fee": {"121.54", "0.00"}, "Platform Fee": {"0.00", "0.00"},
		"Net Amount": {"4878.46", "-5000.00"}, "Transaction Id": {"ord_1", "rfd_1"}, "Customer Name": {"Asha Nair", "Asha Nair"},
	} {
		o.wantColumn("orders.csv", name, values[0])
		o.wantColumn("refunds.csv", name, values[1])
	}
	o.wantColumn("orders.csv", "Invoice Date", "2026-05-20")
}

// Refunds are in every later event of their order. Each is entered once, in whatever order events come, under whatever
// event id, and after a restart.
func TestBookkeeping_EveryTransactionIsEnteredOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.refunded(0, order(100000, 200000))
	o.WantStatus("1 done, 0 waiting, 0 failed")
	for range 2 {
		o.refunded(1, order(100000))
		o.paid(2, order())
	}
	o.WantStatus("3 done, 0 waiting, 0 failed")
	o.Stop()
	o.Start()
	o.paid(2, order())
	o.paid(3, order())
	o.refunded(4, order(100000, 200000))
	o.WantStatus("5 done, 0 waiting, 0 failed")
	o.wantNumbers("ORD-1042-R1", "ORD-1042-R2", "ORD-1042")
}

// Files that were imported and moved away begin anew, without what they had.
func TestBookkeeping_WhatWasMovedAwayIsNotEnteredAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.paid(0, order())
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.Stop()
	if err := os.Remove(filepath.Join(o.folder, "orders.csv")); err != nil {
		t.Fatal(err)
	}
	o.Start()
	o.paid(1, order())
	o.WantStatus("2 done, 0 waiting, 0 failed")
	o.wantColumn("orders.csv", "Invoice Number")
}

// correct changes a file as an accountant does.
func (o *office) correct(file, old, text string) {
	o.Helper()
	path := filepath.Join(o.folder, file)
	was, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(was), old, text, 1)), 0o600)
	}
	if err != nil {
		o.Fatal(err)
	}
}

// A program that is killed after an effect and before the note of it does not have the effect again, nor does it undo what
// an accountant has corrected.
func TestBookkeeping_AnEffectWhoseNoteIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.paid(0, order())
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.Stop()
	for _, name := range []string{"inbox.db", "inbox.db-wal", "inbox.db-shm"} { // all that it has noted
		if err := os.Remove(filepath.Join(o.Folder, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	o.correct("orders.csv", "Bread at Home", "Bread")
	o.Start()
	o.paid(0, order())
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.wantColumn("orders.csv", "Item Name", "Bread")
	o.refunded(1, order(1))
	o.WantStatus("2 done, 0 waiting, 0 failed")
	o.quickbooks.Lose()
	o.refunded(2, order(1, 2))
	o.WantProblem("no answer from QuickBooks")
	o.quickbooks.Open()
	o.Advance(time.Minute)
	o.WantStatus("3 done, 0 waiting, 0 failed")
	o.wantNumbers("ORD-1042", "ORD-1042-R1", "ORD-1042-R2")
}

// A fee that is not known is not nought.
func TestBookkeeping_AnUnknownFeeIsNotGuessed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	pending := order()
	pending["gatewayFeeAmount"] = nil
	o.paid(0, pending)
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.wantColumn("orders.csv", "Gateway Fee", "")
	o.wantColumn("orders.csv", "Net Amount", "")
	e := o.entries()[0]
	if !slices.Equal(e.Lines, []string{"Debit 35 5000.00", "Credit 90 762.71", "Credit 79 4237.29"}) || !strings.Contains(e.PrivateNote, "fee is not known yet") {
		t.Errorf("QuickBooks has %+v", e)
	}
}

// Limits and outages are waited for, and the files do not wait with QuickBooks.
func TestBookkeeping_RefusalsThatPassAreWaitedFor(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusForbidden} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.paid(0, order())
			o.WantStatus("1 done, 0 waiting, 0 failed")
			o.quickbooks.Refuse(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "60")
				standin.JSON(w, status, map[string]any{"Fault": map[string]any{"type": "SERVICE"}})
			})
			o.refunded(1, order(1))
			o.WantProblem("QuickBooks answers " + strconv.Itoa(status))
			o.wantColumn("refunds.csv", "Credit Note Number", "ORD-1042-R1")
			o.quickbooks.Open()
			o.Advance(time.Hour)
			o.WantStatus("2 done, 0 waiting, 0 failed")
			o.wantNumbers("ORD-1042", "ORD-1042-R1")
		})
	}
}

// A wrong account is a person's business, and is entered once it is put right, although QuickBooks repeats its answers.
func TestBookkeeping_AWrongAccountIsNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Stop()
	o.Env["QUICKBOOKS_ACCOUNTS"] = strings.Replace(goodAccounts, "79", "7", 1)
	o.Start()
	o.paid(0, order())
	o.WantStatus("0 done, 0 waiting, 1 failed")
	if printed, _ := o.Run("status"); !strings.Contains(printed, "ORD-1042: QuickBooks answers 400 Bad Request") || !strings.Contains(printed, "Accounts element id 7 not found") {
		t.Errorf("status prints %s", printed)
	}
	o.Stop()
	o.Env["QUICKBOOKS_ACCOUNTS"] = goodAccounts
	o.Start()
	o.Run("retry")
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.wantNumbers("ORD-1042")
}

// Names and titles are written by strangers and stay texts; an erased buyer is none; no journal names a person.
func TestBookkeeping_StrangersTextsStayTexts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	evil, erased := order(), order()
	evil["customer"] = map[string]any{"name": "=1+1", "email": "x@example.com"}
	erased["id"], erased["number"], erased["customer"] = "ord_2", "ORD-1043", map[string]any{"name": nil, "email": nil, "studentId": nil}
	o.paid(0, evil)
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.paid(1, erased)
	o.WantStatus("2 done, 0 waiting, 0 failed")
	o.wantColumn("orders.csv", "Customer Name", "'=1+1", "Erased customer")
	for _, e := range o.entries() {
		if text := e.PrivateNote + strings.Join(e.Lines, " "); strings.Contains(text, "=1+1") || strings.Contains(text, "x@example.com") {
			t.Errorf("QuickBooks has %+v", e)
		}
	}
}

// Test orders are no sales, and an order that cost nothing is a row and no journal entry.
func TestBookkeeping_WhatMovesNoMoney(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	trial, free := order(), order()
	trial["test"] = true
	free["id"], free["number"], free["grossAmount"], free["taxAmount"], free["gatewayFeeAmount"] = "ord_2", "ORD-1043", 0, 0, 0
	o.paid(0, trial)
	o.paid(1, free)
	o.WantStatus("2 done, 0 waiting, 0 failed")
	o.wantColumn("orders.csv", "Invoice Number", "ORD-1043")
	if got := o.entries(); len(got) != 0 {
		t.Errorf("QuickBooks has %+v", got)
	}
}

// An event that was cut to its newest refunds would give them the numbers and the tax of others.
func TestBookkeeping_AnOrderTooLargeForItsEventIsRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.api.Put("orders/ord_1", order(100000, 200000))
	cut := order(200000)
	cut["truncated"] = true
	o.refunded(0, cut)
	o.WantStatus("1 done, 0 waiting, 0 failed")
	o.wantColumn("refunds.csv", "Credit Note Number", "ORD-1042-R1", "ORD-1042-R2")
	o.wantColumn("refunds.csv", "Gross Amount", "-1000.00", "-2000.00")
}

// All that is missing is told at once.
func TestBookkeeping_FaultySettingsAreToldTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Stop()
	delete(o.Env, "QUICKBOOKS_CLIENT_SECRET")
	o.Env["QUICKBOOKS_ACCOUNTS"], o.Env[formatVariable] = "clearing=35,sales=79", "xero"
	printed, code := o.Run("--addr", "127.0.0.1:0")
	for _, want := range []string{"QUICKBOOKS_CLIENT_SECRET is not set", "an id for each of clearing, gateway-fees", "BOOKS_FORMAT is none of tally"} {
		if code != 2 || !strings.Contains(printed, want) {
			t.Errorf("%q is not told: %s", want, printed)
		}
	}
}
