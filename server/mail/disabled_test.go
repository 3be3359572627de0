package mail_test

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	outgoing "github.com/thebigclass/api/server/mail"
	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// failing is a workspace with an endpoint that fails whenever it is tried.
type failing struct {
	*storetest.DB
	*testing.T
	workspace *store.Workspace
	endpoint  string
}

func newFailing(t *testing.T, db *storetest.DB) *failing {
	t.Helper()
	f := &failing{DB: db, T: t, workspace: db.NewWorkspace(t)}
	storetest.Tx(t, f.workspace, func(tx *store.Tx) error {
		made, _, err := tx.CreateEndpoint(t.Context(), store.NewEndpoint{URL: "https://example.com/hook", Events: []string{"*"}})
		f.endpoint = made.ID
		return err
	})
	return f
}

// fail delivers one more event in vain.
func (f *failing) fail() {
	f.Helper()
	storetest.Tx(f.T, f.workspace, func(tx *store.Tx) error {
		return tx.Emit(f.Context(), store.Event{Type: "student.created", Data: map[string]any{"id": "stu_1"}})
	})
	claims, err := f.ClaimDeliveries(f.Context(), 1)
	if err != nil || len(claims) != 1 {
		f.Fatalf("claimed %d, %v", len(claims), err)
	}
	status := 500
	_, err = f.CompleteDeliveries(f.Context(), []store.Outcome{{
		Claim: claims[0], Attempt: store.Attempt{At: f.Clock.Now(), StatusCode: &status}, DisableAfter: 7 * 24 * time.Hour,
	}})
	if err != nil {
		f.Fatal(err)
	}
}

// The e-mail that tells of a disabled endpoint waits while the mail server is down, and nothing waits for it. It
// arrives once when the server is back.
func TestDisabledEndpoint_IsToldOnceWhenTheMailServerIsBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		f := newFailing(t, db)
		for range 8 {
			f.fail()
			f.Clock.Advance(24 * time.Hour)
		}
		down, err := net.Listen("tcp", anywhere) // a port that nobody serves once it is closed
		if err != nil {
			t.Fatal(err)
		}
		address := down.Addr().String()
		if err := down.Close(); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		loop := &outgoing.Loop{Outbox: f.Store, Sender: sender(t, "smtp://"+address), Log: slog.New(slog.NewJSONHandler(&log, nil))}
		loop.Once(t.Context())
		if sentAt(t, f.workspace) || !strings.Contains(log.String(), "e-mail not sent") {
			t.Fatalf("with the server down: %s", log.String())
		}
		status := store.EndpointActive // neither changes nor deliveries wait for the mail server
		storetest.Tx(t, f.workspace, func(tx *store.Tx) error {
			_, err := tx.UpdateEndpoint(t.Context(), f.endpoint, store.EndpointPatch{Status: &status})
			return err
		})
		f.fail()

		server := newMailServer(t)
		server.listen(address)
		loop.Once(t.Context())
		if len(server.took) != 0 {
			t.Error("tried again before its time")
		}
		f.Clock.Advance(time.Minute)
		loop.Once(t.Context())
		f.Clock.Advance(30 * 24 * time.Hour)
		loop.Once(t.Context())
		if len(server.took) != 1 || !sentAt(t, f.workspace) {
			t.Fatalf("the mail server took %d e-mails", len(server.took))
		}
		if text := <-server.took; !strings.Contains(text, "To: <owner@example.com>") || !strings.Contains(text, f.endpoint) {
			t.Errorf("took %s", text)
		}
	})
}
