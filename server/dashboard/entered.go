package dashboard

import (
	"errors"
	"net/url"
	"slices"

	"github.com/thebigclass/api/store"
)

// entered is what a form shows again: the values that were typed and what was
// wrong with them. The zero value is an empty form.
type entered struct {
	values url.Values
	faults map[string]string // by the name of the field; "" is the whole form
}

// entered is the form of this visit, to be shown again.
func (v *visit) entered() entered { return entered{values: v.form, faults: map[string]string{}} }

// filled is a form that starts with these values.
func filled(values url.Values) entered { return entered{values: values} }

// Value is what was typed into the field.
func (e entered) Value(name string) string { return e.values.Get(name) }

// Has reports whether the field was given this value, among others.
func (e entered) Has(name, value string) bool { return slices.Contains(e.values[name], value) }

// Fault is what was wrong with the field, or "".
func (e entered) Fault(name string) string { return e.faults[name] }

// Any reports whether anything was wrong.
func (e entered) Any() bool { return len(e.faults) > 0 }

// refuse notes what is wrong with a field.
func (e entered) refuse(name, issue string) { e.faults[name] = sentence(issue) }

// take notes a refusal of the store and reports whether err was one. fields
// names the form's field for each of the store's ("/name"); what it does not
// name is said of the whole form.
func (e entered) take(err error, fields map[string]string) bool {
	var invalid *store.Invalid
	if !errors.As(err, &invalid) {
		return false
	}
	e.refuse(fields[invalid.Field], invalid.Issue)
	return true
}
