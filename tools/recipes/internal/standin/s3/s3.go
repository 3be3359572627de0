// Package s3 stands in for a bucket of Amazon S3 or a service that speaks its protocol: it checks signatures and checksums,
// and keeps what it is given in memory.
package s3

import (
	"bytes"
	"crypto/md5" // an ETag is one
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

// bodyLimit is for one request, in bytes: everything is kept in memory.
const bodyLimit = 256 << 20

// Bucket is one bucket that its account alone may use. A second one, public, has a file that everybody may read.
type Bucket struct {
	Name   string
	Keys   Keys
	Now    func() time.Time
	Record *standin.Record

	// NoChecksums keeps no checksums beside the objects, as some services do not.
	NoChecksums bool

	mu      sync.Mutex
	objects map[string]*Object
	uploads map[string]*upload
	count   int
}

// Object is what the record holds for each object that was stored.
type Object struct {
	Bucket   string            `json:"bucket"`
	Key      string            `json:"key"`
	Bytes    int               `json:"bytes"`
	SHA256   string            `json:"sha256"`             // of the content, hexadecimal
	Checksum string            `json:"checksum,omitempty"` // as S3 keeps it: of the content, or of the parts' checksums
	Parts    int               `json:"parts,omitempty"`
	Type     string            `json:"type"`
	Metadata map[string]string `json:"metadata"`

	content []byte
	etag    string
}

// refusal is an error of S3.
type refusal struct {
	status  int
	code    string
	message string
}

// ServeHTTP answers for addresses with the bucket in the path.
func (b *Bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		Refuse(w, http.StatusBadRequest, "IncompleteBody", "The request body terminated unexpectedly.")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket == publicBucket && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		class(w, r, key)
		return
	}
	refused := b.Keys.verify(r, b.Now())
	if refused == nil {
		refused = intact(r, body)
	}
	if refused == nil && bucket != b.Name {
		refused = &refusal{http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist"}
	}
	if refused == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		refused = b.answer(w, r, key, body)
	}
	if refused != nil {
		Refuse(w, refused.status, refused.code, refused.message)
	}
}

// Refuse writes an error as S3 does.
func Refuse(w http.ResponseWriter, status int, code, message string) {
	respond(w, status, struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if err := xml.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("stand-in: the answer was not taken", "error", err)
	}
}

// intact compares the body with what the request says about it.
func intact(r *http.Request, body []byte) *refusal {
	sum := sha256.Sum256(body)
	if said := r.Header.Get("X-Amz-Content-Sha256"); said != "UNSIGNED-PAYLOAD" && said != hex.EncodeToString(sum[:]) {
		return &refusal{http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."}
	}
	if said := r.Header.Get("X-Amz-Checksum-Sha256"); said != "" && said != base64.StdEncoding.EncodeToString(sum[:]) {
		return &refusal{http.StatusBadRequest, "BadDigest", "The SHA256 you specified did not match the calculated checksum."}
	}
	return nil
}

func (b *Bucket) answer(w http.ResponseWriter, r *http.Request, key string, body []byte) *refusal {
	id := r.URL.Query().Get("uploadId")
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return b.show(w, r, key)
	case r.Method == http.MethodPut && id == "":
		o := described(r, b.Name, key)
		o.Checksum, o.content = r.Header.Get("X-Amz-Checksum-Sha256"), body
		w.Header().Set("ETag", b.store(o))
		return nil
	case r.Method == http.MethodPost && r.URL.Query().Has("uploads"):
		return b.begin(w, described(r, b.Name, key), r.Header.Get("X-Amz-Checksum-Algorithm"))
	case r.Method == http.MethodPut:
		return b.part(w, r, id, body)
	case r.Method == http.MethodPost && id != "":
		return b.complete(w, id, body)
	case r.Method == http.MethodDelete && id != "":
		return b.abort(w, id)
	}
	return &refusal{http.StatusNotImplemented, "NotImplemented", "A header or query you provided implies functionality that is not implemented."}
}

// described is an object as a request announces it.
func described(r *http.Request, bucket, key string) *Object {
	o := &Object{Bucket: bucket, Key: key, Type: r.Header.Get("Content-Type"), Metadata: map[string]string{}}
	for name := range r.Header {
		if about, found := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); found {
			o.Metadata[about] = r.Header.Get(name)
		}
	}
	return o
}

// store keeps an object, records it and returns its ETag.
func (b *Bucket) store(o *Object) string {
	sum, tag := sha256.Sum256(o.content), md5.Sum(o.content)
	o.Bytes, o.SHA256, o.etag = len(o.content), hex.EncodeToString(sum[:]), `"`+hex.EncodeToString(tag[:])+`"`
	if b.NoChecksums {
		o.Checksum = ""
	}
	if b.objects == nil {
		b.objects = map[string]*Object{}
	}
	b.objects[o.Key] = o
	if err := b.Record.Add(o); err != nil {
		slog.Error("stand-in: not recorded", "error", err)
	}
	return o.etag
}

func (b *Bucket) show(w http.ResponseWriter, r *http.Request, key string) *refusal {
	o, found := b.objects[key]
	if !found {
		return &refusal{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}
	}
	for name, value := range o.Metadata {
		w.Header().Set("X-Amz-Meta-"+name, value)
	}
	if o.Checksum != "" && r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		w.Header().Set("X-Amz-Checksum-Sha256", o.Checksum)
	}
	w.Header().Set("ETag", o.etag)
	w.Header().Set("Content-Type", o.Type)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(o.content))
	return nil
}

// Damage changes an object behind its owner's back.
func (b *Bucket) Damage(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := *b.objects[key]
	o.content = bytes.Clone(o.content)
	o.content[0] ^= 1
	sum := sha256.Sum256(o.content)
	if o.Checksum != "" {
		o.Checksum = base64.StdEncoding.EncodeToString(sum[:])
	}
	b.objects[key] = &o
}

// Content is what an object holds, or nil.
func (b *Bucket) Content(key string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if o := b.objects[key]; o != nil {
		return o.content
	}
	return nil
}
