package s3

import (
	"crypto/md5" // an ETag is one
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
)

// smallestPart is what every part but the last must have, in bytes.
const smallestPart = 5 << 20

// upload is an object that comes in parts.
type upload struct {
	object *Object
	sha256 bool // its parts have checksums
	parts  map[int]part
}

type part struct {
	content        []byte
	etag, checksum string
}

// Pending is how many uploads have begun and neither been completed nor given up. On S3 they cost money.
func (b *Bucket) Pending() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.uploads)
}

func (b *Bucket) begin(w http.ResponseWriter, o *Object, algorithm string) *refusal {
	b.count++
	id := fmt.Sprintf("upload-%d", b.count)
	if b.uploads == nil {
		b.uploads = map[string]*upload{}
	}
	b.uploads[id] = &upload{object: o, sha256: algorithm == "SHA256", parts: map[int]part{}}
	respond(w, http.StatusOK, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string
	}{Bucket: o.Bucket, Key: o.Key, UploadId: id})
	return nil
}

var noSuchUpload = &refusal{http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist."}

func (b *Bucket) part(w http.ResponseWriter, r *http.Request, id string, body []byte) *refusal {
	u, found := b.uploads[id]
	if !found {
		return noSuchUpload
	}
	number, err := strconv.Atoi(r.URL.Query().Get("partNumber"))
	if err != nil || number < 1 || number > 10000 {
		return &refusal{http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive"}
	}
	tag := md5.Sum(body)
	p := part{content: body, etag: `"` + hex.EncodeToString(tag[:]) + `"`, checksum: r.Header.Get("X-Amz-Checksum-Sha256")}
	if u.sha256 && p.checksum == "" {
		return &refusal{http.StatusBadRequest, "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null"}
	}
	u.parts[number] = p
	w.Header().Set("ETag", p.etag)
	w.Header().Set("X-Amz-Checksum-Sha256", p.checksum)
	return nil
}

func (b *Bucket) complete(w http.ResponseWriter, id string, body []byte) *refusal {
	u, found := b.uploads[id]
	if !found {
		return noSuchUpload
	}
	var list struct {
		Part []struct {
			PartNumber     int
			ETag           string
			ChecksumSHA256 string
		}
	}
	if err := xml.Unmarshal(body, &list); err != nil || len(list.Part) == 0 {
		return &refusal{http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed."}
	}
	var sums []byte
	for i, said := range list.Part {
		p, found := u.parts[said.PartNumber]
		switch {
		case !found || said.ETag != p.etag || said.ChecksumSHA256 != p.checksum:
			return &refusal{http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found."}
		case i > 0 && said.PartNumber <= list.Part[i-1].PartNumber:
			return &refusal{http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order."}
		case i < len(list.Part)-1 && len(p.content) < smallestPart:
			return &refusal{http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size."}
		}
		sum := sha256.Sum256(p.content)
		sums = append(sums, sum[:]...)
		u.object.content = append(u.object.content, p.content...)
	}
	u.object.Parts = len(list.Part)
	if all := sha256.Sum256(sums); u.sha256 {
		u.object.Checksum = fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(all[:]), u.object.Parts)
	}
	delete(b.uploads, id)
	respond(w, http.StatusOK, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
		ChecksumSHA256    string
	}{Bucket: u.object.Bucket, Key: u.object.Key, ETag: b.store(u.object), ChecksumSHA256: u.object.Checksum})
	return nil
}

func (b *Bucket) abort(w http.ResponseWriter, id string) *refusal {
	if _, found := b.uploads[id]; !found {
		return noSuchUpload
	}
	delete(b.uploads, id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
