package readme

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// verifiers are the languages of the guide whose verifier is a function, with what runs testdata's driver of it.
var verifiers = map[string][]string{
	"Node.js": {"node", "vectors.mjs"},
	"Python":  {"python3", "vectors.py"},
	"PHP":     {"php", "vectors.php"},
	"Ruby":    {"ruby", "vectors.rb"},
}

// A verifier that somebody copies from the guide says to every shared vector what ours says.
func TestVerifyingSignatures_TheSamplesAgreeWithTheSharedVectors(t *testing.T) {
	t.Parallel()
	want := verdicts(t)
	for language, command := range verifiers {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			need(t, command[0])
			driver, err := filepath.Abs("testdata/" + command[1])
			if err != nil {
				t.Fatal(err)
			}
			run := exec.CommandContext(t.Context(), command[0], driver, vectorsFile(t))
			run.Dir = saved(t, strings.NewReplacer())
			output, err := run.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			wantVerdicts(t, strings.Split(strings.TrimSpace(string(output)), "\n"), want)
		})
	}
	t.Run("Shell", func(t *testing.T) {
		t.Parallel()
		need(t, "openssl")
		folder := saved(t, strings.NewReplacer())
		var got []string
		for _, v := range want {
			write(t, folder+"/body", strings.Repeat(v.Body, max(v.Repeat, 1)))
			run := exec.CommandContext(t.Context(), "sh", "verify.sh", strings.Join(v.Header, ","), "body")
			run.Dir = folder
			run.Env = append(os.Environ(), "TBC_NOW="+strconv.FormatInt(v.Now, 10), "TBC_WEBHOOK_SECRET="+strings.Join(v.Secrets, ","))
			output, err := run.Output()
			if accepted := string(output) == "ok\n"; accepted != (err == nil) {
				t.Errorf("%s: prints %s and exits with %v", v.Name, output, err)
			}
			got = append(got, strings.TrimSpace(string(output)))
		}
		wantVerdicts(t, got, want)
	})
}

// vector is a case of webhooks/testdata/vectors.json; the package webhooks documents it.
type vector struct {
	Name    string
	Secrets []string
	Header  []string
	Body    string
	Repeat  int
	Now     int64
	Verdict string
}

func vectorsFile(t *testing.T) string {
	return filepath.Join(root(t), "webhooks/testdata/vectors.json")
}

func verdicts(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile(vectorsFile(t))
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Vectors []vector }
	if err := json.Unmarshal(text, &document); err != nil || len(document.Vectors) < 50 {
		t.Fatalf("%d vectors: %v", len(document.Vectors), err)
	}
	return document.Vectors
}

func wantVerdicts(t *testing.T, got []string, want []vector) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d verdicts for %d vectors: %q", len(got), len(want), got)
	}
	for i, v := range want {
		if got[i] != v.Verdict {
			t.Errorf("%s: %s, want %s", v.Name, got[i], v.Verdict)
		}
	}
}

// saved is a folder with the files of the guide.
func saved(t *testing.T, addresses *strings.Replacer) string {
	t.Helper()
	folder := t.TempDir()
	readGuides(t)["verifying-signatures"].save(t, folder, addresses)
	return folder
}

// need fails the test where a language is missing: a sample that nobody runs is a promise that nobody keeps.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("%s is not installed: the guides' samples are run in every language they show "+
			"(Debian and Ubuntu: sudo apt-get install nodejs python3 php-cli ruby openssl)", program)
	}
}

// receivers are the guide's programs with the line of the shell that starts each.
func receivers(t *testing.T) map[string]string {
	t.Helper()
	rack, err := filepath.Abs("testdata/rack.rb")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{"ruby": "ruby " + rack + " 127.0.0.1:8090"} // Puma's part: gems are not installed for a test
	for _, block := range readGuides(t)["verifying-signatures"].blocks {
		if block.stays() {
			lines[strings.Fields(block.text)[0]] = block.text
		}
	}
	if len(lines) != 5 {
		t.Fatalf("the guide starts %q", lines)
	}
	return lines
}

// A receiver that somebody copies from the guide takes what we sign, once, and nothing else.
func TestVerifyingSignatures_TheReceiversTakeWhatWeSendAndNothingElse(t *testing.T) {
	t.Parallel()
	const ours, other = "whsec_ours", "whsec_other"
	now := time.Now() //nolint:forbidigo // the receivers are other processes: the machine's clock is what they share
	for program, line := range receivers(t) {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			need(t, program)
			address := freeAddress(t)
			addresses := strings.NewReplacer("127.0.0.1:8090", address, "listen(8090,", "listen("+address[len("127.0.0.1:"):]+",",
				`"127.0.0.1", 8090`, `"127.0.0.1", `+address[len("127.0.0.1:"):])
			folder := saved(t, addresses)
			write(t, folder+"/go.mod", "module example.com/receiver\n\ngo 1.26.0\n\nrequire github.com/thebigclass/api v0.0.0\n\n"+
				"replace github.com/thebigclass/api => "+root(t)+"\n")
			receiver := openIn(t, folder, "exec 2>&1\n"+addresses.Replace(line), "TBC_WEBHOOK_SECRET="+ours)
			receiver.await(`Listening|Development Server`)
			for _, c := range []struct {
				what, body, signature string
				status                int
			}{
				{"as sent", event, signed(t, now, ours), 204},
				{"sent again", event, signed(t, now, ours), 204},
				{"two v1, ours last", event, signed(t, now, other, ours), 204},
				{"two v1, ours first", event, signed(t, now, ours, other), 204},
				{"another secret", event, signed(t, now, other), 401},
				{"two other secrets", event, signed(t, now, other, "whsec_third"), 401},
				{"a byte changed", strings.Replace(event, "evt_1", "evt_2", 1), signed(t, now, ours), 401},
				{"no signature", event, "", 401},
				{"no form", event, "sha256=00", 400},
				{"ten minutes old", event, signed(t, now.Add(-10*time.Minute), ours), 400},
				{"ten minutes ahead", event, signed(t, now.Add(10*time.Minute), ours), 400},
			} {
				if status := deliver(t, "http://"+address, c.body, c.signature); status != c.status {
					t.Errorf("%s: status %d, want %d", c.what, status, c.status)
				}
			}
			receiver.close()
			if taken := worked(receiver); taken != 1 {
				t.Errorf("the event was worked on %d times", taken)
			}
		})
	}
}

// event is what the receivers are sent.
const event = `{"id":"evt_1","type":"student.created","data":{"name":"आशा 🎓"}}`

func signed(t *testing.T, at time.Time, secrets ...string) string {
	t.Helper()
	signature, err := webhooks.Sign([]byte(event), at, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// deliver posts as our engine does and returns the status.
func deliver(t *testing.T, url, body, signature string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if signature != "" {
		request.Header[webhooks.HeaderSignature] = []string{signature}
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// worked counts the lines that a receiver has printed for the event, once it has ended.
func worked(receiver *terminal) int {
	count := 0
	for {
		select {
		case printed := <-receiver.lines:
			if strings.Contains(printed.text, "student.created evt_1") {
				count++
			}
		default:
			return count
		}
	}
}
