package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// callLimit is longer than the server takes to give up whatever it waits for.
const callLimit = 40 * time.Second

// client calls the API with the run's key.
type client struct {
	http  *http.Client
	token string
}

func newClient(token string) *client {
	return &client{token: token, http: &http.Client{
		Timeout: callLimit, Transport: &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: true},
	}}
}

// do makes one call and returns its status and body. A status of 0 goes with an error: no whole answer came.
func (c *client) do(ctx context.Context, addr string, op *operation) (status int, body []byte, err error) {
	var sent io.Reader
	if op.Body != nil {
		text, err := json.Marshal(op.Body)
		if err != nil {
			return 0, nil, err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, op.Method, "http://"+addr+"/api/v1"+op.Path, sent)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if op.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if op.Key != "" {
		request.Header.Set("Idempotency-Key", op.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		return 0, nil, err
	}
	return response.StatusCode, body, nil
}

// get reads one object into to; it is an error unless it answers 200.
func (c *client) get(ctx context.Context, addr, path string, to any) error {
	status, body, err := c.do(ctx, addr, &operation{Method: http.MethodGet, Path: path})
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("GET %s answered %d: %s", path, status, body)
	}
	return json.Unmarshal(body, to)
}

// page is one page of any list.
type page[T any] struct {
	Data       []T
	Pagination struct {
		NextCursor *string
		HasMore    bool
	}
}

// list walks a list to its end.
func list[T any](ctx context.Context, c *client, addr, path string, query url.Values) ([]T, error) {
	var all []T
	values := url.Values{"limit": {"100"}}
	for name, value := range query {
		values[name] = value
	}
	for {
		var p page[T]
		if err := c.get(ctx, addr, path+"?"+values.Encode(), &p); err != nil {
			return nil, err
		}
		all = append(all, p.Data...)
		if p.Pagination.NextCursor == nil || !p.Pagination.HasMore {
			return all, nil
		}
		values.Set("cursor", *p.Pagination.NextCursor)
	}
}
