package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// growthPages is how many requests of each kind one run makes at each size, each on a random workspace's key.
const growthPages = 100

// growthKeys is how many of the 100 workspaces are asked.
const growthKeys = 20

// sized is the list of courses at one size, ready to be asked.
type sized struct {
	rows   int
	server *process
	// requests yields the n-th request of a kind of page: first, deep or since. All are new to every cache.
	requests map[string]func(n int) []byte
}

// growth compares pages of small and large lists that are spread over 100 workspaces.
func (b *bench) growth(ctx context.Context, kind string) (err error) {
	var sizes []sized
	defer func() {
		for _, s := range sizes {
			err = errors.Join(err, s.server.stop())
		}
	}()
	for _, rows := range []int{10_000, 100_000, 1_000_000} {
		s, err := b.sized(ctx, kind, rows)
		if err != nil {
			return err
		}
		sizes = append(sizes, s)
	}
	small, middle, large := sizes[0], sizes[1], sizes[2]
	used := 0
	for run := range runs {
		pairs := map[string][2]sized{"first": {small, large}, "deep": {middle, large}, "since": {middle, large}}
		for _, page := range []string{"first", "deep", "since"} {
			if err := b.compare(ctx, kind, page, used, pairs[page]); err != nil {
				return fmt.Errorf("run %d, %s page: %w", run+1, page, err)
			}
		}
		used += 2 * growthPages
	}
	if kind == postgres {
		return b.countQueries(ctx, middle.server.addr)
	}
	return nil
}

// compare records how much more the larger list's page costs: time, and on PostgreSQL blocks touched.
func (b *bench) compare(ctx context.Context, kind, page string, used int, pair [2]sized) error {
	var times [2]time.Duration
	var blocks [2]float64
	for i, s := range pair {
		took, err := latencies(ctx, s.server.addr, s.batch(page, used))
		if err != nil {
			return err
		}
		slices.Sort(took)
		times[i] = took[len(took)/2]
	}
	b.progress("growth %s: %-5s page %v at %d rows, %v at %d", kind, page, times[0], pair[0].rows, times[1], pair[1].rows)
	b.results.add("growth", page+" page time", kind, times[1].Seconds()/times[0].Seconds())
	if kind != postgres {
		return nil
	}
	for i, s := range pair {
		seen, err := b.explained(ctx, s.server.addr, s.batch(page, used+growthPages))
		if err != nil {
			return err
		}
		blocks[i] = medianBlocks(seen, "courses")
	}
	if blocks[0] == 0 {
		return errors.New("auto_explain saw no statement on courses")
	}
	b.progress("growth %s: %-5s page %.0f blocks at %d rows, %.0f at %d", kind, page, blocks[0], pair[0].rows, blocks[1], pair[1].rows)
	b.results.add("growth", page+" page blocks", kind, blocks[1]/blocks[0])
	return nil
}

// batch is one run's requests for a page, from the used-th spelling on.
func (s sized) batch(page string, used int) [][]byte {
	requests := make([][]byte, growthPages)
	for i := range requests {
		requests[i] = s.requests[page](used + i)
	}
	return requests
}

// sized fills a database of that many courses, starts a server on it and finds the pages to ask for.
func (b *bench) sized(ctx context.Context, kind string, rows int) (s sized, err error) {
	var db database
	if rows == mainPlan.courses {
		db, err = b.mainDatabase(ctx, kind)
	} else {
		db, err = b.filled(ctx, kind, fmt.Sprintf("grown%d", rows), plan{workspaces: mainPlan.workspaces, courses: rows})
	}
	if err != nil {
		return s, err
	}
	tokens, err := b.tokens(ctx, db, growthKeys)
	if err != nil {
		return s, err
	}
	s.rows = rows
	if s.server, _, err = b.serve(ctx, db); err != nil {
		return s, err
	}
	var first, deep, since []string
	for range tokens {
		first = append(first, fmt.Sprintf("limit=%d", pageSize))
	}
	s.requests = map[string]func(int) []byte{"first": spread(tokens, first)}
	if rows < mainPlan.courses { // too few rows a workspace for full pages far down
		return s, nil
	}
	for _, token := range tokens {
		deepQuery, sinceQuery, err := farQueries(ctx, s.server.addr, token)
		if err != nil {
			return s, errors.Join(err, s.server.stop())
		}
		deep, since = append(deep, deepQuery), append(since, sinceQuery)
	}
	s.requests["deep"], s.requests["since"] = spread(tokens, deep), spread(tokens, since)
	return s, nil
}

// farQueries walks a workspace's courses to their end and returns the query of a full page 90 % down, and
// that of a full page of the newest changes.
func farQueries(ctx context.Context, addr, token string) (deep, since string, err error) {
	var cursors []string
	var changes []time.Time
	query := "limit=100"
	for {
		p, err := list(ctx, addr, token, coursesPath, query)
		if err != nil {
			return "", "", err
		}
		for _, row := range p.Data {
			changes = append(changes, row.UpdatedAt)
		}
		if p.Pagination.NextCursor == nil {
			break
		}
		cursors = append(cursors, *p.Pagination.NextCursor)
		query = "limit=100&cursor=" + *p.Pagination.NextCursor
	}
	if len(cursors) < 5 {
		return "", "", fmt.Errorf("a workspace has only %d courses", len(changes))
	}
	slices.SortFunc(changes, func(a, b time.Time) int { return b.Compare(a) })
	deep = fmt.Sprintf("limit=%d&cursor=%s", pageSize, cursors[len(cursors)*9/10-1])
	since = fmt.Sprintf("limit=%d&updatedSince=%s", pageSize, changes[len(changes)/20].UTC().Format(time.RFC3339Nano))
	return deep, since, nil
}

// spread asks one workspace after the other for its page, each time in another spelling.
func spread(tokens, queries []string) func(n int) []byte {
	return func(n int) []byte {
		i := n % len(tokens)
		return request(coursesPath+"?"+spelled(queries[i], n/len(tokens)+1), tokens[i], nil)
	}
}
