package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thebigclass/api/gen/client"
)

const (
	testKey   = "tbc_0123456789abcdefghijklmnopqrstuvwxyz"
	workspace = "org_01HXW2K8M0N2P4Q6R8S0T2V4W6"
)

var everything = strings.Fields("read:analytics read:certificates read:courses read:enrollments read:events read:live_sessions read:orders read:students write:courses")

// object is a row of the misbehaving service.
type object struct {
	ID        string          `json:"id"`
	Value     int             `json:"value"`
	Status    string          `json:"status,omitempty"`
	UpdatedAt time.Time       `json:"updatedAt,omitzero"`
	Type      string          `json:"type,omitempty"`
	CreatedAt time.Time       `json:"created_at,omitzero"`
	Data      *map[string]any `json:"data,omitempty"`
}

func (o object) at() time.Time {
	if o.UpdatedAt.IsZero() {
		return o.CreatedAt
	}
	return o.UpdatedAt
}

// misbehaving is a service with lists and quotas that does wrong when told to.
// Its clock, which is the program's too, goes on by what is slept, and with calls.
type misbehaving struct {
	*testing.T
	url string

	mu             sync.Mutex
	now            time.Time
	lists          map[string][]object
	scopes         []string
	minute, day    int // limits
	usedM, usedD   int
	minuteOf       time.Time
	calls, tooMany int

	// wrong may answer a call in the service's place, and change what it holds.
	wrong func(call int, w http.ResponseWriter, r *http.Request) (answered bool)
}

func misbehave(t *testing.T) *misbehaving {
	m := &misbehaving{
		T: t, now: time.Date(2026, 5, 19, 12, 0, 30, 0, time.UTC), lists: map[string][]object{}, scopes: everything,
		minute: 1_000_000, day: 100_000_000, wrong: func(int, http.ResponseWriter, *http.Request) bool { return false },
	}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

func (m *misbehaving) clock() clock {
	return clock{
		now: func() time.Time {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.now
		},
		sleep: func(ctx context.Context, d time.Duration) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.now = m.now.Add(d)
			return ctx.Err()
		},
	}
}

// fill makes rows of a list that are a second apart and long unchanged.
func (m *misbehaving) fill(resource string, count int) {
	for i := range count {
		m.lists[resource] = append(m.lists[resource], object{
			ID: fmt.Sprintf("%s_%06d", resource[:3], i), Value: i, UpdatedAt: m.now.Add(-240 * time.Hour).Add(time.Duration(i) * time.Second),
			Status: map[string]string{coursesName: "published"}[resource],
		})
	}
}

// change gives a row another value now, or adds it. The caller holds the lock.
func (m *misbehaving) change(resource, id string, value int) {
	m.drop(resource, id)
	m.now = m.now.Add(time.Microsecond)
	m.lists[resource] = append(m.lists[resource], object{ID: id, Value: value, UpdatedAt: m.now})
}

func (m *misbehaving) drop(resource, id string) {
	m.lists[resource] = slices.DeleteFunc(slices.Clone(m.lists[resource]), func(o object) bool { return o.ID == id })
}

// happen adds an event to the feed.
func (m *misbehaving) happen(eventType, id string) {
	m.lists[eventsName] = append(m.lists[eventsName], object{
		ID: fmt.Sprintf("evt_%06d", len(m.lists[eventsName])), Type: eventType, CreatedAt: m.now, Data: &map[string]any{"id": id},
	})
}

// ServeHTTP implements http.Handler.
func (m *misbehaving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	m.now = m.now.Add(10 * time.Millisecond)
	w.Header().Set("Date", m.now.UTC().Format(http.TimeFormat))
	w.Header().Set("X-Request-Id", "req-of-the-test")
	if r.Header.Get("Authorization") != "Bearer "+testKey {
		m.refuse(w, http.StatusUnauthorized, "unauthorized")
		return
	}
	if !m.admit(w) || m.wrong(m.calls, w, r) {
		return
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/")
	switch {
	case path[0] == "me":
		m.answer(w, map[string]any{"data": client.Me{
			Key:       client.MeKey{ID: "key_01HXW2K8M0N2P4Q6R8S0T2V4W6", Name: "Export", Scopes: m.scopes},
			Workspace: client.MeWorkspace{ID: workspace, Name: "School", TimeZone: "Asia/Kolkata", Currency: "INR"},
		}})
	case path[0] == "analytics":
		m.answer(w, map[string]any{"data": client.AnalyticsSummary{Students: client.AnalyticsStudents{New: len(m.lists[studentsName])}}})
	case len(path) == 2:
		m.answer(w, map[string]any{"data": m.lists[path[0]][slices.IndexFunc(m.lists[path[0]], func(o object) bool { return o.ID == path[1] })]})
	default:
		m.list(w, r, strings.ReplaceAll(path[0], "-", "_"))
	}
}

// list is a page from the oldest change on. A cursor is the place after the last row.
func (m *misbehaving) list(w http.ResponseWriter, r *http.Request, resource string) {
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > pageSize || resource != eventsName && query.Get("updatedSince") == "" {
		m.refuse(w, http.StatusUnprocessableEntity, "invalid_request")
		return
	}
	order := func(o object) string { return o.at().UTC().Format("2006-01-02T15:04:05.000000") + o.ID }
	since, _ := time.Parse(time.RFC3339Nano, cmp.Or(query.Get("updatedSince"), query.Get("since"), "1970-01-01T00:00:00Z"))
	rows := m.lists[resource] // in order: see fill and change
	first := sort.Search(len(rows), func(i int) bool { return !rows[i].at().Before(since) && order(rows[i]) > query.Get("cursor") })
	page := []object{}
	var next *string
	for _, o := range rows[first:] {
		if query.Get("status") != "" && o.Status != query.Get("status") {
			continue
		}
		if len(page) == limit {
			last := order(page[limit-1])
			next = &last
			break
		}
		page = append(page, o)
	}
	m.answer(w, map[string]any{"data": page, "pagination": client.Pagination{NextCursor: next, HasMore: next != nil, Limit: limit}})
}

// admit counts the call, or refuses it.
func (m *misbehaving) admit(w http.ResponseWriter) bool {
	if minute := m.now.Truncate(time.Minute); minute != m.minuteOf {
		if !minute.Truncate(24 * time.Hour).Equal(m.minuteOf.Truncate(24 * time.Hour)) {
			m.usedD = 0
		}
		m.usedM, m.minuteOf = 0, minute
	}
	passes := m.usedM < m.minute && m.usedD < m.day
	if passes {
		m.usedM, m.usedD = m.usedM+1, m.usedD+1
	}
	reset := m.minuteOf.Add(time.Minute)
	midnight := m.now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	for name, value := range map[string]int64{
		"Limit": int64(m.minute), "Remaining": int64(m.minute - m.usedM), "Reset": reset.Unix(),
		"Daily-Limit": int64(m.day), "Daily-Remaining": int64(m.day - m.usedD), "Daily-Reset": midnight.Unix(),
	} {
		w.Header().Set("X-RateLimit-"+name, strconv.FormatInt(value, 10))
	}
	if !passes {
		m.tooMany++
		binds := reset
		if m.usedD >= m.day {
			binds = midnight
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(binds.Sub(m.now).Seconds())+1))
		m.refuse(w, http.StatusTooManyRequests, "rate_limited")
	}
	return passes
}

func (m *misbehaving) answer(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		m.Error(err)
	}
}

func (m *misbehaving) refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%q,"message":"No.","requestId":"req-of-the-test"}}`, code)
}
