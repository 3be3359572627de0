package readme

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // opens what was exported
)

// The section, pasted against a server that was started as make run starts it, gives files that a spreadsheet and
// SQLite open, and whose orders add up to what the analytics report.
func TestExport_TheReadmesCommandsGiveFilesThatAddUp(t *testing.T) {
	t.Parallel()
	build(t)
	blocks := shellBlocks(t, "Export")
	if len(blocks) != 1 {
		t.Fatalf("the section has %d shell blocks, want one", len(blocks))
	}
	folder, api := t.TempDir(), freeAddress(t)
	server := openIn(t, folder, "exec "+root(t)+"/bin/tbc serve", "TBC_ADDR="+api, "DATABASE_URL=sqlite:"+filepath.Join(folder, "tbc.db"))
	found, _ := server.await(`^ +(tbc_[0-9A-Za-z]{36})$`)
	block := strings.NewReplacer("127.0.0.1:8080", api, "bin/", root(t)+"/bin/").Replace(blocks[0])
	write(t, filepath.Join(folder, "pasted"), found[1]+"\n")
	reader := openIn(t, folder, "exec < pasted\n"+block)
	if err := reader.wait(); err != nil {
		t.Fatalf("the block ends with %v: %s", err, reader.errs)
	}
	want := reported(t, "http://"+api, found[1])
	if got := addedUpInSQLite(t, filepath.Join(folder, "data/export/export.sqlite")); got != want {
		t.Errorf("the database adds up to %+v, the analytics to %+v", got, want)
	}
	if got := grossInCSV(t, filepath.Join(folder, "data/export-csv/orders.csv")); got != want.Gross {
		t.Errorf("the sheet adds up to %d, the analytics to %d", got, want.Gross)
	}
}

// revenue is what the analytics report in sum.
type revenue struct{ Gross, Discount, Tax, GatewayFee, PlatformFee, Refunded, Net int64 }

func reported(t *testing.T, origin, key string) revenue {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/api/v1/analytics/summary?window=all", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var summary struct {
		Data struct{ Revenue revenue }
	}
	if err := json.NewDecoder(response.Body).Decode(&summary); err != nil || summary.Data.Revenue.Gross == 0 {
		t.Fatalf("the analytics answer %s: %v", response.Status, err)
	}
	return summary.Data.Revenue
}

// addedUpInSQLite counts a fee that is not known as nothing, as the analytics do.
func addedUpInSQLite(t *testing.T, path string) (r revenue) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	row := db.QueryRowContext(t.Context(), `SELECT sum(grossAmount), sum(discountAmount), sum(taxAmount), sum(gatewayFeeAmount), sum(platformFeeAmount),
		sum(refundedAmount), sum(grossAmount - coalesce(gatewayFeeAmount, 0) - coalesce(platformFeeAmount, 0) - refundedAmount)
		FROM orders WHERE NOT test AND paidAt IS NOT NULL`)
	if err := row.Scan(&r.Gross, &r.Discount, &r.Tax, &r.GatewayFee, &r.PlatformFee, &r.Refunded, &r.Net); err != nil {
		t.Fatal(err)
	}
	return r
}

func grossInCSV(t *testing.T, path string) (sum int64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil || len(records) < 2 {
		t.Fatalf("%d records: %v", len(records), err)
	}
	for _, record := range records[1:] {
		value := map[string]string{}
		for i, name := range records[0] {
			value[name] = record[i]
		}
		if value["test"] == "true" || value["paidAt"] == "" {
			continue
		}
		amount, err := strconv.ParseInt(value["grossAmount"], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += amount
	}
	return sum
}
