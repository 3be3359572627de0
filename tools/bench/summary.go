package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// lastYear is the path of a summary over the 365 days that end today, as the key's workspace counts days: the
// load profile makes each of them busy.
func lastYear(ctx context.Context, addr, token string) (string, error) {
	body, err := fetch(ctx, addr, "/api/v1/me", token)
	if err != nil {
		return "", err
	}
	var me struct {
		Data struct{ Workspace struct{ TimeZone string } }
	}
	if err := json.Unmarshal(body, &me); err != nil {
		return "", fmt.Errorf("GET /api/v1/me: %w", err)
	}
	zone, err := time.LoadLocation(me.Data.Workspace.TimeZone)
	if err != nil {
		return "", err
	}
	today := time.Now().In(zone)
	return fmt.Sprintf("/api/v1/analytics/summary?from=%s&to=%s",
		today.AddDate(0, 0, -364).Format(time.DateOnly), today.Format(time.DateOnly)), nil
}

// summary is what the benchmark checks of an analytics summary before it times it.
type summary struct {
	Data struct {
		Revenue struct {
			OrderCount int
			Daily      []struct{ OrderCount int }
		}
	}
}

// tellApart returns the keys of the workspaces with few and with many orders, once it has seen that both
// have orders on every day, since an empty day would make the comparison easier than promised.
func (b *bench) tellApart(ctx context.Context, addr, path string, tokens []string) (few, many string, err error) {
	var counts [2]int
	for i, token := range tokens {
		body, err := fetch(ctx, addr, path, token)
		if err != nil {
			return "", "", err
		}
		var s summary
		if err := json.Unmarshal(body, &s); err != nil {
			return "", "", fmt.Errorf("GET %s: %w", path, err)
		}
		busy := 0
		for _, day := range s.Data.Revenue.Daily {
			if day.OrderCount > 0 {
				busy++
			}
		}
		if busy < 365 {
			return "", "", fmt.Errorf("only %d of 365 days have orders", busy)
		}
		counts[i] = s.Data.Revenue.OrderCount
	}
	if counts[0] > counts[1] {
		tokens[0], tokens[1], counts[0], counts[1] = tokens[1], tokens[0], counts[1], counts[0]
	}
	if counts[1] < 100*counts[0] {
		return "", "", fmt.Errorf("the workspaces have %d and %d orders, too close to compare", counts[0], counts[1])
	}
	return tokens[0], tokens[1], nil
}
