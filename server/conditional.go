package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/gen"
)

// versionedOperations answer with objects all of whose members are written by
// the workspace's transactions: the workspace's version then names the body.
// Any other GET is tagged by a hash of its body and never cached.
var versionedOperations = map[string]bool{
	"listCourses": true, "getCourse": true,
	"listStudents": true, "getStudent": true,
	"listEnrollments": true, "getEnrollment": true,
	"listOrders": true, "getOrder": true,
	"listLiveSessions": true, "getLiveSession": true,
	"listRecordings": true, "getRecording": true,
	"listCertificates": true, "getCertificate": true,
}

// bodyCacheBytes bounds the encoded bodies kept in this process.
const bodyCacheBytes = 16 << 20

// bodyCache keeps encoded bodies by their entity tag. It holds nothing that
// could be stale: a change of the workspace is another version, another tag.
type bodyCache = lru[string, []byte]

func newBodyCache() *bodyCache { return newLRU[string, []byte](bodyCacheBytes) }

// conditional gives every GET but the stream of events a strong ETag and answers If-None-Match with 304.
// It stands after authentication, admission, scope and validation, so that a
// known body is shown only to a call that could have made it.
func (a *API) conditional(op gen.Operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if op.Method != http.MethodGet || op.ID == streamOperation {
			return next
		}
		return func(c echo.Context) error {
			header := c.Response().Header()
			header.Set("Cache-Control", "private, no-cache")
			header.Set("Vary", "Authorization")
			if versionedOperations[op.ID] {
				return a.answerVersioned(c, op, next)
			}
			answer, err := record(c, next)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(answer.body.Bytes())
			return answerTagged(c, entityTag(sum), answer.body.Bytes())
		}
	}
}

// answerVersioned answers from the tag alone, else from the cache, else from the store.
// A body read after a later commit may be kept under the version of admission;
// it is newer than its tag says, never older, and the next call asks for the next tag.
func (a *API) answerVersioned(c echo.Context, op gen.Operation, next echo.HandlerFunc) error {
	tag := entityTag(a.versionHash(c.Request(), op))
	if matchesTag(c.Request().Header, tag) {
		return answerTagged(c, tag, nil)
	}
	if body, ok := a.bodies.get(tag); ok {
		return answerTagged(c, tag, body)
	}
	answer, err := record(c, next)
	if err != nil {
		return err
	}
	body := answer.body.Bytes()
	a.bodies.put(tag, body, len(body)+len(tag))
	return answerTagged(c, tag, body)
}

// versionHash covers whatever shapes the body: this build and its links, the
// tenant and its version, the request as validated, and the key's scopes
// (one with write:courses sees drafts).
func (a *API) versionHash(r *http.Request, op gen.Operation) [32]byte {
	made := callOf(r.Context())
	hash := sha256.New()
	part := func(text string) {
		_ = binary.Write(hash, binary.BigEndian, int64(len(text))) // lengths keep parts apart
		hash.Write([]byte(text))
	}
	for _, text := range []string{a.build, a.config.BaseURL, made.key.WorkspaceID, op.ID, r.URL.EscapedPath(), r.URL.RawQuery} {
		part(text)
	}
	scopes := slices.Sorted(slices.Values(made.key.Scopes))
	part(strings.Join(scopes, " "))
	_ = binary.Write(hash, binary.BigEndian, made.version)
	return [32]byte(hash.Sum(nil))
}

// entityTag is 128 bits of the hash as a strong tag.
func entityTag(sum [32]byte) string {
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// answerTagged sends the body under its tag, or 304 to a client that has it.
func answerTagged(c echo.Context, tag string, body []byte) error {
	c.Response().Header()[gen.HeaderETag] = []string{tag}
	if matchesTag(c.Request().Header, tag) {
		c.Response().WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeBody(c, http.StatusOK, body)
}

// matchesTag reads If-None-Match, a list of tags over one or more lines.
// Comparison is weak, as RFC 9110 asks for If-None-Match. "*" is ignored: it
// would turn the first read of any resource into an empty 304.
func matchesTag(h http.Header, tag string) bool {
	for _, line := range h.Values("If-None-Match") {
		for line = strings.TrimLeft(line, ", \t"); line != ""; line = strings.TrimLeft(line, ", \t") {
			line = strings.TrimPrefix(line, "W/")
			if !strings.HasPrefix(line, `"`) {
				break // not a tag: the rest of the line cannot be read
			}
			end := strings.IndexByte(line[1:], '"')
			if end < 0 {
				break
			}
			if line[:end+2] == tag {
				return true
			}
			line = line[end+2:]
		}
	}
	return false
}
