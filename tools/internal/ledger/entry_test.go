package ledger

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/thebigclass/api/gen/client"
)

// A refund takes its share of the tax back. However it is cut into pieces, the
// shares of a full refund are the whole tax, and none is below zero.
func TestRefundEntries_ReturnTheWholeTax(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	for range 1000 {
		gross := 1 + random.Int64N(1<<53-1)
		o := client.Order{Number: "ORD-1", GrossAmount: gross, TaxAmount: random.Int64N(gross + 1), PaidAt: &time.Time{}, Currency: "INR"}
		for left := gross; left > 0; {
			part := 1 + random.Int64N(left)
			if len(o.Refunds) == 20 {
				part = left
			}
			left -= part
			o.Refunds = append(o.Refunds, client.Refund{Amount: part, CreatedAt: time.Unix(int64(len(o.Refunds)), 0)})
		}
		var returned, tax int64
		for _, e := range RefundEntries(o, time.UTC) {
			returned, tax = returned-e.Gross, tax-e.Tax
			if e.Tax > 0 || e.Tax < e.Gross {
				t.Errorf("a refund of %d returns %d of the tax", e.Gross, e.Tax)
			}
		}
		if returned != gross || tax != o.TaxAmount {
			t.Fatalf("%d of %d and %d of %d tax were returned", returned, gross, tax, o.TaxAmount)
		}
	}
}

// A fee that is not known is not nought: neither it nor what depends on it is guessed.
func TestOrderEntry_LeavesUnknownFeesEmpty(t *testing.T) {
	t.Parallel()
	var o client.Order
	if err := json.Unmarshal([]byte(`{"number":"ORD-1","grossAmount":500000,"currency":"INR","gatewayFeeAmount":null,"platformFeeAmount":0,
		"paidAt":"2026-05-19T20:00:00Z","customer":{"email":null,"name":null,"studentId":null}}`), &o); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	e := OrderEntry(o, zone)
	if got := e.amount(e.GatewayFee); !got.Absent {
		t.Errorf("the gateway's fee is %s", got.Text)
	}
	if e.Net != nil || e.Customer != "Erased customer" || e.At.Format(isoDate) != "2026-05-20" {
		t.Errorf("%+v", e)
	}
}
