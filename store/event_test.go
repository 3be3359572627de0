package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// body emits one event and returns what is stored.
func (h *hooks) body(e store.Event) (raw []byte, data map[string]any, envelope map[string]any) {
	h.t.Helper()
	h.tx(func(tx *store.Tx) error { return tx.Emit(h.t.Context(), e) })
	page, err := h.workspace.Events(h.t.Context(), store.EventQuery{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	raw = page.Items[len(page.Items)-1].Body
	if err := json.Unmarshal(raw, &envelope); err != nil {
		h.t.Fatal(err)
	}
	data, _ = envelope["data"].(map[string]any)
	return raw, data, envelope
}

func TestEmit_EnvelopeIsAsPublished(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		raw, _, envelope := h.body(store.Event{
			Type: "student.updated", Data: map[string]any{"id": "stu_1", "n": int64(1) << 60, "name": "<Zoë & \xff>"},
			Previous: map[string]any{"tags": []string{}},
		})
		want := fmt.Sprintf(`{"id":%q,"type":"student.updated","created_at":%q,"workspace_id":%q,`+
			`"data":{"id":"stu_1","n":1152921504606846976,"name":"<Zoë & \ufffd>"},"previous_attributes":{"tags":[]}}`,
			envelope["id"], envelope["created_at"], h.workspace.ID())
		if string(raw) != want {
			t.Errorf("body\n%s\nwant\n%s", raw, want)
		}
		if text, _ := envelope["created_at"].(string); !strings.HasSuffix(text, "Z") {
			t.Errorf("created_at %q is not in UTC", text)
		}
	})
}

func texts(n int, text string) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = map[string]any{"note": text, "createdAt": storetest.Start.Add(-time.Duration(i) * time.Hour), "place": i}
	}
	return list
}

// Whatever makes a body too long, it is cut to fit, stays valid UTF-8, says that it was cut, and loses no more than
// it must.
func TestEmit_BodyIsNeverOver64KiB(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat("😀", 10000) // four bytes each
	metadata := map[string]any{}
	for i := range 50 {
		metadata[fmt.Sprintf("%d%s", i, strings.Repeat("k", 38))] = strings.Repeat("😀", 500)
	}
	for name, c := range map[string]struct {
		event store.Event
		check func(data, envelope map[string]any) bool
	}{
		"lists": {
			store.Event{Data: map[string]any{"id": "x", "enrollments": texts(500, strings.Repeat("n", 200)), "metadata": map[string]any{"a": "b"}},
				Previous: map[string]any{"tags": 1}},
			func(data, envelope map[string]any) bool {
				list := data["enrollments"].([]any)
				return len(list) == 10 && list[0].(map[string]any)["place"] == 0.0 && envelope["previous_attributes"] != nil &&
					len(data["metadata"].(map[string]any)) == 1
			},
		},
		"nested lists, oldest first": {
			store.Event{Data: map[string]any{"id": "x", "outer": []any{map[string]any{"tags": strings.Split(strings.Repeat("t,", 40000), ",")}}}},
			func(data, _ map[string]any) bool {
				tags := data["outer"].([]any)[0].(map[string]any)["tags"].([]any)
				return len(tags) == 10 && tags[9] == "" // the last one given
			},
		},
		"previous attributes": {
			store.Event{Data: map[string]any{"id": "x", "note": "kept", "metadata": map[string]any{"a": "b"}}, Previous: map[string]any{"metadata": metadata}},
			func(data, envelope map[string]any) bool {
				return envelope["previous_attributes"] == nil && len(data["metadata"].(map[string]any)) == 1
			},
		},
		"metadata": {
			store.Event{Data: map[string]any{"id": "x", "description": strings.Repeat("d", 300), "metadata": metadata}},
			func(data, _ map[string]any) bool {
				return len(data["metadata"].(map[string]any)) == 0 && len(data["description"].(string)) == 300
			},
		},
		"texts of four-byte characters": {
			store.Event{Data: map[string]any{"id": "x", "description": wide, "title": wide, "n": json.Number("9007199254740993")}},
			func(data, _ map[string]any) bool {
				return utf8.RuneCountInString(data["description"].(string)) == 200 && strings.Trim(data["title"].(string), "😀") == ""
			},
		},
		"everything": {
			store.Event{Data: map[string]any{"id": "x", "a": texts(2000, wide), "metadata": metadata, "d": wide}, Previous: map[string]any{"d": wide}},
			func(data, _ map[string]any) bool { return len(data["a"].([]any)) == 10 },
		},
		"more than any rule can cut": {
			store.Event{Data: func() map[string]any {
				data := map[string]any{"id": "x"}
				for i := range 3000 {
					data[fmt.Sprint("member", i)] = strings.Repeat("v", 100)
				}
				return data
			}()},
			func(data, _ map[string]any) bool { return len(data) == 2 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHooks(t, storetest.SQLite(t))
			c.event.Type = "student.updated"
			raw, data, envelope := h.body(c.event)
			if len(raw) > store.MaxEventBytes || !utf8.Valid(raw) || bytes.ContainsRune(raw, utf8.RuneError) {
				t.Errorf("%d bytes, valid %v", len(raw), utf8.Valid(raw))
			}
			if data["truncated"] != true || data["id"] != "x" || !c.check(data, envelope) {
				t.Errorf("cut wrongly: %.300s", raw)
			}
		})
	}
}

