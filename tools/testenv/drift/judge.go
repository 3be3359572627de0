// Package drift judges recorded traffic by the contract: nothing in it may be undocumented, and what the contract
// promises must have been seen. Redocly drift does most of it; what it does not look at is looked at here.
package drift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/testenv/traffic"
)

// leastResponses is the share of all response codes, of all operations, that must have been seen, in percent.
const leastResponses = 90

// Judge holds traffic against a contract.
type Judge struct {
	Contract []byte // the bundle, YAML or JSON
	Redocly  string // the program
}

// Verdict is what came of it.
type Verdict struct {
	Files, Exchanges int
	Refused          int       // findings that speak of a request that was refused, and are none
	Findings         []Finding // what is undocumented
	Unseen           []string  // operations without a call
	coverage         *coverage
}

// Over judges all files of a folder.
func (j Judge) Over(ctx context.Context, folder string) (*Verdict, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return nil, errors.New("redocly drift needs Node.js 20.19 or later: install it (Debian and Ubuntu: sudo apt-get install nodejs npm)")
	}
	answers, err := answersOf(j.Contract)
	if err != nil {
		return nil, err
	}
	verdict := &Verdict{}
	if err := verdict.readAll(folder, answers); err != nil {
		return nil, err
	}
	if verdict.Exchanges == 0 {
		return nil, fmt.Errorf("nothing was recorded: no test that ran has made a call, or none was told to record by %s", traffic.Folder)
	}
	findings, coverage, err := j.redocly(ctx, folder)
	if err != nil {
		return nil, err
	}
	if coverage.Meta.Exchanges.Total != verdict.Exchanges {
		return nil, fmt.Errorf("redocly drift has read %d of %d exchanges", coverage.Meta.Exchanges.Total, verdict.Exchanges)
	}
	verdict.coverage = coverage
	for _, finding := range findings {
		if refused(finding) {
			verdict.Refused++
		} else {
			verdict.Findings = append(verdict.Findings, finding)
		}
	}
	for _, op := range coverage.Operations {
		for _, missing := range op.Missing {
			if missing.Kind == "operation" {
				verdict.Unseen = append(verdict.Unseen, op.OperationID)
			}
		}
	}
	return verdict, nil
}

// readAll reads what was recorded, and judges the answers by what redocly does not look at.
func (v *Verdict) readAll(folder string, answers *answers) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.har"))
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var file traffic.File
		if err := json.Unmarshal(text, &file); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		v.Files++
		for _, entry := range file.Log.Entries {
			v.Exchanges++
			v.Findings = append(v.Findings, answers.undocumented(entry)...)
		}
	}
	return nil
}

// refused reports whether a finding says no more than that a request was wrong which the server has refused as wrong:
// tests send such requests on purpose. What an answer holds is never excused. A path or method that the contract
// does not have may be refused only as one that is not there, or before that is looked up; a 403 or 422 for it would
// come from an operation that nobody has documented.
func refused(f Finding) bool {
	if f.Rule == "undocumented-endpoint" {
		return slices.Contains([]int{http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusTooManyRequests}, f.Status)
	}
	return f.Target == "request" && f.Status >= 400 && f.Status < 500
}

// Problems are the sentences of what must not be, each once. There is none if the traffic passes.
func (v *Verdict) Problems() []string {
	times := map[Finding]int{}
	shown := map[Finding]string{}
	for _, finding := range v.Findings {
		same := finding
		same.URL = ""
		times[same]++
		shown[same] = finding.String()
	}
	var problems []string
	for finding, n := range times {
		problems = append(problems, fmt.Sprintf("%s, %d times", shown[finding], n))
	}
	slices.Sort(problems)
	for _, id := range v.Unseen {
		problems = append(problems, "no test calls "+id)
	}
	if seen := v.coverage.Totals.Responses; seen.Covered*100 < seen.Total*leastResponses {
		problems = append(problems, fmt.Sprintf("%d of %d response codes were seen, want %d %%", seen.Covered, seen.Total, leastResponses))
	}
	return problems
}

// missing are the response codes that no test has seen, by operation.
func (v *Verdict) missing() string {
	var all []string
	for _, op := range v.coverage.Operations {
		var codes []string
		for _, missing := range op.Missing {
			if missing.Kind == "response" {
				codes = append(codes, missing.Status)
			}
		}
		if len(codes) > 0 {
			all = append(all, op.OperationID+" "+strings.Join(codes, ", "))
		}
	}
	return strings.Join(all, "; ")
}

// Print writes the figures.
func (v *Verdict) Print(out io.Writer) {
	fmt.Fprintf(out, "drift: %d exchanges in %d files, %d findings (%d more are of requests that were refused, as they should be)\n",
		v.Exchanges, v.Files, len(v.Findings), v.Refused)
	totals := v.coverage.Totals
	for _, row := range []struct {
		name string
		share
	}{{"operations", totals.Operations}, {"response codes", totals.Responses}, {"parameters", totals.Parameters}, {"properties", totals.Properties}} {
		fmt.Fprintf(out, "  %-14s %3d %%  %d of %d\n", row.name, row.percent(), row.Covered, row.Total)
	}
	if missing := v.missing(); missing != "" {
		fmt.Fprintf(out, "  codes unseen: %s\n", missing)
	}
}
