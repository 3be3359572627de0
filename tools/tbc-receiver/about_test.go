package main

import (
	"encoding/json"
	"testing"

	"github.com/thebigclass/api/webhooks"
)

func TestAbout_SaysInALineWhatEachKindOfEventIsAbout(t *testing.T) {
	t.Parallel()
	const order = `{"id":"ord_1","number":"TBC-7","currency":"INR","grossAmount":500005,"refundedAmount":1050,"customer":{"name":"Asha","email":"asha@example.com"}}`
	for _, c := range []struct{ kind, data, want string }{
		{"student.created", `{"id":"stu_1","displayName":"Asha","email":"asha@example.com"}`, "Asha <asha@example.com>"},
		{"student.deleted", `{"id":"stu_1","deletedAt":"2026-05-19T12:00:00Z"}`, "stu_1"},
		{"student.updated", `{"id":"stu_1","erased":true}`, "stu_1"},
		{"enrollment.created", `{"id":"enr_1","studentId":"stu_1","courseTitle":"Bread"}`, "stu_1, Bread"},
		{"order.paid", order, "TBC-7, 5000.05 INR, Asha <asha@example.com>"},
		{"order.refunded", order, "TBC-7, refunded 10.50 INR of 5000.05 INR, Asha <asha@example.com>"},
		{"live_session.started", `{"id":"liv_1","title":"Questions"}`, "Questions"},
		{"recording.ready", `{"id":"rec_1","title":null}`, "rec_1"},
		{"certificate.issued", `{"id":"crt_1","studentName":"Asha","courseTitle":"Bread"}`, "Asha, Bread"},
		{"webhook.test", `{"endpointId":"whe_1"}`, "whe_1"},
		{"badge.earned", `{"id":"bdg_1","title":7,"email":"x"}`, "bdg_1"},
		{"course.published", `[]`, ""},
		{"course.published", `{"title":"\u001b[2Jgone\u0007\n"}`, "\ufffd[2Jgone\ufffd\ufffd"},
	} {
		got := about(webhooks.Event{Type: c.kind, Data: json.RawMessage(c.data)})
		if got != c.want {
			t.Errorf("%s %s: %q, want %q", c.kind, c.data, got, c.want)
		}
	}
}
