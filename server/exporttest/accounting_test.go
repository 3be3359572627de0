package exporttest

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Both files of every accounting program together add up to the analytics, but for the net of orders whose fees are
// not known yet, which is empty.
func TestAccounting_AddsUpToTheAnalytics(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *school) {
		var summary struct {
			Revenue struct {
				revenue
				RefundCount int
			}
		}
		if err := json.Unmarshal(s.call("GET", "/analytics/summary?window=all", ""), &summary); err != nil {
			t.Fatal(err)
		}
		want := summary.Revenue
		for _, format := range []string{"tally", "quickbooks", "zoho"} {
			folder := s.export("accounting", "--format", format)
			orders, refunds := sumColumns(t, filepath.Join(folder, "orders.csv")), sumColumns(t, filepath.Join(folder, "refunds.csv"))
			got := revenue{
				Gross: orders["Gross Amount"], Tax: orders["Tax Amount"], GatewayFee: orders["Gateway Fee"], PlatformFee: orders["Platform Fee"],
				Refunded: -refunds["Gross Amount"], OrderCount: int(orders["rows"]), FeesPendingOrderCount: int(orders["without net"]),
				Discount: want.Discount, Net: want.Net, // the one is in gross, the other not known of all
			}
			if got != want.revenue || int(refunds["rows"]) != want.RefundCount {
				t.Errorf("%s adds up to %+v and %d refunds, want %+v", format, got, refunds["rows"], want)
			}
			if known := orders["Net Amount"]; known >= want.Gross || known <= 0 || refunds["Net Amount"] != -want.Refunded {
				t.Errorf("%s has a net of %d and %d", format, known, refunds["Net Amount"])
			}
		}
	})
}

// sumColumns adds the columns of a file up, in minor units.
func sumColumns(t *testing.T, path string) map[string]int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil || len(records) < 2 {
		t.Fatalf("%d records: %v", len(records), err)
	}
	sums := map[string]int64{"rows": int64(len(records) - 1)}
	for _, record := range records[1:] {
		for i, name := range records[0] {
			if amount, err := strconv.ParseInt(strings.Replace(record[i], ".", "", 1), 10, 64); err == nil {
				sums[name] += amount
			} else if name == "Net Amount" && record[i] == "" {
				sums["without net"]++
			}
		}
	}
	return sums
}
