package main

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin"
	"github.com/thebigclass/api/tools/recipes/internal/standin/hubspot"
)

// crm is a recipe with a service to read from and a HubSpot that has the property for courses.
type crm struct {
	*recipetest.Kitchen
	api     *recipetest.API
	hubspot *recipetest.Gate
	record  recipetest.Record[hubspot.Contact]
	file    string
}

func newCRM(t *testing.T) *crm {
	c := &crm{api: recipetest.NewAPI(t), file: filepath.Join(t.TempDir(), "students.csv")}
	c.hubspot = recipetest.NewGate(t, hubspot.New(standin.NewRecord(&c.record)))
	c.Kitchen = recipetest.New(t, crmSync, map[string]string{
		"TBC_URL": c.api.URL, "TBC_KEY": recipetest.Key,
		tokenVariable: "pat-test", "HUBSPOT_URL": c.hubspot.URL, fileVariable: c.file,
	})
	c.post("/crm/v3/properties/contacts", `{"name":"tbc_courses","label":"Courses","groupName":"contactinformation","type":"string","fieldType":"textarea"}`)
	c.Start()
	return c
}

// post asks HubSpot for something as its owner would.
func (c *crm) post(path, body string) {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), http.MethodPost, c.hubspot.URL+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer pat-owner")
	answer, err := new(http.Client).Do(request)
	if err != nil {
		c.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusCreated {
		c.Fatal(answer.Status, err)
	}
}

// student makes the service's state: a student with these courses.
func (c *crm) student(email, name string, courses ...string) {
	enrollments := []any{map[string]any{"courseTitle": "Given Up", "status": "revoked"}}
	for _, title := range courses {
		enrollments = append(enrollments, map[string]any{"courseTitle": title, "status": "active"})
	}
	c.api.Put("students/stu_1", map[string]any{
		"id": "stu_1", "email": email, "displayName": name, "phone": "+919820012345", "tags": []string{"2026", "vip"}, "enrollments": enrollments,
	})
}

// ids are of the right shape and differ.
func id(n int) string { return "evt_01HXZK5Q7R9S1T3V5W7X9Y1Z" + string(rune('A'+n)) + "A" }

func enrolled(n int) []byte {
	return recipetest.Event(id(n), "enrollment.created", map[string]any{"id": "enr_1", "studentId": "stu_1", "courseTitle": "as it was"})
}

func created(n int) []byte {
	return recipetest.Event(id(n), "student.created", map[string]any{"id": "stu_1", "email": "asha@example.com"})
}

// contacts are the last states, by id.
func (c *crm) contacts() map[string]map[string]string {
	c.Helper()
	last := map[string]map[string]string{}
	for _, contact := range c.record.All(c.T) {
		last[contact.ID] = contact.Properties
	}
	return last
}

func (c *crm) wantContacts(want map[string]map[string]string) {
	c.Helper()
	if got := c.contacts(); !reflect.DeepEqual(got, want) {
		c.Errorf("HubSpot has %v, want %v", got, want)
	}
}

func (c *crm) wantRows(want ...string) {
	c.Helper()
	text, err := os.ReadFile(c.file)
	if err != nil {
		c.Fatal(err)
	}
	want = append([]string{"Student Id,Email,Name,Phone,Tags,Courses"}, want...)
	if got := string(text); got != strings.Join(want, "\r\n")+"\r\n" {
		c.Errorf("the file has %q, want %q", got, want)
	}
}

var asha = map[string]string{
	"email": "asha@example.com", "firstname": "Asha", "lastname": "Nair", "phone": "+919820012345", "tbc_courses": "Bread at Home;Kathak, Part 1",
}

const ashasRow = "stu_1,asha@example.com,Asha Nair,+919820012345,2026;vip,\"Bread at Home;Kathak, Part 1\""

// Whatever comes first, and however often, there is one contact and one row with the courses that the student has now.
func TestCRMSync_AnyOrderAndRepeatsGiveOneContact(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.student("Asha@Example.com", "Asha Nair", "Kathak; Part 1")
	c.Deliver(enrolled(0))
	c.WantStatus("1 done, 0 waiting, 0 failed")
	c.student("asha@example.com", "Asha Nair", "Kathak; Part 1", "Bread at Home")
	for range 2 {
		c.Deliver(created(1))
		c.Deliver(enrolled(2))
	}
	c.WantStatus("3 done, 0 waiting, 0 failed")
	c.Stop()
	c.Start()
	c.Deliver(enrolled(2))
	c.Deliver(enrolled(3))
	c.WantStatus("4 done, 0 waiting, 0 failed")
	c.wantContacts(map[string]map[string]string{"101": asha})
	c.wantRows(ashasRow)
}

// What HubSpot did, and could not tell, is not done to a second contact.
func TestCRMSync_ALostAnswerMakesNoSecondContact(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.student("asha@example.com", "Asha Nair", "Kathak; Part 1", "Bread at Home")
	c.hubspot.Refuse(func(w http.ResponseWriter, _ *http.Request) { // there is no contact; and then the line goes dead
		c.hubspot.Lose()
		standin.JSON(w, http.StatusNotFound, map[string]string{"status": "error", "category": "OBJECT_NOT_FOUND"})
	})
	c.Deliver(created(0))
	c.WantProblem("no answer from HubSpot")
	if len(c.contacts()) != 1 {
		t.Fatalf("HubSpot has %v before the answer was lost", c.contacts())
	}
	c.hubspot.Open()
	c.Advance(time.Minute)
	c.WantStatus("1 done, 0 waiting, 0 failed")
	c.wantContacts(map[string]map[string]string{"101": asha})
}

