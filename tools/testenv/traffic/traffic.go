// Package traffic writes down the calls that tests make and what was answered, as HAR 1.2 files that tools of others
// read. The tests of several packages record; testenv drift judges what all of them have seen.
package traffic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Folder is the environment variable that names where files are written. Without it nothing is.
const Folder = "TBC_TEST_TRAFFIC"

// basePath is where the contract's paths begin. What lies beside it is no matter of the contract.
const basePath = "/api/v1"

// A Recorder appends exchanges to one HAR file, which is whole after each of them, so that nobody has to close it:
// also where the tests fail, run into their time limit or are killed. It may be used concurrently.
type Recorder struct {
	mu   sync.Mutex
	file *os.File
	end  int64 // where the next entry goes: over the brackets that close the file
}

// ours is the recorder of this process, nil where nothing is to be recorded. It is made by the first call, so that
// a package whose tests make none leaves no file.
var ours = sync.OnceValues(func() (*Recorder, error) {
	folder := os.Getenv(Folder)
	if folder == "" {
		return nil, nil
	}
	program := strings.TrimSuffix(filepath.Base(os.Args[0]), ".test")
	return New(folder, program)
})

// Record writes down an exchange under /api/v1, if the environment asks for it. The request may have been sent: its
// body is read again through GetBody.
func Record(r *http.Request, status int, header http.Header, body []byte) error {
	recorder, err := ours()
	if err != nil || recorder == nil {
		return err
	}
	return recorder.Record(r, status, header, body)
}

// head and tail stand around the entries. The version of the creator says nothing, but HAR wants one.
const (
	head = `{"log": {"version": "1.2", "creator": {"name": "tbc-tests", "version": "1"}, "entries": [`
	tail = "\n]}}\n"
)

// New makes a file of its own for the process, in a folder that must exist.
func New(folder, program string) (*Recorder, error) {
	file, err := os.CreateTemp(folder, program+"-*.har")
	if err != nil {
		return nil, fmt.Errorf("record traffic: %w", err)
	}
	if _, err := file.WriteString(head + tail); err != nil {
		return nil, errors.Join(fmt.Errorf("record traffic: %w", err), file.Close())
	}
	return &Recorder{file: file, end: int64(len(head))}, nil
}

// Record appends an exchange.
func (r *Recorder) Record(request *http.Request, status int, header http.Header, body []byte) error {
	if path := request.URL.Path; path != basePath && !strings.HasPrefix(path, basePath+"/") {
		return nil
	}
	refused := status >= 400 && status < 500
	sent, err := bodyOf(request, refused)
	if err != nil {
		return fmt.Errorf("record %s %s: %w", request.Method, request.URL.Path, err)
	}
	text, err := json.Marshal(entryOf(request, sent, status, header, body))
	if err != nil {
		return fmt.Errorf("record %s %s: %w", request.Method, request.URL.Path, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	separator := ",\n"
	if r.end == int64(len(head)) {
		separator = "\n"
	}
	// One write covers the brackets and writes them anew.
	if _, err := r.file.WriteAt([]byte(separator+string(text)+tail), r.end); err != nil {
		return fmt.Errorf("record traffic: %w", err)
	}
	r.end += int64(len(separator) + len(text))
	return nil
}

// Close closes the file. What a process has recorded is whole without it.
func (r *Recorder) Close() error { return r.file.Close() }

// bodyOf reads the body of a request once more, unless it is not written down anyway.
func bodyOf(request *http.Request, refused bool) ([]byte, error) {
	if refused || request.Body == nil || request.Body == http.NoBody {
		return nil, nil
	}
	if request.GetBody == nil {
		return nil, errors.New("its body cannot be read again")
	}
	again, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	var read bytes.Buffer
	_, err = read.ReadFrom(again)
	return read.Bytes(), errors.Join(err, again.Close())
}
