// Command recording-archive copies each recording to a bucket of one's own. See README.md, or recording-archive --help.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const (
	accessVariable   = "AWS_ACCESS_KEY_ID"
	secretVariable   = "AWS_SECRET_ACCESS_KEY"
	sessionVariable  = "AWS_SESSION_TOKEN"
	regionVariable   = "AWS_REGION"
	bucketVariable   = "S3_BUCKET"
	endpointVariable = "S3_ENDPOINT"
	prefixVariable   = "S3_PREFIX"
	partVariable     = "S3_PART_MB"
	limitVariable    = "ARCHIVE_MAX_GB"
	httpVariable     = "ARCHIVE_ALLOW_HTTP"
	nearVariable     = "ARCHIVE_ALLOW_PRIVATE"
)

func main() { recipe.Main(recordingArchive) }

var recordingArchive = recipe.Recipe{
	Name:  "recording-archive",
	Short: "Copy each recording of a live class to a bucket of your own",
	Long: `Downloads each recording when it is ready, and puts it into a bucket of Amazon S3, or of
a service that speaks its protocol, as S3_PREFIX + WORKSPACE/RECORDING/recording.mp4 with
its SHA-256, and a description beside it, recording.mp4.json. The description comes last:
where it is, the bucket has been asked whether it holds what was downloaded.

  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (if your keys have one)
  AWS_REGION           default us-east-1
  S3_BUCKET            the bucket; it must exist
  S3_ENDPOINT          URL of another service than Amazon's
  S3_PREFIX            of every name, such as recordings/
  S3_PART_MB           files above go up in parts of this size, 5 to 5000; default 64
  ARCHIVE_MAX_GB       larger files are refused; default 100
  ARCHIVE_ALLOW_HTTP   1 takes files over http from other machines too
  ARCHIVE_ALLOW_PRIVATE  1 takes files from this machine and its private networks too, or
                       through a proxy there: whoever may announce a recording can then
                       have copied what those answer
  TBC_KEY              a key with the scope read:live_sessions, for addresses that expired

FOLDER keeps one file at a time, until it is in the bucket or the next download needs the
room: a download that was cut goes on where it stopped. What a cut upload left in the
bucket is removed when its recording is tried again.`,
	Addr:    "127.0.0.1:9005",
	Events:  []string{"recording.ready"},
	Timeout: 6 * time.Hour,
	Open:    open,
}

func open(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
	keys := keys{
		access: s.Require(accessVariable, "of the account that may write to the bucket"),
		secret: s.Require(secretVariable, "that belongs to it"), session: s.Getenv(sessionVariable),
	}
	endpoint := s.URL(endpointVariable, "")
	b := newBucket(s.Require(bucketVariable, "the bucket to copy to"), endpoint, s.Optional(regionVariable, "us-east-1"), keys, s.HTTP)
	b.prefix, b.part = s.Optional(prefixVariable, ""), number(s, partVariable, 64, 5000)<<20
	if b.part < smallestPart {
		s.Fault(fmt.Errorf("%s is under the 5 MB that a part must have", partVariable))
	}
	d := newDownloader(s.HTTP, reach{clear: s.Getenv(httpVariable) == "1", near: s.Getenv(nearVariable) == "1"})
	d.folder, d.limit = filepath.Join(s.Folder, "files"), number(s, limitVariable, 100, 5000)<<30
	if d.limit/b.part >= mostParts {
		s.Fault(fmt.Errorf("a file of %s has more than %d parts of %s", limitVariable, mostParts, partVariable))
	}
	a := archiver{bucket: b, downloader: d, api: s.APIAtNeed("read:live_sessions"), keyed: s.Getenv("TBC_KEY") != "", now: s.Now}
	return a.work, os.MkdirAll(d.folder, 0o700)
}

// number is a variable from 1 to most.
func number(s *recipe.Settings, name string, fallback, most int64) int64 {
	n, err := strconv.ParseInt(s.Optional(name, strconv.FormatInt(fallback, 10)), 10, 64)
	if err != nil || n < 1 || n > most {
		s.Fault(fmt.Errorf("%s is not a number from 1 to %d", name, most))
		return fallback
	}
	return n
}