// Limits, outages and bad tokens are waited for. The row is there all the same once, after HubSpot.
func TestCRMSync_RefusalsThatPassAreWaitedFor(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		status        int
		after, policy string
		wait          time.Duration
	}{
		"429 with Retry-After": {status: 429, after: "600", policy: "TEN_SECONDLY_ROLLING", wait: 10 * time.Minute},
		"429 of the day":       {status: 429, policy: "DAILY", wait: time.Hour},
		"503":                  {status: 503, wait: 30 * time.Second},
		"401":                  {status: 401, wait: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCRM(t)
			c.student("asha@example.com", "Asha Nair", "Kathak; Part 1", "Bread at Home")
			c.hubspot.Refuse(func(w http.ResponseWriter, _ *http.Request) {
				if refusal.after != "" {
					w.Header().Set("Retry-After", refusal.after)
				}
				standin.JSON(w, refusal.status, map[string]string{"status": "error", "policyName": refusal.policy})
			})
			c.Deliver(created(0))
			c.WantProblem("HubSpot answers " + name[:3])
			if wait := c.NextAttempt().Sub(c.Now()); wait < refusal.wait-time.Minute || wait > refusal.wait {
				t.Errorf("the next attempt is in %s, want %s", wait, refusal.wait)
			}
			c.hubspot.Open()
			c.Advance(time.Hour)
			c.WantStatus("1 done, 0 waiting, 0 failed")
			c.wantContacts(map[string]map[string]string{"101": asha})
			c.wantRows(ashasRow)
		})
	}
}

// What is wrong in HubSpot is a person's business, who is told what it is and no secret, and tries again.
func TestCRMSync_AMissingPropertyIsNamed(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.Stop()
	c.Env["HUBSPOT_COURSES_PROPERTY"] = "courses"
	c.Start()
	c.student("asha@example.com", "Asha Nair", "Bread at Home")
	c.Deliver(created(0))
	c.WantStatus("0 done, 0 waiting, 1 failed")
	printed, _ := c.Run("status")
	if !strings.Contains(printed, `HubSpot answers 400 Bad Request: `) || !strings.Contains(printed, "PROPERTY_DOESNT_EXIST") || strings.Contains(printed, "pat-") {
		t.Errorf("status prints %s", printed)
	}
	c.post("/crm/v3/properties/contacts", `{"name":"courses","label":"Courses","groupName":"contactinformation","type":"string","fieldType":"text"}`)
	c.Run("retry")
	c.WantStatus("1 done, 0 waiting, 0 failed")
}

// A new address moves the contact along. One that has the new address already is the contact from then on.
func TestCRMSync_AContactMovesToANewAddress(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.student("asha@example.com", "Asha Nair", "Bread at Home")
	c.Deliver(created(0))
	c.WantStatus("1 done, 0 waiting, 0 failed")
	c.student("asha.nair+x@example.com", "Asha Nair", "Bread at Home")
	moved := strings.Replace(string(recipetest.Event(id(1), "student.updated", map[string]any{"id": "stu_1"})),
		`{`, `{"previous_attributes":{"email":"asha@example.com"},`, 1)
	c.Deliver([]byte(moved))
	c.Deliver([]byte(strings.Replace(moved, id(1), id(2), 1)))
	c.WantStatus("3 done, 0 waiting, 0 failed")
	want := map[string]string{
		"email": "asha.nair+x@example.com", "firstname": "Asha", "lastname": "Nair", "phone": "+919820012345", "tbc_courses": "Bread at Home",
	}
	c.wantContacts(map[string]map[string]string{"101": want})
}

// HubSpot refuses to create what it knows by another of its addresses, and says which one it is.
func TestCRMSync_AConflictUpdatesTheContactThatIsThere(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.student("asha@example.com", "Asha Nair", "Bread at Home")
	c.post("/crm/v3/objects/contacts", `{"properties":{"email":"first@example.com","firstname":"A."}}`)
	var paths []string
	c.hubspot.Refuse(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		switch len(paths) {
		case 1:
			standin.JSON(w, http.StatusNotFound, map[string]string{"category": "OBJECT_NOT_FOUND"})
		case 2:
			c.hubspot.Open()
			standin.JSON(w, http.StatusConflict, map[string]string{"category": "CONFLICT", "message": "Contact already exists. Existing ID: 101"})
		}
	})
	c.Deliver(created(0))
	c.WantStatus("1 done, 0 waiting, 0 failed")
	got := c.contacts()["101"]
	if got["email"] != "first@example.com" || got["tbc_courses"] != "Bread at Home" || len(c.contacts()) != 1 {
		t.Errorf("after %v HubSpot has %v", paths, c.contacts())
	}
}

// A student who was erased meanwhile, or whose event was, is written nowhere.
func TestCRMSync_ErasedStudentsAreLeftAlone(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.Deliver(created(0))
	c.Deliver(recipetest.Event(id(1), "enrollment.created", map[string]any{"id": "enr_1", "erased": true}))
	c.WantStatus("2 done, 0 waiting, 0 failed")
	c.wantContacts(map[string]map[string]string{})
	c.wantRows()
}

// A name is written by whoever signs up. In a spreadsheet it stays a name.
func TestCRMSync_ANameIsNoFormula(t *testing.T) {
	t.Parallel()
	c := newCRM(t)
	c.student("x@example.com", `=HYPERLINK("https://evil.example")`)
	for n := range 2 {
		c.Deliver(created(n))
	}
	c.WantStatus("2 done, 0 waiting, 0 failed")
	c.wantRows(`stu_1,x@example.com,"'=HYPERLINK(""https://evil.example"")",+919820012345,2026;vip,`)
}
