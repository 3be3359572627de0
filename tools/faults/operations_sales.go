package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// makeOrder sells a course, or something that is none, mostly to somebody new.
func makeOrder(w *world, rng *rand.Rand, _ time.Time) *operation {
	item := fields{"kind": "download", "title": name(rng), "amount": 5000}
	if course := w.pick(rng, poolCourses); course != "" && rng.IntN(4) > 0 {
		item = fields{"kind": "course", "courseId": course, "amount": 5000}
	}
	return post(rng, kindOrder, "/orders", fields{
		"customer": fields{"email": email(rng), "name": name(rng)}, "currency": "EUR", "items": []fields{item},
		"taxAmount": 798, "payment": fields{"gateway": "stripe", "paymentId": fmt.Sprintf("pi_%016x", rng.Uint64())},
	})
}

func makeTestOrder(w *world, rng *rand.Rand, now time.Time) *operation {
	op := makeOrder(w, rng, now)
	op.Kind = kindTestOrder
	op.Body.(fields)["test"] = true
	return op
}

// makeRefund gives back a part, or all that is left.
func makeRefund(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolOrders)
	body := fields{"reason": name(rng), "gatewayRefundId": fmt.Sprintf("re_%016x", rng.Uint64())}
	if rng.IntN(2) == 0 {
		body["amount"] = 1000 + rng.IntN(2500)
	}
	return on(post(rng, kindRefund, "/orders/"+id+"/refunds", body), id)
}

func makeSession(w *world, rng *rand.Rand, now time.Time) *operation {
	body := fields{
		"title": name(rng), "scheduledAt": now.Add(time.Hour).UTC().Format(time.RFC3339), "durationMinutes": 60,
	}
	if course := w.pick(rng, poolCourses); course != "" {
		body["courseId"] = course
	}
	return post(rng, kindSession, "/live-sessions", body)
}

func makeStart(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolSessions)
	return on(post(rng, kindStart, "/live-sessions/"+id+"/start", nil), id)
}

func makeEnd(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolSessions)
	return on(post(rng, kindEnd, "/live-sessions/"+id+"/end", fields{"attendeeCount": rng.IntN(50)}), id)
}

func makeRecording(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolSessions)
	return on(post(rng, kindRecording, "/live-sessions/"+id+"/recordings", fields{"url": "https://example.com/recording.mp4"}), id)
}

func makeCertificate(w *world, rng *rand.Rand, _ time.Time) *operation {
	student, course := w.pick(rng, poolStudents), w.pick(rng, poolCourses)
	if student == "" || course == "" {
		return nil
	}
	return post(rng, kindCertificate, "/certificates", fields{"studentId": student, "courseId": course, "grade": name(rng)})
}
