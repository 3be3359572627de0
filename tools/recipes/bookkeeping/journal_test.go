package main

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/ledger"
)

// Whatever the amounts, and whether fees are known or not, debits and credits are equal, and a sale that was returned in
// full leaves nothing but the fees.
func TestPostings_Balance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross := rapid.Int64Range(0, 1<<40).Draw(t, "gross")
		fee := func(name string) *int64 { return rapid.Ptr(rapid.Int64Range(0, gross*2), true).Draw(t, name) }
		paid := time.Unix(0, 0)
		o := client.Order{
			ID: "ord_1", Number: "ORD-1", Currency: "INR", PaidAt: &paid, GrossAmount: gross, TaxAmount: rapid.Int64Range(0, gross).Draw(t, "tax"),
			GatewayFeeAmount: fee("gateway fee"), PlatformFeeAmount: fee("platform fee"),
		}
		for left := gross; left > 0; {
			part := rapid.Int64Range(1+left/4, left).Draw(t, "part")
			o.Refunds = append(o.Refunds, client.Refund{ID: "rfd", Amount: part, CreatedAt: paid})
			left -= part
		}
		balances := map[string]int64{}
		for _, e := range append(ledger.RefundEntries(o, time.UTC), ledger.OrderEntry(o, time.UTC)) {
			sum := int64(0)
			for _, p := range (transaction{Entry: e}).postings() {
				sum += p.amount
				balances[p.account] += p.amount
			}
			if sum != 0 {
				t.Errorf("%s is out of balance by %d", e.Number, sum)
			}
		}
		fees := balances["gateway-fees"] + balances["platform-fees"]
		if balances["sales"] != 0 || balances["tax"] != 0 || balances["clearing"] != -fees {
			t.Errorf("after all was returned: %v", balances)
		}
	})
}
