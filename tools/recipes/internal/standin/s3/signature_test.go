package s3

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

var published = Keys{Access: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

// signedRequest is an example of the Amazon S3 API Reference.
func signedRequest(target, headers, signature string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Host = "examplebucket.s3.amazonaws.com"
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	r.Header.Set("X-Amz-Content-Sha256", nothing)
	r.Header.Set("Authorization", algorithm+" Credential="+published.Access+"/20130524/us-east-1/s3/aws4_request,SignedHeaders="+
		headers+",Signature="+signature)
	return r
}

// The stand-in computes the signatures that Amazon publishes, so a client that satisfies it satisfies S3, and refuses others.
func TestVerify_AgreesWithThePublishedExamples(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	const plain = "host;x-amz-content-sha256;x-amz-date"
	withRange := signedRequest("/test.txt", "host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
	withRange.Header.Set("Range", "bytes=0-9")
	for _, r := range []*http.Request{
		withRange,
		signedRequest("/?lifecycle", plain, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
		signedRequest("/?prefix=J&max-keys=2", plain, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
	} {
		if refused := published.verify(r, at); refused != nil {
			t.Errorf("%s is refused: %+v", r.URL, refused)
		}
		if refused := (Keys{published.Access, "another"}).verify(r, at); refused == nil || refused.code != "SignatureDoesNotMatch" {
			t.Errorf("%s with another secret: %+v", r.URL, refused)
		}
		if refused := published.verify(r, at.Add(time.Hour)); refused == nil || refused.code != "RequestTimeTooSkewed" {
			t.Errorf("%s an hour later: %+v", r.URL, refused)
		}
		r.URL.Path += "x"
		if refused := published.verify(r, at); refused == nil || refused.code != "SignatureDoesNotMatch" {
			t.Errorf("%s changed: %+v", r.URL, refused)
		}
	}
}
