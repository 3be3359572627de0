package difftest

import (
	"fmt"
	"strings"
)

// bodySeeds are where fuzzing of bodies starts: each of them is tried with every operation.
var bodySeeds = []string{
	`{"email":"ada@example.com","displayName":"Ada Lovelace"}`,
	`{"email":"ada@example.com","displayName":"Ada","phone":"+919820012345","externalId":"crm-1","source":"hubspot","sendInvite":true,` +
		`"metadata":{"campaign":"monsoon"},"tags":["lead","vip"]}`,
	`{"email":"ada@example.com","displayName":"Ada","phone":null,"externalId":null}`,
	`{"email":"a@b@c","displayName":"","phone":"0123","tags":["x","x"],"metadata":{"":"","k":5},"sendInvite":"yes"}`,
	`{"studentId":"stu_01HXYB5D7E9F1G3H5J7K9M1N3P","courseId":"crs_01HXYA2M4N6P8Q0R2S4T6V8W0X"}`,
	`{"studentId":"stu_1","courseId":"crs_1","note":"Scholarship","expiresAt":"2027-05-19T18:30:00+05:30"}`,
	`{"studentId":5,"courseId":null,"note":null,"expiresAt":"tomorrow"}`,
	`{"studentId":"` + strings.Repeat("é", 256) + `","courseId":""}`,
	`{"phone":null,"externalId":null,"metadata":{"campaign":null,"plan":"gold"},"tags":null}`, `{"metadata":null,"tags":[],"status":"inactive"}`,
	`{"items":[{"studentId":"stu_1","courseId":"crs_1"},{"email":"a@b","displayName":"A","courseId":"crs_1"}],"sendInvite":true}`,
	`{"items":[{}],"sendInvite":null}`, `{"completedLessonIds":["les_1","les_2"]}`, `{"completedLessonIds":["les_1","les_1"]}`, `{"reason":null}`,
	`{"customer":{"email":"a@b","name":"A"},"items":[{"kind":"course","courseId":"crs_1","amount":5}],"currency":"INR","gatewayFeeAmount":null,` +
		`"payment":{"gateway":"stripe","paymentId":"pay_1"},"paidAt":"2026-05-19T14:23:14Z","test":false}`,
	`{"amount":1,"gatewayRefundId":"rfnd_1"}`, `{"amount":0}`, `{"publishAt":null}`, `{"publishAt":"2026-06-01T03:30:00Z"}`,
	`{"title":"T","slug":"a-b","price":{"amount":0,"compareAtAmount":null},"modules":[{"title":"M","lessons":[{"title":"L","type":"quiz"}]}]}`,
	`{"slug":"-","price":{},"modules":[{"lessons":[{}]}]}`, `{"title":null,"subtitle":null,"price":{"compareAtAmount":null}}`,
	`{"title":"T","scheduledAt":"2026-05-19T13:00:00Z","durationMinutes":60,"joinUrl":null}`, `{"attendeeCount":22}`, `{"attendeeCount":null}`,
	`{"url":"https://crm.example.com/hooks","label":null,"events":["*"],"status":"disabled"}`, `{"url":"/x","events":[]}`,
	`{"email":"a","email":"b"}`, `{"Email":"ada@example.com","displayName":"Ada"}`,
	"\xef\xbb\xbf{}", `{} {}`, `[]`, `null`, `"x"`, `1e999`, ``, ` `, `{`, `{"a":`, `{"a":1,}`,
	`{"displayName":"\u0000\ud800\udc00\ud83d","email":"\ud83d\ude00@x"}`,
	`{"x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`,
	`{"displayName":"a\nb\u00e9\/","email":"x@y","tags":[1,1.0,true,null,{}]}`,
}

// flawed are bodies with one fault each, in a member whose value is otherwise free.
var flawed = []string{
	`"a\u0000"`, `"a\ud800"`, `"\udc00a"`, `"\ud800\u0041"`, `"\ud83d\ude00"`, `"a","displayName":"a"`, `"a","display\u004eame":"b"`,
	`"a","tags":["x","x"]`, `"a","tags":["x","\u0078"]`, `"a","tags":[""]`, `"a","metadata":{"":"x"}`, `"a","metadata":{"k":"x","k":"x"}`,
	`"a","metadata":{"k":{}}`, `"a","phone":"919820012345"`, `"a","email":"a@b"`, `"a","Phone":null`, `"a","note":null`, `"a"}{`, `"a"},`, "\"a\x00\"", "\"a\xff\"",
	"\"a\n\"", `"a\x"`, `'a'`, `"` + strings.Repeat("é", 200) + `"`, `"` + strings.Repeat("é", 201) + `"`,
	`"a","tags":[` + numbered(51, `"t%d"`) + `]`, `"a","tags":[` + numbered(50, `"t%d"`) + `]`,
	`"a","metadata":{` + numbered(51, `"k%d":""`) + `}`, `"a","metadata":{` + numbered(50, `"k%d":""`) + `}`,
	`"a","sendInvite":null`, `"a","sendInvite":1`,
}

// numbered repeats a format with the numbers below n.
func numbered(n int, format string) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(format, i))
	}
	return strings.Join(list, ",")
}

// flawedBodies puts each of them into a body that each operation would accept without.
func flawedBodies() (list []string) {
	for _, rest := range flawed {
		list = append(list, `{"email":"ada@example.com","displayName":`+rest+`}`, `{"studentId":"stu_1","courseId":"crs_1","note":`+rest+`}`)
	}
	return list
}

// querySeeds are where fuzzing of queries starts.
var querySeeds = []string{
	"", "limit=25", "limit=1&cursor=v1.c3R1", "limit=0", "limit=101", "limit=1e2", "limit=%2B5", "limit=05", "limit=-1",
	"limit=1180591620717411303424", "limit=5;x=1", "limit=5&limit=5", "limit=", "limit", "=5", "&limit=5", "limit=5&",
	"cursor=a;b", "cursor=a&cursor=a", "cursor=a&", "cursor=+", "cursor=%zz", "cursor=%ff", "cursor=%00", "nope=1", "Limit=5", "%6cimit=5",
	"updatedSince=2026-05-19T14:23:14.482913Z", "updatedSince=2026-05-19T14:23:14%2B05:30", "updatedSince=2026-05-19T14:23:14+05:30",
	"updatedSince=2026-05-19", "status=active", "status=published&limit=3", "status=nope", "email=ada%40example.com&externalId=crm-1&tag=lead",
	"studentId=stu_1&paymentId=pay_1&status=paid&from=2026-05-01T00:00:00Z&to=2026-05-31T00:00:00Z",
	"since=2026-05-01T00:00:00Z&type=order.paid", "type=webhook.test", "eventType=webhook.test&endpointId=whe_1&eventId=evt_1", "courseId=crs_1",
	"from=2026-05-01&to=2026-05-31", "window=30d", "window=31d", "from=2026-02-30",
}