// A body of exactly the limit is left alone.
func TestEmit_BodyOfExactly64KiBIsWhole(t *testing.T) {
	t.Parallel()
	h := newHooks(t, storetest.SQLite(t))
	raw, _, _ := h.body(store.Event{Type: "a.b", Data: map[string]any{"id": "x", "note": ""}})
	fill := store.MaxEventBytes - len(raw)
	for extra, cut := range map[int]bool{0: false, 1: true} {
		raw, data, _ := h.body(store.Event{Type: "a.b", Data: map[string]any{"id": "x", "note": strings.Repeat("n", fill+extra)}})
		if (data["truncated"] == true) != cut || (!cut && len(raw) != store.MaxEventBytes) {
			t.Errorf("%d over the limit: %d bytes, truncated %v", extra, len(raw), data["truncated"])
		}
	}
}

// The feed is in the order of commits, and a walk neither skips nor repeats.
func TestEvents_WalkInCommitOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		other := db.NewWorkspace(t)
		for i := range 7 {
			h.emit([]string{"student.created", "order.paid"}[i%2])
			h.Clock.Advance(time.Hour)
		}
		storetest.Tx(t, other, func(tx *store.Tx) error { return tx.Emit(t.Context(), event("student.created")) })
		walk := func(q store.EventQuery) string {
			var seen []string
			for {
				page, err := h.workspace.Events(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Items {
					seen = append(seen, fmt.Sprint(e.Seq))
				}
				if page.NextCursor == nil {
					return strings.Join(seen, " ")
				}
				q.Cursor = *page.NextCursor
			}
		}
		since, future := storetest.Start.Add(2*time.Hour), storetest.Start.Add(100*time.Hour)
		for want, q := range map[string]store.EventQuery{
			"1 2 3 4 5 6 7": {Limit: 2}, "2 4 6": {Limit: 2, Type: "order.paid"}, "3 4 5 6 7": {Limit: 3, Since: &since},
			"3 5 7": {Limit: 1, Type: "student.created", Since: &since}, "": {Since: &future},
		} {
			if got := walk(q); got != want {
				t.Errorf("walk %+v: %q, want %q", q, got, want)
			}
		}
	})
}

