package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Delivery is one event on its way to one endpoint, without its attempts.
func Delivery(d store.Delivery) gen.Delivery {
	return gen.Delivery{
		ID:             d.ID,
		EndpointID:     d.EndpointID,
		EventID:        d.EventID,
		EventType:      gen.DeliveredEventType(d.EventType),
		Status:         gen.DeliveryStatus(d.Status),
		AttemptCount:   d.AttemptCount,
		NextAttemptAt:  utcOrNull(d.NextAttemptAt),
		LastStatusCode: d.LastStatusCode,
		CreatedAt:      utc(d.CreatedAt),
		UpdatedAt:      utc(d.UpdatedAt),
	}
}

// DeliveryDetail is a delivery with its attempts, which come newest first.
func DeliveryDetail(delivery store.Delivery, attempts []store.Attempt) gen.DeliveryDetail {
	d := Delivery(delivery)
	return gen.DeliveryDetail{
		ID:             d.ID,
		EndpointID:     d.EndpointID,
		EventID:        d.EventID,
		EventType:      d.EventType,
		Status:         d.Status,
		AttemptCount:   d.AttemptCount,
		NextAttemptAt:  d.NextAttemptAt,
		LastStatusCode: d.LastStatusCode,
		CreatedAt:      d.CreatedAt,
		UpdatedAt:      d.UpdatedAt,
		Attempts:       List(attempts, attempt),
	}
}

// attempt shows what went wrong in words, a refusal too: null is success alone.
func attempt(a store.Attempt) gen.DeliveryAttempt {
	shown := gen.DeliveryAttempt{
		Number:         a.Number,
		Trigger:        gen.AttemptTrigger(a.Trigger),
		At:             utc(a.At),
		StatusCode:     a.StatusCode,
		DurationMs:     int(a.Duration.Milliseconds()),
		Error:          a.Error,
		RequestHeaders: a.RequestHeaders,
		RequestBody:    a.RequestBody,
		ResponseBody:   a.ResponseBody,
	}
	if shown.RequestHeaders == nil { // the request could not even be made
		shown.RequestHeaders = map[string]string{}
	}
	return shown
}
