package difftest

// A fault is a known error of an oracle: where it applies, its verdict does not count.
// Each has a test that reproduces it; without the fault the test fails, and the entry goes.
type fault struct {
	oracle  string
	applies func(request) bool
}

// faults is the whole list.
var faults = []fault{}

func isKnownFault(oracle string, r request) bool {
	for _, f := range faults {
		if f.oracle == oracle && f.applies(r) {
			return true
		}
	}
	return false
}
