package store

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

// Traces that are off are paid by every transaction and every event: they must cost nothing.
func TestTrace_OffAllocatesNothing(t *testing.T) {
	ctx := context.WithValue(t.Context(), struct{ name string }{"like a request's"}, 1)
	tx := &Tx{}
	if allocations := testing.AllocsPerRun(1000, func() {
		tx.span = startSpan(ctx, "tx")
		if tx.trace(ctx, "evt_1", "student.created") != nil {
			t.Error("an event was traced")
		}
		endSpan(tx.span, nil)
	}); allocations != 0 {
		t.Errorf("%v allocations in a transaction", allocations)
	}
	if trace.SpanFromContext(ctx).IsRecording() {
		t.Error("traces are on")
	}
}

func BenchmarkTrace_Off(b *testing.B) {
	ctx := b.Context()
	tx := &Tx{}
	for b.Loop() {
		tx.span = startSpan(ctx, "tx")
		tx.trace(ctx, "evt_1", "student.created")
		endSpan(tx.span, nil)
	}
}
