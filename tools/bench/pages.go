package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

const (
	coursesPath  = "/api/v1/courses"
	studentsPath = "/api/v1/students"
)

// page is what a walk reads of a list.
type page struct {
	Data []struct {
		ID        string
		UpdatedAt time.Time
	}
	Pagination struct{ NextCursor *string }
}

// list reads one page.
func list(ctx context.Context, addr, token, path, query string) (page, error) {
	body, err := fetch(ctx, addr, path+"?"+query, token)
	if err != nil {
		return page{}, err
	}
	var p page
	if err := json.Unmarshal(body, &p); err != nil {
		return page{}, fmt.Errorf("GET %s: %w", path, err)
	}
	return p, nil
}

// fullPages walks a list and returns the queries of its full pages after the first, a hundred at most. Page 1
// is left out, since its query has too few letters to be spelled anew.
func fullPages(ctx context.Context, addr, token, path string) ([]string, error) {
	const most = 100
	var queries []string
	first := fmt.Sprintf("limit=%d", pageSize)
	for query := first; len(queries) < most; {
		p, err := list(ctx, addr, token, path, query)
		if err != nil {
			return nil, err
		}
		if query != first && len(p.Data) == pageSize {
			queries = append(queries, query)
		}
		if p.Pagination.NextCursor == nil {
			break
		}
		query = first + "&cursor=" + *p.Pagination.NextCursor
	}
	if len(queries) == 0 {
		return nil, fmt.Errorf("GET %s has no second page of %d rows", path, pageSize)
	}
	return queries, nil
}

// fresh yields requests for the given pages that no cache has seen: in every round over them another
// spelling of the same queries.
func fresh(path, token string, queries []string) requester {
	head := []byte("GET " + path + "?")
	tail := []byte(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n\r\n")
	raw := make([][]byte, len(queries))
	for i, q := range queries {
		raw[i] = []byte(q)
	}
	var buffer []byte
	return func(n int) []byte {
		buffer = append(buffer[:0], head...)
		buffer = respell(raw[n%len(raw)], n/len(raw)+1, buffer)
		buffer = append(buffer, tail...)
		return buffer
	}
}

// spelled is one query in its n-th spelling.
func spelled(query string, n int) string { return string(respell([]byte(query), n, nil)) }
