package server_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// A CRM that syncs learns what changed and what it was; a patch without effect is nobody's news.
func TestUpdateStudent_TellsFormerValuesOfWhatChangedOnly(t *testing.T) {
	each(t, func(app *App) {
		made := app.NewStudent()
		path := "/api/v1/students/" + made.ID
		updated := decode[gen.StudentResponse](app.Patch(path, body{
			"displayName": "Farah", "tags": []string{"vip"}, "metadata": body{"campaign": "monsoon"}, "phone": nil,
		}).Want(200)).Data
		if updated.DisplayName != "Farah" || updated.Metadata["campaign"] != "monsoon" || !updated.UpdatedAt.After(made.UpdatedAt) {
			app.Errorf("the student is %+v", updated)
		}
		app.Patch(path, body{"displayName": "Farah", "tags": []string{"vip"}}).Want(200)
		app.Patch(path, body{}).Want(200)
		app.WantStory("student.created", "student.updated")
		told := app.envelopes()[1]
		want := map[string]any{"displayName": made.DisplayName, "tags": []any{}, "metadata": map[string]any{}}
		if !reflect.DeepEqual(told.Previous, want) {
			app.Errorf("previous_attributes is %v, want %v", told.Previous, want)
		}
	})
}

func TestUpdateStudent_RefusesWhatAPatchCannotDo(t *testing.T) {
	each(t, func(app *App) {
		made, taken := app.NewStudent(), app.NewStudent()
		path := "/api/v1/students/" + made.ID
		app.Patch(path, body{"email": strings.ToUpper(taken.Email)}).WantIssue("/email")
		app.Patch(path, body{"status": "invited"}).WantIssue("/status")
		app.Patch(path, body{"displayName": nil}).WantIssue("/displayName")
		app.Patch(path, body{"sendInvite": true}).Want(422)
		app.WantStory("student.created", "student.created")
	})
}

func TestCreateStudent_InvitationIsMailedOnce(t *testing.T) {
	each(t, func(app *App) {
		for _, status := range []int{201, 200} {
			app.Post("/api/v1/students", body{"email": "meera@example.com", "displayName": "Meera", "sendInvite": true}).Want(status)
		}
		mails, err := app.Workspace.Emails(app.Context(), store.ListOptions{Limit: 10})
		if err != nil || len(mails.Items) != 1 || mails.Items[0].Recipients[0] != "meera@example.com" {
			app.Errorf("the outbox holds %+v (%v)", mails.Items, err)
		}
	})
}

// Whoever asks to be forgotten is in no answer afterwards, in no event, on no page.
func TestDeleteStudent_IsGoneFromEveryGETAndTheFeed(t *testing.T) {
	each(t, func(app *App) {
		course := app.Course()
		app.Post("/api/v1/orders", order(course.ID)).Want(201)
		student := decode[gen.StudentList](app.Get("/api/v1/students?email=farah@example.com").Want(200)).Data[0]
		path := "/api/v1/students/" + student.ID
		app.Patch(path, body{"displayName": "Farah Secretname"}).Want(200)
		certificate := decode[gen.CertificateResponse](app.Post("/api/v1/certificates",
			body{"studentId": student.ID, "courseId": course.ID}).Want(201)).Data
		app.Do(http.MethodDelete, path, "").Want(200)
		app.Do(http.MethodDelete, path, "").WantError(404, gen.ErrorCodeNotFound)
		app.Get(path).WantError(404, gen.ErrorCodeNotFound)
		app.Patch(path, body{"displayName": "x"}).WantError(404, gen.ErrorCodeNotFound)
		app.Get("/verify/" + certificate.ID).Want(404)
		for _, list := range []string{"students", "enrollments", "orders", "certificates", "events"} {
			text := string(app.Get("/api/v1/" + list).Want(200).Body)
			for _, personal := range []string{"farah", "Farah", "Secretname"} {
				if strings.Contains(text, personal) {
					app.Errorf("%s still says %q: %s", list, personal, text)
				}
			}
		}
		story := app.story()
		if story[len(story)-1] != "student.deleted" {
			app.Errorf("the feed ends with %v", story)
		}
		enrollment := decode[gen.EnrollmentList](app.Get("/api/v1/enrollments").Want(200)).Data[0]
		if enrollment.Status != gen.EnrollmentStatusRevoked {
			app.Errorf("the enrollment is %s", enrollment.Status)
		}
	})
}
