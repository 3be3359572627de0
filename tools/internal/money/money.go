// Package money writes amounts for people and other programs. The API counts in minor units (ISO 4217).
package money

import (
	"fmt"
	"slices"
	"strings"
)

// The currencies of ISO 4217 whose minor unit is not a hundredth.
var (
	withoutMinor    = strings.Fields("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF")
	withThousandths = strings.Fields("BHD IQD JOD KWD LYD OMR TND")
)

// Decimal is an amount in the currency's main unit: 500000 of INR are 5000.00.
func Decimal(minor int64, currency string) string {
	digits, unit := 2, int64(100)
	switch {
	case slices.Contains(withoutMinor, currency):
		return fmt.Sprint(minor)
	case slices.Contains(withThousandths, currency):
		digits, unit = 3, 1000
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%0*d", sign, minor/unit, digits, minor%unit)
}

// Text is the amount with its currency: 5000.00 INR.
func Text(minor int64, currency string) string { return Decimal(minor, currency) + " " + currency }
