package signature_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/server/dashboard/signature"
	"github.com/thebigclass/api/webhooks"
)

const (
	secret = "whsec_4Jq0oXy3bW9vT1mZkR7sNf2LpHc8UeGd"
	body   = `{"id":"evt_1","type":"order.paid","data":{"name":"Zoë & <Ana>","amount":500}}`
)

var now = time.Unix(1716102400, 0)

func sign(t *testing.T, body string, at time.Time, secrets ...string) string {
	t.Helper()
	header, err := webhooks.Sign([]byte(body), at, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

// Whoever asks here and whoever verifies with the package are told the same, over all shared cases.
func TestExplain_AgreesWithTheVerifier(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../webhooks/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Name            string
			Secrets, Header []string
			Body            string
			Repeat          int
			Now             int64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, v := range file.Vectors {
		if len(v.Secrets) != 1 {
			continue
		}
		header, sent, at := strings.Join(v.Header, ","), strings.Repeat(v.Body, max(v.Repeat, 1)), time.Unix(v.Now, 0)
		want := webhooks.Verify(header, []byte(sent), at, v.Secrets...)
		got := signature.Explain(signature.Input{Header: header, Body: sent, Secret: v.Secrets[0]}, at)
		if got.Right != (want == nil) {
			t.Errorf("%s: right is %v, the verifier says %v\n%+v", v.Name, got.Right, want, got)
		}
		if got.Right {
			right++
		}
	}
	if right < 5 || len(file.Vectors) < 40 {
		t.Errorf("%d of %d vectors were right", right, len(file.Vectors))
	}
}

// Each common mistake is named, and nothing is called right that a receiver refuses.
func TestExplain_NamesTheMistake(t *testing.T) {
	t.Parallel()
	var pretty strings.Builder
	encoder := json.NewEncoder(&pretty)
	encoder.SetIndent("", "  ")
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatal(err)
	}
	spaced := strings.NewReplacer(":", ": ", `,"`, `, "`).Replace(body)
	escaped := strings.NewReplacer("ë", `\u00eb`, "&", `\u0026`, "<", `\u003c`).Replace(spaced)
	wrapped, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	good := sign(t, body, now, secret)
	for name, c := range map[string]struct {
		in   signature.Input
		want string
	}{
		"nothing wrong":            {signature.Input{Header: good, Body: body, Secret: secret}, "takes this delivery"},
		"with the header's name":   {signature.Input{Header: "x-tbc-signature: " + good, Body: body, Secret: secret}, "takes this delivery"},
		"no header":                {signature.Input{Body: body, Secret: secret}, "There is no header"},
		"no secret":                {signature.Input{Header: good, Body: body}, "There is no secret"},
		"space after the comma":    {signature.Input{Header: strings.ReplaceAll(good, ",", ", "), Body: body, Secret: secret}, "no space, no quotes"},
		"capitals":                 {signature.Input{Header: strings.ToUpper(good), Body: body, Secret: secret}, "small letters"},
		"v1 cut off":               {signature.Input{Header: "t=1716102400", Body: body, Secret: secret}, "cut at its comma"},
		"v1 shortened":             {signature.Input{Header: "t=1716102400,v1=8a92…", Body: body, Secret: secret}, "copy the whole value"},
		"too old":                  {signature.Input{Header: sign(t, body, now.Add(-time.Hour), secret), Body: body, Secret: secret}, "only the age is wrong"},
		"from the future":          {signature.Input{Header: sign(t, body, now.Add(time.Hour), secret), Body: body, Secret: secret}, "ahead of our clock"},
		"a line end after it":      {signature.Input{Header: good, Body: body + "\r\n", Secret: secret}, "line end after the body"},
		"a line end lost":          {signature.Input{Header: sign(t, body+"\n", now, secret), Body: body, Secret: secret}, "it was lost"},
		"a byte order mark":        {signature.Input{Header: good, Body: "\uFEFF" + body, Secret: secret}, "byte order mark"},
		"printed with spaces":      {signature.Input{Header: good, Body: spaced, Secret: secret}, "white space taken out"},
		"printed with escapes":     {signature.Input{Header: good, Body: escaped, Secret: secret}, "characters are escaped"},
		"a text within a text":     {signature.Input{Header: good, Body: string(wrapped), Secret: secret}, "within a JSON text"},
		"secret with a line end":   {signature.Input{Header: good, Body: body, Secret: secret + "\n"}, "around the secret"},
		"secret in quotes":         {signature.Input{Header: good, Body: body, Secret: `"` + secret + `"`}, "in quotes"},
		"secret without beginning": {signature.Input{Header: good, Body: body, Secret: secret[6:]}, "with whsec_ before it"},
		"another secret":           {signature.Input{Header: good, Body: body, Secret: "whsec_other"}, "of another endpoint"},
		"another body":             {signature.Input{Header: good, Body: strings.Replace(body, "500", "501", 1), Secret: secret}, "is not the bytes that were sent"},
		"the first of two":         {signature.Input{Header: sign(t, body, now, secret, "whsec_old"), Body: body, Secret: secret}, "keeps only the last v1"},
		"the last of two":          {signature.Input{Header: sign(t, body, now, "whsec_new", secret), Body: body, Secret: secret}, "change to the new one"},
		"nothing at all":           {signature.Input{}, "There is no secret"},
	} {
		got := signature.Explain(c.in, now)
		all := got.Verdict + strings.Join(got.Hints, "")
		for _, check := range got.Checks {
			all += check.Text
		}
		if !strings.Contains(all, c.want) {
			t.Errorf("%s: does not say %q: %+v", name, c.want, got)
		}
		header := strings.TrimPrefix(c.in.Header, "x-tbc-signature: ")
		if verified := webhooks.Verify(header, []byte(c.in.Body), now, c.in.Secret) == nil; got.Right != verified {
			t.Errorf("%s: right is %v, but a receiver's verdict %v", name, got.Right, verified)
		}
		if len(got.Checks) != 5 {
			t.Errorf("%s: %d checks", name, len(got.Checks))
		}
		if c.in.Secret != "" && strings.Contains(all, c.in.Secret) {
			t.Errorf("%s: the secret is repeated", name)
		}
	}
}

// A browser sends line ends of a text field as CR LF: that is no mistake of whoever pasted it.
func TestExplain_TakesLineEndsOfABrowser(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{"{\n}", "{\r\n}"} {
		got := signature.Explain(signature.Input{Header: sign(t, sent, now, secret), Body: "{\r\n}", Secret: secret}, now)
		if !got.Right {
			t.Errorf("%q: %+v", sent, got)
		}
	}
}
