package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"

	"github.com/thebigclass/api/gen/client"
)

// digest is what is known of a file before it is sent.
type digest struct {
	size  int64
	whole [sha256.Size]byte
	parts [][sha256.Size]byte // of the pieces in which it is sent
}

// digestOf reads a file once, in pieces of the given size.
func digestOf(f io.Reader, part int64) (d digest, err error) {
	all := sha256.New()
	for {
		piece := sha256.New()
		n, err := io.CopyN(io.MultiWriter(all, piece), f, part)
		d.size += n
		if n > 0 || len(d.parts) == 0 {
			d.parts = append(d.parts, [sha256.Size]byte(piece.Sum(nil)))
		}
		if err == io.EOF { //nolint:errorlint // CopyN returns it as it is
			d.whole = [sha256.Size]byte(all.Sum(nil))
			return d, nil
		}
		if err != nil {
			return d, err
		}
	}
}

func (d digest) hex() string { return hex.EncodeToString(d.whole[:]) }

// checksum is what a bucket of S3 keeps: the SHA-256 of the file if it came in one piece, else that of the SHA-256 of the
// pieces, with their number (Amazon S3 User Guide, Checking object integrity: composite checksums).
func (d digest) checksum() string {
	if len(d.parts) == 1 {
		return coded(d.whole)
	}
	var sums []byte
	for _, part := range d.parts {
		sums = append(sums, part[:]...)
	}
	return fmt.Sprintf("%s-%d", coded(sha256.Sum256(sums)), len(d.parts))
}

func coded(sum [sha256.Size]byte) string { return base64.StdEncoding.EncodeToString(sum[:]) }

// extensions are of the types that recordings come in. Others have none: what a system's own table says differs.
var extensions = map[string]string{
	"video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov", "video/x-matroska": ".mkv",
	"audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wav": ".wav",
}

// contentType is the recording's media type without its parameters.
func contentType(rec client.Recording) string {
	if rec.MimeType != nil {
		if kind, _, err := mime.ParseMediaType(*rec.MimeType); err == nil {
			return kind
		}
	}
	return "application/octet-stream"
}
