package difftest

import (
	"testing"

	"github.com/thebigclass/api/gen"
)

// BenchmarkListQuery validates a list's query, of four parameters.
func BenchmarkListQuery(b *testing.B) {
	compareSpeed(b, request{op: gen.OperationByID("listStudents"),
		query: "limit=50&status=active&tag=lead&updatedSince=2026-05-19T14:23:14.482913Z"})
}

// BenchmarkPostBody validates and decodes the body of a POST /students of about a hundred bytes.
func BenchmarkPostBody(b *testing.B) {
	compareSpeed(b, request{op: gen.OperationByID("createStudent"),
		body: []byte(`{"email":"ada@example.com","displayName":"Ada Lovelace","phone":"+919820012345","tags":["lead","vip"]}`)})
}

// compareSpeed runs the generated validator and kin-openapi's filter on the same valid request.
func compareSpeed(b *testing.B, r request) {
	b.Run("generated", func(b *testing.B) {
		b.ReportAllocs()
		in := gen.Input{RawQuery: r.query, PathParam: pathParam, Header: r.header(), Body: r.body}
		for b.Loop() {
			if _, issues := r.op.Decode(in); len(issues) > 0 {
				b.Fatal(issues)
			}
		}
	})
	b.Run("kin", func(b *testing.B) {
		b.ReportAllocs()
		k := newKin()
		for b.Loop() {
			if err := k.judge(r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
