package runtime

import (
	"strconv"
	"strings"
)

// integerRules is what the contract asks of an integer. Both bounds are always given: contractgen
// refuses an integer without them, so that every accepted one fits its Go type.
type integerRules struct {
	min, max int64
}

// numberRules is what the contract asks of a number.
type numberRules struct {
	min, max float64
}

// parameter reads an integer parameter, whose only spelling is decimal digits after an optional minus.
func (r *integerRules) parameter(text string) (value int64, issue string) {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(digits) > 1 && digits[0] == '0' {
		return 0, "must be an integer in decimal digits"
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < r.min || value > r.max {
		return 0, r.rangeIssue()
	}
	return value, ""
}

// member reads a JSON number. As in JSON Schema, 3.0 and 3e2 are integers.
func (r *integerRules) member(literal string) (value int64, issue string) {
	digits, whole := integerDigits(literal)
	if !whole {
		return 0, "must be an integer"
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || value < r.min || value > r.max {
		return 0, r.rangeIssue()
	}
	return value, ""
}

func (r *integerRules) rangeIssue() string {
	return "must be from " + strconv.FormatInt(r.min, 10) + " to " + strconv.FormatInt(r.max, 10)
}

// tooManyDigits is past every int64, so that an integer of that length is out of range whatever it is.
const tooManyDigits = 20

// integerDigits writes a JSON number without point and exponent, exactly: never through a float,
// and without spelling out the zeros of 1e999999999. whole is false for 1.5.
func integerDigits(literal string) (digits string, whole bool) {
	literal, negative := strings.CutPrefix(literal, "-")
	mantissa, power := literal, 0
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		mantissa = literal[:i]
		power = exponent(literal[i+1:])
	}
	units, fraction, _ := strings.Cut(mantissa, ".")
	digits = strings.TrimLeft(units+fraction, "0")
	if digits == "" {
		return "0", true
	}
	significant := strings.TrimRight(digits, "0")
	power += len(digits) - len(significant) - len(fraction)
	if power < 0 {
		return "", false
	}
	digits = significant + strings.Repeat("0", min(power, tooManyDigits))
	if negative {
		digits = "-" + digits
	}
	return digits, true
}

// canonicalNumber spells equal integers equally. Other numbers stay as they are.
func canonicalNumber(literal string) string {
	if digits, whole := integerDigits(literal); whole {
		return digits
	}
	return literal
}

// maxExponent stands for every larger exponent: more than the digits of the longest body could undo.
const maxExponent = 4 * MaxBodyBytes

// exponent reads the digits after an e, clamped to what a body could undo.
func exponent(text string) int {
	value, err := strconv.Atoi(text)
	switch {
	case err == nil && value >= -maxExponent && value <= maxExponent:
		return value
	case strings.HasPrefix(text, "-"):
		return -maxExponent
	}
	return maxExponent
}

// member reads a JSON number.
func (r *numberRules) member(literal string) (value float64, issue string) {
	value, err := strconv.ParseFloat(literal, 64)
	if err != nil || value < r.min || value > r.max {
		return 0, "must be from " + formatNumber(r.min) + " to " + formatNumber(r.max)
	}
	return value, ""
}

func formatNumber(value float64) string {
	return strconv.FormatFloat(value, 'g', -1, 64)
}
