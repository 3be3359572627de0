package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/thebigclass/api/gen"
)

// Anybody may check a certificate, and learns no more than is printed on it.
func TestVerify_ShowsNameCourseAndDateToAnybody(t *testing.T) {
	each(t, func(app *App) {
		made := app.NewStudent() // its name holds markup
		course := app.Course()
		certificate := decode[gen.CertificateResponse](app.Post("/api/v1/certificates",
			body{"studentId": made.ID, "courseId": course.ID, "grade": "Distinction"}).Want(201)).Data
		app.Get("/api/v1/certificates/" + certificate.ID).Want(200)
		app.Get("/api/v1/certificates").Want(200)
		app.Post("/api/v1/certificates", body{"studentId": made.ID, "courseId": app.Draft().ID}).WantIssue("/courseId")
		app.WantStory("student.created", "certificate.issued")

		page := app.Do(http.MethodGet, "/verify/"+certificate.ID, "", "Authorization", "-").Want(200)
		text := string(page.Body)
		if !strings.Contains(text, "Zoë &lt;b&gt;") || !strings.Contains(text, course.Title) || strings.Contains(text, made.Email) || strings.Contains(text, "<script") {
			app.Errorf("the page says %s", text)
		}
		missing := app.Do(http.MethodGet, "/verify/crt_unknown", "", "Authorization", "-").Want(404)
		for _, answer := range []*Answer{page, missing} {
			if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
				app.Errorf("the policy is %q", policy)
			}
			if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get(gen.HeaderRateLimitLimit) != "" ||
				answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("Referrer-Policy") != "no-referrer" {
				app.Errorf("the headers are %v", answer.Header)
			}
		}
	})
}
