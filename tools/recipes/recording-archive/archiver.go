package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// archiver copies recordings.
type archiver struct {
	bucket     bucket
	downloader downloader
	api        *recipe.API
	keyed      bool // the API can be asked
	now        func() time.Time
}

// manifest is the description beside a file, and the proof that the file is complete.
type manifest struct {
	WorkspaceID     string     `json:"workspaceId"`
	RecordingID     string     `json:"recordingId"`
	LiveSessionID   string     `json:"liveSessionId"`
	CourseID        *string    `json:"courseId"`
	Title           string     `json:"title"`
	StartedAt       *time.Time `json:"startedAt"`
	EndedAt         *time.Time `json:"endedAt"`
	DurationSeconds *int       `json:"durationSeconds"`
	ContentType     string     `json:"contentType"`
	Key             string     `json:"key"`
	SizeBytes       int64      `json:"sizeBytes"`
	SHA256          string     `json:"sha256"`     // of the file, hexadecimal
	Checksum        string     `json:"s3Checksum"` // as S3 keeps it, see digest
	ArchivedAt      time.Time  `json:"archivedAt"`
}

// plain is what may be a part of a name in the bucket and on the disk.
var plain = regexp.MustCompile(`^[0-9A-Za-z_]{1,64}$`)

// work leaves the file and its description in the bucket, whatever an earlier attempt has left there.
func (a archiver) work(ctx context.Context, task recipe.Task) error {
	var rec client.Recording
	if err := json.Unmarshal(task.Data, &rec); err != nil {
		return recipe.Permanent(fmt.Errorf("the recording cannot be read: %w", err))
	}
	if !plain.MatchString(rec.ID) || !plain.MatchString(task.WorkspaceID) {
		return recipe.Permanent(errors.New("the ids of the recording and the workspace cannot be used as names"))
	}
	if rec.Truncated != nil && *rec.Truncated {
		if err := a.anew(ctx, task, &rec); err != nil {
			return err
		}
	}
	kind := contentType(rec)
	key := a.bucket.prefix + task.WorkspaceID + "/" + rec.ID + "/recording" + extensions[kind]
	switch complete, err := a.complete(ctx, key); {
	case err != nil:
		return err
	case complete:
		return a.tidy(ctx, key, rec.ID) // a kill may have come before that
	}
	path, err := a.fetch(ctx, task, rec)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	m := manifest{
		WorkspaceID: task.WorkspaceID, RecordingID: rec.ID, LiveSessionID: rec.LiveSessionID, CourseID: rec.CourseID, Title: rec.Title,
		StartedAt: rec.StartedAt, EndedAt: rec.EndedAt, DurationSeconds: rec.DurationSeconds, ContentType: kind, Key: key,
	}
	if err := a.archive(ctx, f, m); err != nil {
		return err
	}
	return a.tidy(ctx, key, rec.ID)
}

// tidy leaves nothing of a recording on the disk, nor of an upload that failed in the bucket.
func (a archiver) tidy(ctx context.Context, key, id string) error {
	path, _ := a.downloader.whole(id)
	return errors.Join(a.bucket.abandon(ctx, key, path+uploadSuffix), a.downloader.remove(id))
}

// archive puts a file into the bucket, unless it is there, makes sure of it, and only then describes it.
func (a archiver) archive(ctx context.Context, f *os.File, m manifest) error {
	sum, err := digestOf(f, a.bucket.part)
	if err != nil {
		return err
	}
	m.SizeBytes, m.SHA256, m.Checksum, m.ArchivedAt = sum.size, sum.hex(), sum.checksum(), a.now().UTC()
	o := object{key: m.Key, kind: m.ContentType, file: f, sum: sum, metadata: map[string]string{
		"sha256": m.SHA256, "recording-id": m.RecordingID, "live-session-id": m.LiveSessionID,
	}}
	there, err := a.bucket.holds(ctx, m.Key, sum)
	if err != nil {
		return err
	}
	if !there {
		if err := a.bucket.put(ctx, o, f.Name()+uploadSuffix); err != nil {
			return err
		}
		if there, err = a.bucket.holds(ctx, m.Key, sum); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%s in the bucket is not what was downloaded", m.Key)
		}
	}
	return a.bucket.describe(ctx, m)
}

// complete tells whether an earlier attempt, or another event about the same recording, has done all. The description
// alone would not do: somebody may have removed or replaced the file.
func (a archiver) complete(ctx context.Context, key string) (bool, error) {
	m, found, err := a.bucket.description(ctx, key)
	if err != nil || !found {
		return false, err
	}
	return a.bucket.has(ctx, key, m)
}

// fetch downloads the file to the disk. An address that has expired is asked for anew, once.
func (a archiver) fetch(ctx context.Context, task recipe.Task, rec client.Recording) (path string, err error) {
	if path, found := a.downloader.whole(rec.ID); found {
		return path, nil
	}
	tried := ""
	if !a.expired(rec) {
		path, err = a.downloader.download(ctx, rec)
		answer := (*refused)(nil)
		if !errors.As(err, &answer) {
			return path, err
		}
		if !a.keyed && answer.status != http.StatusGone { // that would be for good
			return "", fmt.Errorf("%w; TBC_KEY is not set, so no newer one can be asked for", err)
		}
		tried = rec.URL
	}
	if err := a.anew(ctx, task, &rec); err != nil {
		return "", err
	}
	switch {
	case a.expired(rec):
		return "", recipe.Permanent(fmt.Errorf("the address of the file expired at %s and there is no other", rec.URLExpiresAt.Format(time.RFC3339)))
	case rec.URL == tried:
		return "", err // perhaps it passes
	}
	return a.downloader.download(ctx, rec)
}

func (a archiver) expired(rec client.Recording) bool {
	return rec.URLExpiresAt != nil && !rec.URLExpiresAt.After(a.now())
}

// anew reads a recording over the API.
func (a archiver) anew(ctx context.Context, task recipe.Task, rec *client.Recording) error {
	id := rec.ID
	read, found, err := a.api.Recording(ctx, task, id)
	switch {
	case err != nil:
		return err
	case !found:
		return recipe.Permanent(fmt.Errorf("there is no recording %s any more", id))
	case read.ID != id:
		return fmt.Errorf("another recording than %s was sent", id)
	}
	*rec = read
	return nil
}
