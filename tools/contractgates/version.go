package main

import (
	"fmt"
	"strconv"
	"strings"
)

// impact is what a change does to those who use the contract, and so how far the version has to move for it.
type impact int

const (
	nothing  impact = iota // not a byte has changed
	words                  // texts, examples and order: the patch version
	addition               // whoever does not know it loses nothing: the minor version
	breaking               // never under the same major version
)

func (i impact) String() string {
	return [...]string{"nothing has changed", "words alone have changed", "something is new", "something breaks clients"}[i]
}

// version is the contract's own, in three numbers.
type version struct{ major, minor, patch int }

// parseVersion accepts three numbers and nothing else: what is written 01 or 1.2 would compare as another version than
// the one that people read.
func parseVersion(text string) (version, error) {
	parts := strings.Split(text, ".")
	numbers := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || strconv.Itoa(n) != part {
			return version{}, fmt.Errorf("%q is not three numbers such as 1.2.0", text)
		}
		numbers[i] = n
	}
	if len(numbers) != 3 {
		return version{}, fmt.Errorf("%q is not three numbers such as 1.2.0", text)
	}
	return version{numbers[0], numbers[1], numbers[2]}, nil
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }

// after is the one version that a change of this impact leads to. What breaks clients has none: it is another contract.
func (v version) after(need impact) version {
	switch need {
	case words:
		return version{v.major, v.minor, v.patch + 1}
	case addition:
		return version{v.major, v.minor + 1, 0}
	default:
		return v
	}
}

// less tells whether v comes before w.
func (v version) less(w version) bool {
	if v.major != w.major {
		return v.major < w.major
	}
	if v.minor != w.minor {
		return v.minor < w.minor
	}
	return v.patch < w.patch
}

// judgeVersion asks for exactly the next version that the change demands, so that two people who read the same
// difference write the same number.
func judgeVersion(released, current version, need impact) []refusal {
	want := released.after(need)
	if need == breaking || current == want {
		return nil
	}
	r := refusal{rule: "version-moved-too-little", place: "info.version"}
	switch {
	case need == nothing:
		r.rule = "version-moved-without-change"
	case current == released:
		r.rule = "version-not-moved"
	case want.less(current):
		r.rule = "version-moved-too-far"
	}
	r.text = fmt.Sprintf("it is %s, and of the released %s %s", current, released, need)
	r.todo = fmt.Sprintf("Set it to %s in openapi/v1/openapi.yaml", want)
	return []refusal{r}
}
