// Command crm-sync keeps students as contacts in HubSpot or as rows of a CSV file. See README.md, or crm-sync --help.
package main

import (
	"context"
	"errors"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const (
	tokenVariable = "HUBSPOT_ACCESS_TOKEN"
	fileVariable  = "CRM_CSV"
)

func main() { recipe.Main(crmSync) }

var crmSync = recipe.Recipe{
	Name:  "crm-sync",
	Short: "Keep students as contacts in HubSpot or as rows of a CSV file",
	Long: `Writes a student, with the titles of the courses that he or she has, whenever one is
created or changed, enrols, or loses a course. The event is only the sign: the student is
read anew, so that what is written is what holds now, in whatever order events arrive.

  TBC_KEY                    a key with the scope read:students; each event takes a call
  HUBSPOT_ACCESS_TOKEN       token of a private app with the scopes crm.objects.contacts.read
                             and .write; contacts are told apart by their e-mail address
  HUBSPOT_COURSES_PROPERTY   contact property for the courses, with semicolons between
                             them (tbc_courses); a text property that you have made
  HUBSPOT_URL                https://api.hubapi.com
  CRM_CSV                    a file with a row for each student; with a token too, both

Everything may happen twice without harm. A student who was erased is left alone: it is
for you to remove the contact. Other properties and columns than its own are not touched.`,
	Addr:   "127.0.0.1:9002",
	Events: []string{"student.created", "student.updated", "enrollment.created", "enrollment.revoked"},
	Open:   open,
}

func open(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
	to := syncer{api: s.API("read:students")}
	if token := s.Getenv(tokenVariable); token != "" {
		to.targets = append(to.targets, portal{
			url: s.URL("HUBSPOT_URL", "https://api.hubapi.com"), token: token,
			property: s.Optional("HUBSPOT_COURSES_PROPERTY", "tbc_courses"), console: s.Console,
		})
	}
	if path := s.Getenv(fileVariable); path != "" {
		f, err := newFile(path)
		if err != nil {
			s.Fault(err)
		}
		to.targets = append(to.targets, f)
	}
	if len(to.targets) == 0 {
		s.Fault(errors.New("neither " + tokenVariable + " nor " + fileVariable + " is set: where should students go?"))
	}
	return to.work, nil
}
