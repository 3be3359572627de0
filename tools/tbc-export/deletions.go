package main

import (
	"encoding/json"
	"time"
)

// deletion is a row of the file of deletions: an object that a copy must lose.
type deletion struct {
	ID       string    `json:"id"`
	Resource string    `json:"resource"`
	At       time.Time `json:"at"`
	EventID  string    `json:"eventId"`
}

// losses are the events after which an object is no longer in its list, and the
// resource that it leaves. An archived course still exists.
var losses = map[string]string{"student.deleted": studentsName, "course.archived": coursesName}

// findDeletions reads the feed for what was lost since the given time. Archived
// courses are lost only to keys that cannot list them.
func findDeletions(events *rows, since time.Time, listsArchived bool) (found []deletion, err error) {
	known := map[string]bool{}
	err = events.each(func(line []byte) error {
		var event struct {
			ID, Type  string
			CreatedAt time.Time `json:"created_at"`
			Data      struct{ ID string }
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return err
		}
		resource, lost := losses[event.Type]
		if lost && !event.CreatedAt.Before(since) && (resource != coursesName || !listsArchived) && !known[event.Data.ID] {
			known[event.Data.ID] = true
			found = append(found, deletion{event.Data.ID, resource, event.CreatedAt, event.ID})
		}
		return nil
	})
	return found, err
}

// idsOf are the deleted ids of one resource.
func idsOf(found []deletion, resource string) map[string]bool {
	ids := map[string]bool{}
	for _, d := range found {
		if d.Resource == resource {
			ids[d.ID] = true
		}
	}
	return ids
}
