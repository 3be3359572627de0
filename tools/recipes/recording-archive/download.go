package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const (
	// stall is how long a server may send nothing in the middle of a file.
	stall        = time.Minute
	mostRedirect = 5
)

// downloader brings files to the disk.
type downloader struct {
	reach  reach
	http   *http.Client
	folder string
	limit  int64 // bytes
}

func newDownloader(plain *http.Client, r reach) downloader {
	return downloader{reach: r, http: r.client(plain)}
}

// refused is an answer that a newer address may change. It does not show the address, which may be a secret.
type refused struct{ status int }

// Error implements error.
func (r *refused) Error() string {
	return fmt.Sprintf("the file's address answers %d %s", r.status, http.StatusText(r.status))
}

// whole is a file that an earlier attempt has downloaded.
func (d downloader) whole(id string) (path string, found bool) {
	path = filepath.Join(d.folder, id)
	_, err := os.Stat(path)
	return path, err == nil
}

// download writes the file, or the rest of it, and names it by its id alone only when it is complete.
func (d downloader) download(ctx context.Context, rec client.Recording) (path string, err error) {
	path, _ = d.whole(rec.ID)
	p := partOf(path)
	if err := d.reach.check(rec.URL); err != nil {
		return "", recipe.Permanent(err)
	}
	if rec.SizeBytes != nil && *rec.SizeBytes > d.limit {
		return "", d.tooLarge()
	}
	if err := d.makeRoom(rec.ID); err != nil {
		return "", err
	}
	size, err := d.receive(ctx, rec, p)
	if err != nil {
		return "", err
	}
	if rec.SizeBytes != nil && size != *rec.SizeBytes {
		return "", errors.Join(fmt.Errorf("the file has %d bytes and should have %d", size, *rec.SizeBytes), p.forget())
	}
	if err := os.Rename(p.path, path); err != nil {
		return "", err
	}
	return path, p.forget()
}

// uploadSuffix is of a note about an upload in parts: it is small, and all that can still remove the parts.
const uploadSuffix = ".upload"

// makeRoom removes the files of all other recordings, so that the disk needs room for one.
func (d downloader) makeRoom(id string) error {
	entries, err := os.ReadDir(d.folder)
	for _, entry := range entries {
		owner, _, _ := strings.Cut(entry.Name(), ".") // ids have no dots
		if owner != id && !strings.HasSuffix(entry.Name(), uploadSuffix) {
			err = errors.Join(err, os.Remove(filepath.Join(d.folder, entry.Name())))
		}
	}
	return err
}

// remove forgets a file, whole or in part.
func (d downloader) remove(id string) error {
	path, _ := d.whole(id)
	return errors.Join(ignoreMissing(os.Remove(path)), partOf(path).forget())
}

func (d downloader) tooLarge() error {
	return recipe.Permanent(fmt.Errorf("the file is larger than the %d GB of %s", d.limit>>30, limitVariable))
}

// receive asks for what is missing of a file and returns how large it is then.
func (d downloader) receive(ctx context.Context, rec client.Recording, p partial) (size int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(fmt.Errorf("the server of the file sends nothing for %s", stall)) })
	defer watch.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rec.URL, nil)
	if err != nil {
		return 0, recipe.Permanent(errors.New("the file's address cannot be asked"))
	}
	have := p.ask(request)
	answer, err := d.http.Do(request)
	if err != nil {
		return 0, unanswered(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusRequestedRangeNotSatisfiable && answer.Header.Get("Content-Range") == fmt.Sprintf("bytes */%d", have) {
		return have, nil // it was complete, and nobody noted that
	}
	if rec.SizeBytes == nil && !bounded(answer) {
		return 0, recipe.Permanent(errors.New("nobody tells how long the file is: a part of it would pass for all; give the recording its sizeBytes"))
	}
	f, have, err := p.begin(answer, have)
	if err != nil {
		return 0, err
	}
	if have+max(answer.ContentLength, 0) > d.limit {
		return 0, errors.Join(d.tooLarge(), f.Close(), p.forget())
	}
	n, err := io.Copy(f, io.LimitReader(alive{answer.Body, watch}, d.limit+1-have))
	if err != nil {
		return 0, errors.Join(fmt.Errorf("the download broke off after %d bytes: %w", have+n, unanswered(ctx, err)), f.Sync(), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	if have+n > d.limit {
		return 0, errors.Join(d.tooLarge(), p.forget())
	}
	return have + n, nil
}

// bounded tells whether the end of a file can be told from a connection that breaks: by its length, its chunks or, in
// HTTP/2, its frames. Of other answers than a file nothing is kept.
func bounded(answer *http.Response) bool {
	return answer.StatusCode >= http.StatusMultipleChoices || answer.ContentLength >= 0 || answer.ProtoMajor >= 2 ||
		slices.Contains(answer.TransferEncoding, "chunked")
}

// alive tells the watch of every byte.
type alive struct {
	io.Reader
	watch *time.Timer
}

// Read implements io.Reader.
func (a alive) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	a.watch.Reset(stall)
	return n, err
}

// unanswered is an error without the address, or why the context ended.
func unanswered(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if inURL := (*url.Error)(nil); errors.As(err, &inURL) {
		return fmt.Errorf("the file's address cannot be asked: %w", inURL.Err)
	}
	return err
}

// partial is a file that is not complete, and beside it the ETag of what it is a part of.
type partial struct{ path, tag string }

func partOf(path string) partial { return partial{path: path + ".part", tag: path + ".etag"} }

// ask adds to a request from where on the file is missing, and returns that.
func (p partial) ask(request *http.Request) int64 {
	info, err := os.Stat(p.path)
	tag, missing := os.ReadFile(p.tag)
	if err != nil || missing != nil || info.Size() == 0 {
		return 0
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-", info.Size()))
	request.Header.Set("If-Range", string(tag)) // the whole of another file, rather than the rest of it
	return info.Size()
}

// begin opens the file where the answer goes on, and returns what is kept of it.
func (p partial) begin(answer *http.Response, have int64) (*os.File, int64, error) {
	switch answer.StatusCode {
	case http.StatusPartialContent:
		if !strings.HasPrefix(answer.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)) {
			return nil, 0, errors.Join(errors.New("the server of the file sends another part than it was asked for"), p.forget())
		}
		f, err := os.OpenFile(p.path, os.O_WRONLY|os.O_APPEND, 0o600)
		return f, have, err
	case http.StatusOK:
		f, err := os.OpenFile(p.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err == nil {
			err = p.note(answer.Header.Get("ETag"))
		}
		return f, 0, err
	case http.StatusRequestedRangeNotSatisfiable:
		return nil, 0, errors.Join(errors.New("the server of the file has less of it than before"), p.forget())
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return nil, 0, &refused{answer.StatusCode}
	}
	return nil, 0, fmt.Errorf("the server of the file answers %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
}

// note keeps a strong ETag: only by that can the rest be asked for (RFC 9110, section 13.1.5).
func (p partial) note(tag string) error {
	if !strings.HasPrefix(tag, `"`) {
		tag = ""
	}
	if tag == "" {
		return ignoreMissing(os.Remove(p.tag))
	}
	return os.WriteFile(p.tag, []byte(tag), 0o600)
}

// forget begins anew.
func (p partial) forget() error {
	return errors.Join(ignoreMissing(os.Remove(p.path)), ignoreMissing(os.Remove(p.tag)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
