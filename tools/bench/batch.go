package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// batchCalls is how many batches of each size one run counts; explained sends 16 before.
const batchCalls = 5

// batchStatements records how many statements a batch enrol runs after its admission, from PostgreSQL's log. The
// server only answers calls, so that no statement of the deliveries or the jobs is counted.
func (b *bench) batchStatements(ctx context.Context, db database, token string) (err error) {
	server, _, err := b.serve(ctx, db, "TBC_ROLES=api")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	course, err := firstID(ctx, server.addr, token, coursesPath)
	if err != nil {
		return err
	}
	student, err := firstID(ctx, server.addr, token, studentsPath)
	if err != nil {
		return err
	}
	made := 0
	for range runs {
		var counts [2]float64
		for i, size := range []int{10, 100} {
			requests := make([][]byte, 16+batchCalls)
			for n := range requests {
				made++
				requests[n] = post("/api/v1/enrollments/batch", token, batch(made, size, course, student))
			}
			if counts[i], err = b.perCall(ctx, server.addr, requests); err != nil {
				return err
			}
		}
		b.progress("events %s: %g statements for a batch of 10, %g of 100", postgres, counts[0], counts[1])
		b.results.add("events", "batch", postgres, counts[1])
		b.results.add("events", "batch growth", postgres, counts[1]/counts[0])
	}
	return server.alive()
}

// perCall is how many statements beside its admission a call ran: the median of the calls, since now and then a
// statement of the server's own housekeeping falls between two of them.
func (b *bench) perCall(ctx context.Context, addr string, requests [][]byte) (float64, error) {
	seen, err := b.explained(ctx, addr, requests)
	if err != nil {
		return 0, err
	}
	var calls []float64 // statements since each admission
	for _, s := range seen {
		if strings.Contains(s.Text, admission) {
			calls = append(calls, 0)
		} else if len(calls) > 0 {
			calls[len(calls)-1]++
		}
	}
	if len(calls) < batchCalls {
		return 0, fmt.Errorf("auto_explain saw %d statements on %s, want %d", len(calls), admission, batchCalls)
	}
	return median(calls), nil
}

// batch is the n-th body of a batch enrol, with every size the same kinds of outcome in the same shares: students
// who are created, one of them named again, one who is enrolled already, and a course that does not exist.
func batch(n, size int, course, student string) string {
	items := make([]string, size)
	for i := range items {
		fresh := fmt.Sprintf(`{"email":"batch%d-%d@example.com","displayName":"Batch %d","courseId":%q}`, n, i, i, course)
		switch i % 5 {
		case 2:
			items[i] = items[i-1]
		case 3:
			items[i] = fmt.Sprintf(`{"studentId":%q,"courseId":%q}`, student, course)
		case 4:
			items[i] = strings.Replace(fresh, course, course[:len(course)-26]+strings.Repeat("0", 26), 1)
		default:
			items[i] = fresh
		}
	}
	return `{"items":[` + strings.Join(items, ",") + `]}`
}
