package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// What S3 allows.
const (
	smallestPart = 5 << 20
	mostParts    = 10000
)

type keys struct{ access, secret, session string }

// bucket is where recordings are kept.
type bucket struct {
	api          *s3.Client
	name, prefix string
	part         int64 // bytes; larger files go up in parts
}

func newBucket(name, endpoint, region string, k keys, client *http.Client) bucket {
	options := s3.Options{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider(k.access, k.secret, k.session), HTTPClient: client,
		// Every checksum is ours: those that the library adds unasked are unknown to many services.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if endpoint != "" {
		options.BaseEndpoint, options.UsePathStyle = &endpoint, true
	}
	return bucket{api: s3.New(options), name: name}
}

// object is a file on its way into the bucket.
type object struct {
	key, kind string
	file      *os.File
	sum       digest
	metadata  map[string]string
}

// put sends a file, in parts if it is large. note is a file that remembers an upload in parts until it has ended.
func (b bucket) put(ctx context.Context, o object, note string) error {
	if err := b.abandon(ctx, o.key, note); err != nil {
		return err
	}
	if len(o.sum.parts) > 1 {
		return b.putParts(ctx, o, note)
	}
	_, err := b.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &o.key, Body: io.NewSectionReader(o.file, 0, o.sum.size), ContentLength: &o.sum.size,
		ContentType: &o.kind, ChecksumSHA256: aws.String(coded(o.sum.whole)), Metadata: o.metadata,
	})
	return verdict(err)
}

// putParts sends one part after the other, each with its checksum, which the bucket checks. If it fails half-way, what is
// there is removed at once; if it cannot be, or the program is killed, before the next attempt.
func (b bucket) putParts(ctx context.Context, o object, note string) (err error) {
	begun, err := b.api.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &b.name, Key: &o.key, ContentType: &o.kind, ChecksumAlgorithm: types.ChecksumAlgorithmSha256, Metadata: o.metadata,
	})
	if err != nil {
		return verdict(err)
	}
	if err := os.WriteFile(note, []byte(*begun.UploadId), 0o600); err != nil {
		return err
	}
	done := make([]types.CompletedPart, len(o.sum.parts))
	for i, sum := range o.sum.parts {
		at := int64(i) * b.part
		length := min(b.part, o.sum.size-at)
		number, checksum := aws.Int32(int32(i+1)), aws.String(coded(sum)) // mostParts at most
		sent, err := b.api.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &b.name, Key: &o.key, UploadId: begun.UploadId, PartNumber: number,
			Body: io.NewSectionReader(o.file, at, length), ContentLength: &length, ChecksumSHA256: checksum,
		})
		if err != nil {
			if ctx.Err() != nil {
				return verdict(err) // stopped: the next start cleans up
			}
			return errors.Join(verdict(err), b.abandon(ctx, o.key, note))
		}
		done[i] = types.CompletedPart{PartNumber: number, ETag: sent.ETag, ChecksumSHA256: checksum}
	}
	_, err = b.api.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &b.name, Key: &o.key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: done},
	})
	if err != nil {
		return verdict(err) // perhaps it is complete: the next attempt looks
	}
	return os.Remove(note)
}

// abandon removes what an earlier upload in parts has left in the bucket: it costs money and shows nowhere.
func (b bucket) abandon(ctx context.Context, key, note string) error {
	id, err := os.ReadFile(note)
	if err != nil {
		return ignoreMissing(err)
	}
	_, err = b.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.name, Key: &key, UploadId: aws.String(string(id))})
	if err != nil && status(err) != http.StatusNotFound {
		return verdict(err)
	}
	return os.Remove(note)
}

// holds tells whether the bucket has exactly this file. A service that keeps no checksums is asked for the file itself.
func (b bucket) holds(ctx context.Context, key string, sum digest) (bool, error) {
	head, err := b.head(ctx, key)
	if err != nil || head == nil || aws.ToInt64(head.ContentLength) != sum.size || head.Metadata["sha256"] != sum.hex() {
		return false, err
	}
	if head.ChecksumSHA256 != nil {
		return *head.ChecksumSHA256 == sum.checksum(), nil
	}
	answer, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return false, verdict(err)
	}
	defer answer.Body.Close()
	all := sha256.New()
	if _, err := io.Copy(all, answer.Body); err != nil {
		return false, fmt.Errorf("%s cannot be read back: %w", key, err)
	}
	return hex.EncodeToString(all.Sum(nil)) == sum.hex(), nil
}

// has tells whether the bucket still has the file of a description.
func (b bucket) has(ctx context.Context, key string, m manifest) (bool, error) {
	head, err := b.head(ctx, key)
	if err != nil || head == nil {
		return false, err
	}
	same := aws.ToInt64(head.ContentLength) == m.SizeBytes && head.Metadata["sha256"] == m.SHA256
	return same && (head.ChecksumSHA256 == nil || *head.ChecksumSHA256 == m.Checksum), nil
}

// head is what the bucket says of an object; nil if there is none.
func (b bucket) head(ctx context.Context, key string) (*s3.HeadObjectOutput, error) {
	head, err := b.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if absent(err) {
		return nil, nil
	}
	return head, verdict(err)
}

// descriptionLimit is more than any description has, in bytes.
const descriptionLimit = 1 << 20

func (b bucket) description(ctx context.Context, key string) (m manifest, found bool, err error) {
	answer, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: aws.String(key + ".json")})
	if absent(err) {
		return m, false, nil
	}
	if err != nil {
		return m, false, verdict(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, descriptionLimit))
	if err != nil {
		return m, false, err
	}
	return m, json.Unmarshal(text, &m) == nil, nil // one that is damaged is written again
}

func (b bucket) describe(ctx context.Context, m manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	_, err = b.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: aws.String(m.Key + ".json"), Body: bytes.NewReader(text),
		ContentType: aws.String("application/json"), ChecksumSHA256: aws.String(coded(sum)),
	})
	return verdict(err)
}

// absent tells that nothing is there. Amazon answers 403 to a key that may not list the bucket; if it is another 403, the
// upload has it too. Keys that are wrong altogether are found out here, before a download.
func absent(err error) bool {
	switch status(err) {
	case http.StatusNotFound:
		return !named(err, "NoSuchBucket")
	case http.StatusForbidden:
		return !named(err, "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed")
	}
	return false
}

func status(err error) int {
	if answer := (*awshttp.ResponseError)(nil); errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

func named(err error, codes ...string) bool {
	said := smithy.APIError(nil)
	return errors.As(err, &said) && slices.Contains(codes, said.ErrorCode())
}

// verdict says in one line what the bucket answers. Permanent is what neither time nor another upload nor better
// credentials change: of the 4xx all but those.
func verdict(err error) error {
	said, code := smithy.APIError(nil), status(err)
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &said):
		return fmt.Errorf("the bucket cannot be reached: %w", err)
	}
	short := fmt.Errorf("the bucket answers %d %s: %s", code, said.ErrorCode(), strings.Join(strings.Fields(said.ErrorMessage()), " "))
	passing := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests}
	damaged := named(err, "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "RequestTimeout", "InvalidPart", "NoSuchUpload")
	if code < 400 || code > 499 || damaged || slices.Contains(passing, code) {
		return short
	}
	return recipe.Permanent(short)
}
