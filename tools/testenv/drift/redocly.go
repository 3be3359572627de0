package drift

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Program is where npm puts redocly, which openapi/package-lock.json pins, below the module's root.
const Program = "openapi/node_modules/.bin/redocly"

// Finding is something that the traffic does and the contract does not say.
type Finding struct {
	Rule, Severity, Message string
	Method, Path, URL       string
	Status                  int
	Target                  string // request or response
}

func (f Finding) String() string {
	return fmt.Sprintf("%s %s answered %d: %s (%s, %s)", f.Method, f.Path, f.Status, f.Message, f.Rule, f.URL)
}

// coverage is the file that --coverage-output writes.
type coverage struct {
	Version int
	Meta    struct {
		Exchanges struct{ Total, Matched int }
	}
	Totals     struct{ Operations, Parameters, Properties, Responses share }
	Operations []struct {
		Method, Path, OperationID string
		Missing                   []struct{ Kind, Status string }
	}
}

// share is how many of all were seen.
type share struct{ Covered, Total int }

// percent is rounded down, so that 100 means all.
func (s share) percent() int {
	if s.Total == 0 {
		return 0
	}
	return s.Covered * 100 / s.Total
}

// redocly runs the program over the traffic. Hosts and ports are those of many servers in turn, so that only the
// path below them is matched.
func (j Judge) redocly(ctx context.Context, folder string) (findings []Finding, totals *coverage, err error) {
	document, err := closed(j.Contract)
	if err != nil {
		return nil, nil, err
	}
	work, err := os.MkdirTemp("", "drift-*")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	contract, report, covered := filepath.Join(work, "contract.json"), filepath.Join(work, "report.csv"), filepath.Join(work, "coverage.json")
	if err := os.WriteFile(contract, document, 0o600); err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, j.Redocly, "drift", folder, "--traffic-format", "har", "--api", contract, "--match-mode", "basepath",
		"--format", "csv", "--output", report, "--coverage-output", covered)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	// It exits with 1 for findings and for its own failures alike. The two files tell them apart: the coverage is
	// written last.
	said, failed := cmd.CombinedOutput()
	if findings, err = readReport(report); err == nil {
		totals, err = readCoverage(covered)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("redocly drift made no report: %w: %s", errors.Join(failed, err), said)
	}
	return findings, totals, nil
}

// columns of the report that are read. CSV has one line for each finding; the other formats gather findings that
// differ in status alone, and one that is right would stand for one that is not.
const (
	columnSeverity = 3
	columnRule     = 5
	columnMessage  = 6
	columnMethod   = 7
	columnPath     = 8
	columnURL      = 9
	columnStatus   = 10
	columnTarget   = 13
)

func readReport(name string) ([]Finding, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || len(lines[0]) <= columnTarget || lines[0][columnRule] != "rule_id" || lines[0][columnStatus] != "status" || lines[0][columnTarget] != "target" {
		return nil, errors.New("its columns are not those of redocly 2.77")
	}
	var findings []Finding
	for _, line := range lines[1:] {
		status, err := strconv.Atoi(line[columnStatus])
		if err != nil {
			return nil, err
		}
		findings = append(findings, Finding{Severity: line[columnSeverity], Rule: line[columnRule], Message: line[columnMessage], Method: line[columnMethod],
			Path: line[columnPath], URL: line[columnURL], Status: status, Target: line[columnTarget]})
	}
	return findings, nil
}

func readCoverage(name string) (*coverage, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var c coverage
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	if c.Version != 1 || c.Totals.Operations.Total == 0 {
		return nil, errors.New("it is not the report of redocly 2.77")
	}
	return &c, nil
}
