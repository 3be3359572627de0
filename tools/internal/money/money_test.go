package money_test

import (
	"testing"

	"github.com/thebigclass/api/tools/internal/money"
)

// An accountant finds every amount as the currency writes it.
func TestDecimal_HasThePlacesOfTheCurrency(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"5000.00": money.Decimal(500000, "INR"), "-0.05": money.Decimal(-5, "EUR"), "500": money.Decimal(500, "JPY"),
		"1.234": money.Decimal(1234, "KWD"), "-1.034": money.Decimal(-1034, "KWD"), "0.00": money.Decimal(0, "USD"),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := money.Text(121, "USD"); got != "1.21 USD" {
		t.Errorf("%s, want 1.21 USD", got)
	}
}
