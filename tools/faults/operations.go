package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// The kinds of operations.
const (
	kindStudent     = "create student"
	kindUpdate      = "update student"
	kindErase       = "erase student"
	kindCourse      = "create course"
	kindPublish     = "publish course"
	kindSchedule    = "schedule course"
	kindArchive     = "archive course"
	kindEnroll      = "enrol"
	kindBatch       = "enrol a batch"
	kindRevoke      = "revoke"
	kindProgress    = "progress"
	kindOrder       = "order"
	kindTestOrder   = "test order"
	kindRefund      = "refund"
	kindSession     = "create session"
	kindStart       = "start session"
	kindEnd         = "end session"
	kindRecording   = "recording"
	kindCertificate = "certificate"
)

// fields is a JSON object to be sent.
type fields = map[string]any

// maker makes an operation, or nil if the world has nothing that it needs.
type maker func(w *world, rng *rand.Rand, now time.Time) *operation

// makers are the random operations with their weights. Schools have many students and few courses.
var makers = []struct {
	weight int
	make   maker
}{
	{20, makeStudent}, {10, makeUpdate}, {3, makeErase}, {4, makeCourse}, {4, makePublish}, {2, makeSchedule},
	{1, makeArchive}, {14, makeEnroll}, {3, makeBatch}, {6, makeRevoke}, {12, makeProgress}, {12, makeOrder},
	{2, makeTestOrder}, {8, makeRefund}, {3, makeSession}, {3, makeStart}, {3, makeEnd}, {2, makeRecording}, {3, makeCertificate},
}

// nextOperation draws until it has an operation that is possible.
func nextOperation(w *world, rng *rand.Rand, now time.Time) *operation {
	total := 0
	for _, m := range makers {
		total += m.weight
	}
	for {
		drawn := rng.IntN(total)
		for _, m := range makers {
			if drawn -= m.weight; drawn < 0 {
				if op := m.make(w, rng, now); op != nil {
					return op
				}
				break
			}
		}
	}
}

// post is a POST with a key, so that it can be repeated without being done twice.
func post(rng *rand.Rand, kind, path string, body any) *operation {
	return &operation{Kind: kind, Method: http.MethodPost, Path: path, Body: body, Key: fmt.Sprintf("k-%016x", rng.Uint64())}
}

// on is an operation on what a path names by an id; nil if there is none.
func on(op *operation, id string) *operation {
	if id == "" {
		return nil
	}
	op.Target = id
	return op
}

func makeStudent(_ *world, rng *rand.Rand, _ time.Time) *operation {
	return post(rng, kindStudent, "/students", fields{
		"email": email(rng), "displayName": name(rng), "metadata": fields{"plan": "<b>&"}, "sendInvite": rng.IntN(10) == 0,
	})
}

func makeUpdate(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolStudents)
	return on(&operation{Kind: kindUpdate, Method: http.MethodPatch, Path: "/students/" + id, Body: fields{"displayName": name(rng)}}, id)
}

func makeErase(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolStudents)
	return on(&operation{Kind: kindErase, Method: http.MethodDelete, Path: "/students/" + id}, id)
}

func makeCourse(_ *world, rng *rand.Rand, _ time.Time) *operation {
	lessons := []fields{}
	for i := range 1 + rng.IntN(4) {
		lessons = append(lessons, fields{"title": fmt.Sprintf("Lesson %d", i+1), "type": "video", "durationSeconds": 60})
	}
	return post(rng, kindCourse, "/courses", fields{
		"title": name(rng), "certificateEnabled": rng.IntN(4) > 0, "price": fields{"amount": 5000},
		"modules": []fields{{"title": "Module", "lessons": lessons}},
	})
}

func makePublish(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolDrafts)
	return on(post(rng, kindPublish, "/courses/"+id+"/publish", fields{}), id)
}

// makeSchedule leaves the publication to the server's own job.
func makeSchedule(w *world, rng *rand.Rand, now time.Time) *operation {
	id := w.pick(rng, poolDrafts)
	when := now.Add(time.Duration(500+rng.IntN(4000)) * time.Millisecond).UTC().Format(time.RFC3339Nano)
	return on(post(rng, kindSchedule, "/courses/"+id+"/publish", fields{"publishAt": when}), id)
}

func makeArchive(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolCourses)
	return on(post(rng, kindArchive, "/courses/"+id+"/archive", nil), id)
}

// makeEnroll gives some places an end that comes within the run.
func makeEnroll(w *world, rng *rand.Rand, now time.Time) *operation {
	student, course := w.pick(rng, poolStudents), w.pick(rng, poolCourses)
	if student == "" || course == "" {
		return nil
	}
	body := fields{"studentId": student, "courseId": course}
	if rng.IntN(6) == 0 {
		body["expiresAt"] = now.Add(time.Duration(2000+rng.IntN(5000)) * time.Millisecond).UTC().Format(time.RFC3339Nano)
	}
	return post(rng, kindEnroll, "/enrollments", body)
}

func makeBatch(w *world, rng *rand.Rand, now time.Time) *operation {
	return batchOf(w, rng, 1+rng.IntN(12), now)
}

// batchOf enrols n people, of whom most are new.
func batchOf(w *world, rng *rand.Rand, n int, _ time.Time) *operation {
	items := []fields{}
	for range n {
		course := w.pick(rng, poolCourses)
		if course == "" {
			return nil
		}
		item := fields{"courseId": course}
		if student := w.pick(rng, poolStudents); student != "" && rng.IntN(3) == 0 {
			item["studentId"] = student
		} else {
			item["email"], item["displayName"] = email(rng), name(rng)
		}
		items = append(items, item)
	}
	return post(rng, kindBatch, "/enrollments/batch", fields{"items": items})
}

func makeRevoke(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolEnrollments)
	return on(post(rng, kindRevoke, "/enrollments/"+id+"/revoke", fields{"reason": name(rng)}), id)
}

func makeProgress(w *world, rng *rand.Rand, _ time.Time) *operation {
	id := w.pick(rng, poolEnrollments)
	lessons := w.lessonsOf(rng, id)
	if len(lessons) == 0 {
		return nil
	}
	return on(post(rng, kindProgress, "/enrollments/"+id+"/progress", fields{"completedLessonIds": lessons}), id)
}