// Nothing personal about an erased student is left in events, attempts, pending deliveries or mails.
func TestEraseSubject_LeavesNothingPersonal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint()
		h.emit("student.created", "stu_1")
		h.Clock.Advance(time.Second)
		h.emit("student.created", "stu_2")
		order := store.Event{Type: "order.paid", Subjects: []string{"stu_1"}, Data: map[string]any{
			"id": "ord_1", "grossAmount": 500, "customer": map[string]any{"studentId": "stu_1", "email": "a@example.com", "name": "Ann"},
		}}
		h.tx(func(tx *store.Tx) error { return tx.Emit(t.Context(), order) })
		first := h.claim(1)[0]
		status, body := 200, "thanks a@example.com"
		done := store.Outcome{Claim: first, Succeeded: true, Attempt: store.Attempt{At: h.Clock.Now(), StatusCode: &status, ResponseBody: &body}}
		if _, err := h.CompleteDeliveries(t.Context(), []store.Outcome{done}); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Second)
		var studentID = "stu_1"
		h.tx(func(tx *store.Tx) error {
			return tx.Mail(t.Context(), store.NewEmail{Kind: "invite", Recipients: []string{"a@example.com"}, StudentID: &studentID})
		})
		h.tx(func(tx *store.Tx) error {
			gone := store.Event{Type: "student.deleted", Subjects: []string{"stu_1"}, Data: map[string]any{"id": "stu_1", "deletedAt": tx.Now()}}
			if err := tx.Emit(t.Context(), gone); err != nil {
				return err
			}
			return tx.EraseSubject(t.Context(), "stu_1")
		})
		page, err := h.workspace.Events(t.Context(), store.EventQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, e := range page.Items {
			_, data, _ := strings.Cut(string(e.Body), `"data":`)
			bodies = append(bodies, data)
		}
		if bodies[0] != `{"erased":true,"id":"stu_1"}}` || !strings.Contains(bodies[1], "a@example.com") ||
			bodies[2] != `{"customer":{"email":null,"name":null,"studentId":"stu_1"},"grossAmount":500,"id":"ord_1"}}` ||
			!strings.Contains(bodies[3], "deletedAt") {
			t.Errorf("bodies after the erasure: %q", bodies)
		}
		if _, attempts := h.delivery(first.DeliveryID); attempts[0].ResponseBody != nil || attempts[0].RequestBody != nil {
			t.Errorf("the attempt keeps bodies: %+v", attempts[0])
		}
		left := map[string]int{}
		for _, claim := range h.claim(10) {
			left[claim.EventType]++
		}
		if len(left) != 2 || left["student.deleted"] != 1 || left["student.created"] != 1 {
			t.Errorf("still delivered: %v", left)
		}
		if mails, err := h.workspace.Emails(t.Context(), store.ListOptions{}); err != nil || len(mails.Items) != 0 {
			t.Errorf("mails %+v, %v", mails.Items, err)
		}
	})
}

// After thirty days everything goes, in batches, but for what is still to be delivered, however much of that comes first.
func TestRetention_KeepsThirtyDaysAndWhatIsPending(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		h := newHooks(t, db)
		h.endpoint("student.created")
		for range 9 {
			h.emit("student.created", "stu_1")
			h.Clock.Advance(time.Millisecond) // so that ids sort by age
		}
		for _, claim := range h.claim(9)[5:] { // the first five stay pending, which is more than a batch
			h.finish(claim, 200, 0)
		}
		h.Clock.Advance(store.EventAge - time.Hour)
		h.emit("student.created")
		remove := func() (total int64) {
			walk := h.Retention()
			for _, some := range []func(context.Context, int) (int64, error){walk.RemoveDeliveries, walk.RemoveEvents} {
				for n := int64(1); n > 0; total += n {
					var err error
					if n, err = some(t.Context(), 2); err != nil || n > 2 {
						t.Fatalf("removed %d rows at once, %v", n, err)
					}
				}
			}
			return total
		}
		if n := remove(); n != 0 {
			t.Errorf("removed %d rows too early", n)
		}
		h.Clock.Advance(2 * time.Hour)
		if n := remove(); n != 8 {
			t.Errorf("removed %d rows, want 4 deliveries and 4 events", n)
		}
		if got := statuses(h.deliveries(store.DeliveryQuery{})); got != "pending pending pending pending pending pending" {
			t.Errorf("left: %s", got)
		}
	})
}
