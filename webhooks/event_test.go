package webhooks_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

func TestParseEvent_ReadsTheEnvelopeAndSkipsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	event, err := webhooks.ParseEvent([]byte(`{
		"id": "evt_1", "type": "student.updated", "created_at": "2026-05-19T14:23:14.123456Z",
		"workspace_id": "org_1", "data": {"displayName": "Asha"},
		"previous_attributes": {"displayName": "Aasha"}, "added_later": true}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 5, 19, 14, 23, 14, 123456000, time.UTC); !event.CreatedAt.Equal(want) {
		t.Errorf("created_at: %s", event.CreatedAt)
	}
	if string(event.Data) != `{"displayName": "Asha"}` {
		t.Errorf("data: %s", event.Data)
	}
	if string(event.PreviousAttributes["displayName"]) != `"Aasha"` {
		t.Errorf("previous_attributes: %s", event.PreviousAttributes)
	}
}

func TestParseEvent_RefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `null`, `[]`, `7`, `{}`, `{"id":"evt_1"}`, `{"type":"order.paid"}`,
		`{"id":7,"type":"order.paid"}`, `{"id":"evt_` + "\xff" + `","type":"order.paid"}`, "\ufeff" + `{"id":"evt_1","type":"order.paid"}`,
		`{"id":"evt_1","type":"order.paid"}{}`, `{"id":"evt_1","type":"order.paid","created_at":"yesterday"}`,
	} {
		_, err := webhooks.ParseEvent([]byte(body))
		wantError(t, err, webhooks.ErrMalformedEvent)
	}
}

// An event without previous_attributes has no such member, rather than null.
func TestEvent_EncodesAsItWasRead(t *testing.T) {
	t.Parallel()
	const body = `{"id":"evt_1","type":"order.paid","created_at":"2026-05-19T14:23:14Z","workspace_id":"org_1","data":{"id":"ord_1"}}`
	event, err := webhooks.ParseEvent([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	if string(encoded) != body {
		t.Errorf("encoded as %s", encoded)
	}
}
