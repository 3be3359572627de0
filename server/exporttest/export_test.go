package exporttest

import (
	"bufio"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads what was exported
)

// revenue is what both sides must agree on.
type revenue struct {
	Gross, Discount, Tax, GatewayFee, PlatformFee, Refunded, Net int64
	OrderCount, FeesPendingOrderCount                            int
}

// order is what the sums need of one. Fees that are not known count as none, as in the analytics.
type order struct {
	PaidAt                                                 *time.Time
	Test                                                   bool
	GrossAmount, DiscountAmount, TaxAmount, RefundedAmount int64
	GatewayFeeAmount, PlatformFeeAmount                    *int64
}

func (r *revenue) add(o order) {
	if o.Test || o.PaidAt == nil {
		return
	}
	known := func(n *int64) int64 {
		if n == nil {
			return 0
		}
		return *n
	}
	r.OrderCount++
	if o.GatewayFeeAmount == nil || o.PlatformFeeAmount == nil {
		r.FeesPendingOrderCount++
	}
	r.Gross, r.Discount, r.Tax, r.Refunded = r.Gross+o.GrossAmount, r.Discount+o.DiscountAmount, r.Tax+o.TaxAmount, r.Refunded+o.RefundedAmount
	r.GatewayFee, r.PlatformFee = r.GatewayFee+known(o.GatewayFeeAmount), r.PlatformFee+known(o.PlatformFeeAmount)
	r.Net = r.Gross - r.GatewayFee - r.PlatformFee - r.Refunded
}

// The orders of an export, in every format and with test orders left out, add up to what the analytics say.
func TestExport_OrdersAddUpToTheAnalytics(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *school) {
		var summary struct{ Revenue revenue }
		if err := json.Unmarshal(s.call("GET", "/analytics/summary?window=all", ""), &summary); err != nil {
			t.Fatal(err)
		}
		want := summary.Revenue
		if want.OrderCount == 0 || want.Refunded == 0 {
			t.Fatalf("the demo has too little to add up: %+v", want)
		}
		for format, sum := range map[string]func(*testing.T, string) revenue{"jsonl": sumLines, "csv": sumCSV, "sqlite": sumSQLite} {
			if got := sum(t, s.export("--format", format)); got != want {
				t.Errorf("%s adds up to %+v, want %+v", format, got, want)
			}
		}
	})
}

func sumLines(t *testing.T, folder string) (sum revenue) {
	for _, o := range lines[order](t, folder, "orders") {
		sum.add(o)
	}
	return sum
}

// lines reads a file of JSON lines.
func lines[T any](t *testing.T, folder, resource string) (rows []T) {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, resource+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		var row T
		if err := json.Unmarshal(scanner.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func sumCSV(t *testing.T, folder string) (sum revenue) {
	f, err := os.Open(filepath.Join(folder, "orders.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil || len(records) < 2 {
		t.Fatalf("%d records: %v", len(records), err)
	}
	for _, record := range records[1:] {
		value := map[string]string{}
		for i, name := range records[0] {
			value[name] = record[i]
		}
		number := func(name string) *int64 {
			n, err := strconv.ParseInt(value[name], 10, 64)
			if err != nil {
				return nil
			}
			return &n
		}
		o := order{
			Test: value["test"] == "true", GrossAmount: *number("grossAmount"), DiscountAmount: *number("discountAmount"), TaxAmount: *number("taxAmount"),
			RefundedAmount: *number("refundedAmount"), GatewayFeeAmount: number("gatewayFeeAmount"), PlatformFeeAmount: number("platformFeeAmount"),
		}
		if value["paidAt"] != "" {
			o.PaidAt = new(time.Time)
		}
		sum.add(o)
	}
	return sum
}

func sumSQLite(t *testing.T, folder string) (sum revenue) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "export.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	row := db.QueryRowContext(t.Context(), `SELECT sum(grossAmount), sum(discountAmount), sum(taxAmount), sum(coalesce(gatewayFeeAmount, 0)),
		sum(coalesce(platformFeeAmount, 0)), sum(refundedAmount), count(*), sum(gatewayFeeAmount IS NULL OR platformFeeAmount IS NULL)
		FROM orders WHERE NOT test AND paidAt IS NOT NULL`)
	if err := row.Scan(&sum.Gross, &sum.Discount, &sum.Tax, &sum.GatewayFee, &sum.PlatformFee, &sum.Refunded, &sum.OrderCount, &sum.FeesPendingOrderCount); err != nil {
		t.Fatal(err)
	}
	sum.Net = sum.Gross - sum.GatewayFee - sum.PlatformFee - sum.Refunded
	return sum
}

// A whole is what was there before and the increment since: changed rows replace theirs, and deleted ones go.
func TestExport_IncrementsMakeTheCopyThatAFullExportIs(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *school) {
		full := s.export()
		before := ids(lines[map[string]any](t, full, "students"))
		all := lines[map[string]any](t, full, "students")
		gone, changed := all[0]["id"].(string), all[1]["id"].(string)
		s.call("PATCH", "/students/"+changed, `{"displayName": "Somebody Else"}`)
		s.call("DELETE", "/students/"+gone, "")
		s.call("POST", "/students", `{"email": "new@example.com", "displayName": "New"}`)
		increment := s.export("--since", s.manifest(full).NextSince.Format(time.RFC3339))
		maps.Copy(before, ids(lines[map[string]any](t, increment, "students")))
		for _, deletion := range lines[map[string]any](t, increment, "deletions") {
			delete(before, deletion["id"].(string))
		}
		after := ids(lines[map[string]any](t, s.export(), "students"))
		if _, there := after[gone]; there || !maps.Equal(before, after) {
			t.Errorf("the copy has %d students, a full export %d", len(before), len(after))
		}
	})
}

// ids are rows by their id, as text.
func ids(rows []map[string]any) map[string]string {
	found := map[string]string{}
	for _, row := range rows {
		found[row["id"].(string)] = fmt.Sprint(row)
	}
	return found
}
