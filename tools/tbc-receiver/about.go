package main

import (
	"encoding/json"
	"strings"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/tools/internal/money"
	"github.com/thebigclass/api/webhooks"
)

// subject is what the objects of all events have in common with a line of text.
// A type that came later than this program is shown by whatever of it is here.
type subject struct {
	ID          string `json:"id"`
	EndpointID  string `json:"endpointId"`
	DisplayName string `json:"displayName"`
	Email       string `json:"email"`
	StudentID   string `json:"studentId"`
	StudentName string `json:"studentName"`
	CourseTitle string `json:"courseTitle"`
	Title       string `json:"title"`

	Number         string `json:"number"`
	GrossAmount    int64  `json:"grossAmount"`
	RefundedAmount int64  `json:"refundedAmount"`
	Currency       string `json:"currency"`
	Customer       struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	} `json:"customer"`
}

// about says in a line what an event is about.
func about(event webhooks.Event) string {
	var s subject
	// A member of another type than expected is left out, the rest is filled in.
	_ = json.Unmarshal(event.Data, &s)
	noun, _, _ := strings.Cut(event.Type, ".")
	var words []string
	switch noun {
	case "student":
		words = []string{person(s.DisplayName, s.Email)}
	case "enrollment":
		words = []string{s.StudentID, s.CourseTitle}
	case "order":
		words = []string{s.Number, s.amount(event.Type), person(s.Customer.Name, s.Customer.Email)}
	case "certificate":
		words = []string{s.StudentName, s.CourseTitle}
	default:
		words = []string{s.Title}
	}
	if line := join(words); line != "" {
		return cli.Printable(line)
	}
	return cli.Printable(join([]string{s.ID, s.EndpointID}))
}

func join(words []string) string {
	var kept []string
	for _, word := range words {
		if word != "" {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, ", ")
}

func person(name, email string) string {
	switch {
	case email == "":
		return name
	case name == "":
		return email
	default:
		return name + " <" + email + ">"
	}
}

func (s subject) amount(eventType string) string {
	switch {
	case s.Currency == "":
		return ""
	case eventType == "order.refunded":
		return "refunded " + money.Text(s.RefundedAmount, s.Currency) + " of " + money.Text(s.GrossAmount, s.Currency)
	default:
		return money.Text(s.GrossAmount, s.Currency)
	}
}
