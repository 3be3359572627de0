package s3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Keys are what one account signs its requests with.
type Keys struct{ Access, Secret string }

const (
	algorithm = "AWS4-HMAC-SHA256"
	longDate  = "20060102T150405Z"
	// skew is how far the clocks of both sides may be apart.
	skew = 15 * time.Minute
)

// verify checks the signature in the header Authorization (Amazon S3 API Reference, Authenticating Requests: Using the
// Authorization Header), or says how S3 refuses it. It does not look at the body.
func (k Keys) verify(r *http.Request, now time.Time) *refusal {
	form, values, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if form != algorithm {
		return &refusal{http.StatusForbidden, "AccessDenied", "Access Denied"}
	}
	said := map[string]string{}
	for value := range strings.SplitSeq(values, ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(value), "=")
		said[name] = text
	}
	access, scope, _ := strings.Cut(said["Credential"], "/")
	at, err := time.Parse(longDate, r.Header.Get("X-Amz-Date"))
	signed := strings.Split(said["SignedHeaders"], ";")
	switch {
	case access != k.Access:
		return &refusal{http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."}
	case err != nil || len(strings.Split(scope, "/")) != 4 || !slices.Contains(signed, "host"):
		return &refusal{http.StatusBadRequest, "AuthorizationHeaderMalformed", "The authorization header is malformed."}
	case at.Before(now.Add(-skew)) || at.After(now.Add(skew)):
		return &refusal{http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."}
	}
	if !hmac.Equal([]byte(k.signature(r, scope, signed)), []byte(said["Signature"])) {
		return &refusal{http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."}
	}
	return nil
}

// signature is what a request with these headers must be signed with.
func (k Keys) signature(r *http.Request, scope string, signed []string) string {
	request := sha256.Sum256([]byte(canonical(r, signed)))
	text := strings.Join([]string{algorithm, r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(request[:])}, "\n")
	key := []byte("AWS4" + k.Secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = keyed(key, part)
	}
	return hex.EncodeToString(keyed(key, text))
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// canonical is a request as both sides write it down.
func canonical(r *http.Request, signed []string) string {
	lines := []string{r.Method, escaped(r.URL.Path, "/"), query(r.URL.Query())}
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name { // net/http keeps these apart
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		lines = append(lines, name+":"+strings.Join(strings.Fields(value), " "))
	}
	return strings.Join(append(lines, "", strings.Join(signed, ";"), r.Header.Get("X-Amz-Content-Sha256")), "\n")
}

func query(values url.Values) string {
	var pairs []string
	for name, list := range values {
		for _, value := range list {
			pairs = append(pairs, escaped(name, "")+"="+escaped(value, ""))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escaped leaves letters, digits, -._~ and the given signs as they are, and nothing else.
func escaped(text, also string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~"+also, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
