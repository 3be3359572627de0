package readme

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
)

// wantFigures looks at /metrics while the walk runs: the calls are counted, and what they cause is on its way or sent.
func wantFigures(t *testing.T, origin string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("/metrics answers %s: %v", response.Status, err)
	}
	figure := func(pattern string) float64 {
		found := regexp.MustCompile(`(?m)^` + pattern + ` (\S+)$`).FindSubmatch(page)
		if found == nil {
			t.Errorf("/metrics does not show %s", pattern)
			return 0
		}
		value, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Error(err)
		}
		return value
	}
	if posts := figure(`tbc_http_requests_total\{method="POST",route="/api/v1/students",status="201"\}`); posts < 1 {
		t.Errorf("%v students were made", posts)
	}
	sent, claimed := figure(`tbc_webhook_attempts_total\{outcome="succeeded"\}`), figure(`tbc_webhook_claims_total`)
	if sent < 1 || claimed < sent {
		t.Errorf("%v attempts of %v claims have succeeded", sent, claimed)
	}
	for _, shown := range []string{
		"tbc_webhook_queue_oldest_due_age_seconds", `tbc_webhook_queue_deliveries\{state="due"\}`, "tbc_webhook_lease_expiries_total",
		"tbc_webhook_fenced_completions_total", "tbc_webhook_endpoints_failing", `tbc_webhook_endpoints_disabled\{reason="failing"\}`,
		"tbc_webhook_claim_duration_seconds_count", "tbc_webhook_completion_duration_seconds_count", `tbc_rate_limit_refusals_total\{window="minute"\}`,
		"tbc_internal_errors_total",
	} {
		figure(shown)
	}
	if up := figure("tbc_database_up"); up != 1 {
		t.Errorf("tbc_database_up is %v", up)
	}
}
