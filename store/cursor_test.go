package store

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

var cursorTime = time.Date(2026, time.March, 2, 10, 0, 0, 123456000, time.UTC)

func ringWorkspace(ring *Keyring, id string) *Workspace {
	return &Workspace{store: &Store{keyring: ring}, scope: scope{workspaceID: id}}
}

// mint makes the cursor that a full page of the list would end with.
func mint(t *testing.T, w *Workspace, opt ListOptions, filters ...string) string {
	t.Helper()
	k, err := w.keyset("courses", opt, filters...)
	if err != nil {
		t.Fatal(err)
	}
	return k.seal(position{at: cursorTime, id: "crs_01"})
}

func TestCursor_ContinuesWhereThePageEnded(t *testing.T) {
	t.Parallel()
	w := ringWorkspace(parseRing(t, NewMasterKey(rand.Reader)), "org_a")
	k, err := w.keyset("courses", ListOptions{Limit: 10, Cursor: mint(t, w, ListOptions{Limit: 25}, "published")}, "published")
	if err != nil {
		t.Fatal(err)
	}
	text, args := k.where("c", 2)
	if text != " AND (c.created_at, c.id) < ($2, $3)" || args[0] != cursorTime.UnixMicro() || args[1] != "crs_01" {
		t.Errorf("%s %v", text, args)
	}
	if order := k.order("c"); order != " ORDER BY c.created_at DESC, c.id DESC LIMIT 11" {
		t.Error(order)
	}
}

func TestCursor_UpdatedSinceWalksChangesForward(t *testing.T) {
	t.Parallel()
	w := ringWorkspace(parseRing(t, NewMasterKey(rand.Reader)), "org_a")
	since := cursorTime.Add(-time.Hour)
	first, err := w.keyset("courses", ListOptions{Limit: 2, UpdatedSince: &since})
	if err != nil {
		t.Fatal(err)
	}
	text, args := first.where("c", 4)
	if text != " AND c.updated_at >= $4" || args[0] != since.UnixMicro() {
		t.Errorf("first page: %s %v", text, args)
	}
	opt := ListOptions{Limit: 2, UpdatedSince: &since}
	opt.Cursor = mint(t, w, opt)
	next, err := w.keyset("courses", opt)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := next.where("c", 2); text+next.order("c") !=
		" AND (c.updated_at, c.id) > ($2, $3) ORDER BY c.updated_at, c.id LIMIT 3" {
		t.Errorf("next page: %s", text)
	}
}

// A cursor is good for the walk that it was made in, and for nothing else.
func TestCursor_OfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	ring := parseRing(t, NewMasterKey(rand.Reader))
	w := ringWorkspace(ring, "org_a")
	since, later := cursorTime, cursorTime.Add(time.Second)
	cursor := mint(t, w, ListOptions{}, "published", "")
	for name, refused := range map[string]func() error{
		"workspace": func() error {
			return open(ringWorkspace(ring, "org_b"), "courses", ListOptions{Cursor: cursor}, "published", "")
		},
		"list":       func() error { return open(w, "students", ListOptions{Cursor: cursor}, "published", "") },
		"filter":     func() error { return open(w, "courses", ListOptions{Cursor: cursor}, "draft", "") },
		"moved":      func() error { return open(w, "courses", ListOptions{Cursor: cursor}, "", "published") },
		"no filters": func() error { return open(w, "courses", ListOptions{Cursor: cursor}) },
		"direction": func() error {
			return open(w, "courses", ListOptions{Cursor: cursor, UpdatedSince: &since}, "published", "")
		},
		"since": func() error {
			other := mint(t, w, ListOptions{UpdatedSince: &since})
			return open(w, "courses", ListOptions{Cursor: other, UpdatedSince: &later})
		},
		"keyring": func() error {
			return open(ringWorkspace(parseRing(t, NewMasterKey(rand.Reader)), "org_a"), "courses", ListOptions{Cursor: cursor}, "published", "")
		},
	} {
		if err := refused(); !errors.Is(err, ErrBadCursor) {
			t.Errorf("another %s: %v, want ErrBadCursor", name, err)
		}
	}
	if err := open(w, "courses", ListOptions{Cursor: cursor}, "published", ""); err != nil {
		t.Errorf("the same list: %v", err)
	}
}

func open(w *Workspace, list string, opt ListOptions, filters ...string) error {
	_, err := w.keyset(list, opt, filters...)
	return err
}

func TestCursor_ChangedAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	w := ringWorkspace(parseRing(t, NewMasterKey(rand.Reader)), "org_a")
	cursor := mint(t, w, ListOptions{})
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	var changed []string
	for i := range raw {
		other := append([]byte(nil), raw...)
		other[i] ^= 0x40
		changed = append(changed, base64.RawURLEncoding.EncodeToString(other), base64.RawURLEncoding.EncodeToString(raw[:i]))
	}
	changed = append(changed, cursor+"A", cursor+"=", " "+cursor, cursor+"\n", "null", "%zz", strings.Repeat("A", 513), cursor[:len(cursor)-1])
	for _, bad := range changed {
		if err := open(w, "courses", ListOptions{Cursor: bad}); bad != "" && !errors.Is(err, ErrBadCursor) {
			t.Errorf("%q: %v, want ErrBadCursor", bad, err)
		}
	}
}

// An integrator's walk must not break because the operator rotates the master key.
func TestCursor_OutlivesARotation(t *testing.T) {
	t.Parallel()
	old, fresh := NewMasterKey(rand.Reader), NewMasterKey(rand.Reader)
	cursor := mint(t, ringWorkspace(parseRing(t, old), "org_a"), ListOptions{})
	if err := open(ringWorkspace(parseRing(t, fresh+","+old), "org_a"), "courses", ListOptions{Cursor: cursor}); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
}

func TestPageOf_HasACursorOnlyIfMoreFollows(t *testing.T) {
	t.Parallel()
	w := ringWorkspace(parseRing(t, NewMasterKey(rand.Reader)), "org_a")
	k, err := w.keyset("courses", ListOptions{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	stand := func(id *string) (time.Time, time.Time, string) { return cursorTime, cursorTime, *id }
	if page := pageOf(k, []string{"a", "b"}, stand); len(page.Items) != 2 || page.NextCursor != nil {
		t.Errorf("a last page: %+v", page)
	}
	page := pageOf(k, []string{"a", "b", "c"}, stand)
	if len(page.Items) != 2 || page.NextCursor == nil {
		t.Fatalf("a full page: %+v", page)
	}
	if after, err := k.open(*page.NextCursor); err != nil || after.id != "b" {
		t.Errorf("the cursor stands at %+v, %v", after, err)
	}
}

func FuzzCursor(f *testing.F) {
	ring, err := ParseKeyring(NewMasterKey(rand.Reader))
	if err != nil {
		f.Fatal(err)
	}
	w := ringWorkspace(ring, "org_a")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		if err := open(w, "courses", ListOptions{Cursor: cursor}); cursor != "" && !errors.Is(err, ErrBadCursor) {
			t.Errorf("%q: %v", cursor, err)
		}
	})
}
