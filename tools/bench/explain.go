package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// statement is one execution as auto_explain logs it.
type statement struct {
	Text string `json:"Query Text"`
	Plan struct {
		Hit  float64 `json:"Shared Hit Blocks"`
		Read float64 `json:"Shared Read Blocks"`
	}
}

// explained sends the requests one by one while PostgreSQL logs the plans it really ran, and returns them.
func (b *bench) explained(ctx context.Context, addr string, requests [][]byte) ([]statement, error) {
	for _, change := range []string{"ALTER SYSTEM SET auto_explain.log_min_duration = 0", "SELECT pg_reload_conf()"} {
		if _, err := b.cluster.Query(ctx, b.cluster.URL, change); err != nil {
			return nil, err
		}
	}
	// A connection reads new settings before its next statement, and so logs from the first request on at
	// the latest after one round over the pool.
	if _, err := latencies(ctx, addr, requests[:min(16, len(requests))]); err != nil {
		return nil, err
	}
	before, err := os.Stat(b.cluster.LogPath)
	if err != nil {
		return nil, err
	}
	if _, err := latencies(ctx, addr, requests[min(16, len(requests)):]); err != nil {
		return nil, err
	}
	log, err := os.ReadFile(b.cluster.LogPath)
	if err != nil {
		return nil, err
	}
	for _, change := range []string{"ALTER SYSTEM RESET auto_explain.log_min_duration", "SELECT pg_reload_conf()"} {
		if _, err := b.cluster.Query(ctx, b.cluster.URL, change); err != nil {
			return nil, err
		}
	}
	return statements(log[before.Size():])
}

// statements finds the plans in a server log.
func statements(log []byte) ([]statement, error) {
	var found []statement
	marker := []byte("plan:\n")
	for {
		at := bytes.Index(log, marker)
		if at < 0 {
			return found, nil
		}
		log = log[at+len(marker):]
		var s statement
		decoder := json.NewDecoder(bytes.NewReader(log))
		if err := decoder.Decode(&s); err != nil {
			return nil, fmt.Errorf("plan in the server's log: %w", err)
		}
		log = log[decoder.InputOffset():]
		found = append(found, s)
	}
}

// medianBlocks is the median of the blocks that statements reading a table touched.
func medianBlocks(seen []statement, table string) float64 {
	var blocks []float64
	for _, s := range seen {
		if strings.Contains(s.Text, " FROM "+table+" ") || strings.Contains(s.Text, "\nFROM "+table+" ") {
			blocks = append(blocks, s.Plan.Hit+s.Plan.Read)
		}
	}
	if len(blocks) == 0 {
		return 0
	}
	return median(blocks)
}

// admission is the table that only the admission of a call touches.
const admission = "api_key_usage"

// countQueries records how many statements GET /students of 25 runs after its admission.
func (b *bench) countQueries(ctx context.Context, addr string) error {
	db, err := b.mainDatabase(ctx, postgres)
	if err != nil {
		return err
	}
	tokens, err := b.tokens(ctx, db, 1)
	if err != nil {
		return err
	}
	const calls = 40
	for run := range runs {
		requests := make([][]byte, calls)
		for i := range requests {
			query := spelled(fmt.Sprintf("limit=%d", pageSize), run*calls+i+1)
			requests[i] = request(studentsPath+"?"+query, tokens[0], nil)
		}
		seen, err := b.explained(ctx, addr, requests)
		if err != nil {
			return err
		}
		admissions := len(slices.DeleteFunc(slices.Clone(seen), func(s statement) bool { return !strings.Contains(s.Text, admission) }))
		if admissions == 0 {
			return fmt.Errorf("auto_explain saw no statement on %s", admission)
		}
		b.results.add("growth", "queries", postgres, float64(len(seen)-admissions)/float64(admissions))
	}
	return nil
}
