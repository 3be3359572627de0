package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Without a good key nothing can be learnt: not even which paths exist.
func TestUnauthenticated_EveryPathAndMethodIs401(t *testing.T) {
	each(t, func(app *App) {
		stranger := app.As("")
		for _, path := range []string{"", "/", "/courses", "/courses/", "/nothing", "/students/x/y", "/%2e%2e/courses"} {
			for _, method := range []string{"GET", "POST", "OPTIONS", "DELETE", "get", "QUERY"} {
				stranger.Do(method, "/api/v1"+path, "", "Authorization", "-").Want(http.StatusUnauthorized)
			}
		}
	})
}

// One 401 for all, so that a key's state cannot be probed.
func TestUnauthenticated_AllBadKeysGetOneAnswer(t *testing.T) {
	each(t, func(app *App) {
		_, revoked := app.NewKey()
		_, expired := app.expiringKey()
		app.revoke(revoked)
		app.DB.Clock.Advance(60 * 60 * 1e9)
		bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
		flipped := app.Secret[:len(app.Secret)-1] + string('0'+('1'-app.Secret[len(app.Secret)-1])&1)
		if flipped == app.Secret {
			flipped = app.Secret[:len(app.Secret)-1] + "z"
		}
		cases := map[string][]string{
			"no header":      {"Authorization", "-"},
			"empty":          {"Authorization", ""},
			"no scheme":      {"Authorization", app.Secret},
			"basic":          {"Authorization", "Basic " + app.Secret},
			"two spaces":     {"Authorization", "Bearer  " + app.Secret},
			"tab":            {"Authorization", "Bearer\t" + app.Secret},
			"trailing words": {"Authorization", "Bearer " + app.Secret + " x"},
			"short":          bearer("tbc_x"),
			"wrong checksum": bearer(flipped),
			"another prefix": bearer("TBC_" + app.Secret[4:]),
			"unknown":        bearer(unknownToken),
			"revoked":        bearer(revoked),
			"expired":        bearer(expired),
			"very long":      bearer(strings.Repeat("a", 4000)),
			"two headers":    {"Authorization", "Bearer " + app.Secret, "Authorization", "Bearer " + app.Secret},
			"another header": {"Authorization", "-", "X-Api-Key", app.Secret},
			"a cookie":       {"Authorization", "-", "Cookie", "token=" + app.Secret},
		}
		want := string(app.Get("/api/v1/me", "Authorization", "-", "X-Request-Id", "same-for-all").Want(401).Body)
		for name, headers := range cases {
			if got := app.Get("/api/v1/me", append(headers, "X-Request-Id", "same-for-all")...).Want(401); string(got.Body) != want {
				app.Errorf("%s: %s, want %s", name, got.Body, want)
			}
		}
		if got := app.Get("/api/v1/me?access_token="+app.Secret, "Authorization", "-", "X-Request-Id", "same-for-all").Want(401); string(got.Body) != want {
			app.Errorf("key in the query: %s", got.Body)
		}
		app.Get("/api/v1/me", "Authorization", "bEARER "+app.Secret).Want(200)
	})
}

// unknownToken is well formed, checksum included, and nobody's.
const unknownToken = "tbc_0000000000000000000000000000000fx3FH"

func (app *App) expiringKey() (store.Key, string) {
	app.Helper()
	end := app.DB.Clock.Now().Add(60e9)
	return app.DB.NewKey(app.T, app.Workspace, store.NewKey{Scopes: allScopes(), ExpiresAt: &end})
}

func (app *App) revoke(secret string) {
	app.Helper()
	me := decode[gen.MeResponse](app.As(secret).Get("/api/v1/me").Want(200)).Data
	if err := app.Workspace.Tx(app.Context(), func(tx *store.Tx) error { return tx.RevokeKey(app.Context(), me.Key.ID, "test") }); err != nil {
		app.Fatal(err)
	}
}

// methodsOfPaths are the contract's paths, with x for every id, and the methods of each in order.
func methodsOfPaths() map[string][]string {
	allowed := map[string][]string{}
	for _, op := range gen.Operations {
		path := strings.ReplaceAll(op.Path, "{id}", "x")
		allowed[path] = append(allowed[path], op.Method)
	}
	for _, methods := range allowed {
		slices.Sort(methods)
	}
	return allowed
}

// The six codes are a closed set: another method is a 405 with code not_found.
func TestMethods_OthersAre405WithAllow(t *testing.T) {
	each(t, func(app *App) {
		for path, allowed := range methodsOfPaths() {
			want := strings.Join(allowed, ", ")
			for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "get", "Get", "post", "PROPFIND", "QUERY", "X-OWN"} {
				if slices.Contains(allowed, method) {
					continue
				}
				answer := app.Do(method, "/api/v1"+path, "").Want(http.StatusMethodNotAllowed)
				if got := answer.Header.Get("Allow"); got != want {
					app.Errorf("%s %s allows %q, want %q", method, path, got, want)
				}
				if method != "HEAD" {
					answer.WantError(http.StatusMethodNotAllowed, gen.ErrorCodeNotFound)
				}
			}
		}
	})
}

func TestRoutes_UnknownOnesAre404(t *testing.T) {
	each(t, func(app *App) {
		for _, path := range []string{"", "/", "/nothing", "/courses/", "/Courses", "/courses/x/modules/y", "//courses", "/v2", "/me/", "/analytics", "/%2e%2e/courses", "/students/a%2Fb"} {
			app.Get("/api/v1"+path).WantError(404, gen.ErrorCodeNotFound)
		}
	})
}

// An id that does not resolve here tells nothing about where it might: the
// answers are the same bytes but for the request id.
func TestIDs_UnresolvedOnesAreOneAnswer(t *testing.T) {
	each(t, func(app *App) {
		course, student := app.Course(), app.Student()
		other := app.Other()
		foreignCourse, foreignStudent := other.Course(), other.Student()
		odd := []string{
			"x", "crs_", "stu_01HXZK5Q7R9S1T3V5W7X9Y1Z3A", "../me", "a b", "'; DROP TABLE courses; --", "\x00", "crs_\x00", "é" + strings.Repeat("字", 254),
			strings.Repeat("x", 255), "%", "%zz", "*", "null", "\xff\xfe", "{id}", "\u202e", app.Key.ID, app.Workspace.ID(),
		}
		same := func(want *string, answer *Answer) {
			app.Helper()
			answer.WantError(404, gen.ErrorCodeNotFound)
			if *want == "" {
				*want = string(answer.Body)
			}
			if string(answer.Body) != *want {
				app.Errorf("%s answered %s, want %s", answer.asked, answer.Body, *want)
			}
		}
		var body string
		for _, id := range append(odd, foreignCourse.ID, foreignStudent.ID, student.ID, strings.ToLower(course.ID)) {
			same(&body, app.Get("/api/v1/courses/"+url.PathEscape(id), "X-Request-Id", "same-for-all"))
		}
		for _, id := range append(odd, foreignCourse.ID, foreignStudent.ID, course.ID, strings.ToLower(student.ID)) {
			same(&body, app.Get("/api/v1/students/"+url.PathEscape(id), "X-Request-Id", "same-for-all"))
		}
		for _, id := range append(odd, foreignCourse.ID, foreignStudent.ID) {
			if strings.ContainsRune(id, 0) || !utf8.ValidString(id) {
				continue // not text: refused before it is an id
			}
			same(&body, app.Post("/api/v1/enrollments", map[string]any{"studentId": student.ID, "courseId": id}, "X-Request-Id", "same-for-all"))
			same(&body, app.Post("/api/v1/enrollments", map[string]any{"studentId": id, "courseId": course.ID}, "X-Request-Id", "same-for-all"))
		}
	})
}

func TestIDs_OverlongAndNonTextAre422(t *testing.T) {
	each(t, func(app *App) {
		long := strings.Repeat("x", 256)
		app.Get("/api/v1/courses/" + long).WantIssue("id")
		app.Get("/api/v1/students/" + long).WantIssue("id")
		app.Get("/api/v1/orders?studentId=" + long).WantIssue("studentId")
		for _, id := range []any{long, 7, nil, true, []string{"x"}, map[string]any{}} {
			app.Post("/api/v1/enrollments", map[string]any{"studentId": id, "courseId": "crs_x"}).WantIssue("/studentId")
			app.Post("/api/v1/enrollments", map[string]any{"studentId": "stu_x", "courseId": id}).WantIssue("/courseId")
		}
	})
}

// As a filter, an id that does not resolve matches nothing.
func TestFilters_UnresolvedIDsMatchNothing(t *testing.T) {
	each(t, func(app *App) {
		app.Order(app.Course().ID)
		for _, id := range []string{"x", app.Other().Student().ID, strings.Repeat("字", 255), "%25", "stu_%20"} {
			if list := decode[gen.OrderList](app.Get("/api/v1/orders?studentId=" + id).Want(200)); len(list.Data) != 0 || list.Data == nil {
				app.Errorf("studentId=%s lists %d orders", id, len(list.Data))
			}
		}
	})
}

func TestQueries_AreReadStrictly(t *testing.T) {
	each(t, func(app *App) {
		for query, field := range map[string]string{
			"limit=0": "limit", "limit=101": "limit", "limit=": "limit", "limit=1e1": "limit", "limit=+5": "limit", "limit=05": "limit", "limit=99999999999999999999": "limit",
			"limit=5&limit=5": "limit", "limt=5": "limt", "cursor=": "cursor", "cursor=x": "cursor", "cursor=%zz": "cursor", "updatedSince=yesterday": "updatedSince",
			"updatedSince=2026-01-01": "updatedSince", "status=live": "status", "Limit=5": "Limit",
		} {
			app.Get("/api/v1/courses?" + query).WantIssue(field)
		}
		for _, query := range []string{"limit=5;x=1", "=", "&", "%zz=1", "limit=%ff", "a%00b=1", "limit"} {
			app.Get("/api/v1/courses?"+query).WantError(422, gen.ErrorCodeInvalidRequest)
		}
		app.Get("/api/v1/me?x=1").WantIssue("x")
		app.Get("/api/v1/students?email=%00").WantError(422, gen.ErrorCodeInvalidRequest)
		app.Get("/api/v1/orders?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z").WantError(422, gen.ErrorCodeInvalidRequest)
		many := app.Get("/api/v1/courses?limit=0&cursor=&what=1&status=x").WantError(422, gen.ErrorCodeInvalidRequest)
		if many.Details == nil || len(*many.Details) != 4 {
			app.Errorf("four faults are reported as %+v", many.Details)
		}
	})
}

func TestBodies_AreReadStrictly(t *testing.T) {
	each(t, func(app *App) {
		good := `{"email":"a@example.com","displayName":"A"}`
		for name, body := range map[string]string{
			"missing": "", "not JSON": "{", "array": "[]", "null": "null", "text": `"x"`, "second value": good + "{}", "trailing comma": `{"email":"a@example.com","displayName":"A",}`,
			"byte order mark": "\xef\xbb\xbf" + good, "invalid UTF-8": `{"email":"a@example.com","displayName":"` + "\xff" + `"}`, "NUL": `{"email":"a@example.com","displayName":"\u0000"}`,
			"raw NUL": `{"email":"a@example.com","displayName":"` + "\x00" + `"}`, "lone surrogate": `{"email":"a@example.com","displayName":"\ud800"}`,
			"duplicate key": `{"email":"a@example.com","displayName":"A","displayName":"B"}`, "escaped duplicate": `{"email":"a@example.com","displayName":"A","\u0064isplayName":"B"}`,
			"other case": `{"email":"a@example.com","DisplayName":"A"}`, "unknown member": `{"email":"a@example.com","displayName":"A","role":"owner"}`,
			"read-only member": `{"email":"a@example.com","displayName":"A","id":"stu_x"}`, "too deep": `{"email":"a@example.com","displayName":"A","metadata":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 41),
			"two @": `{"email":"a@@example.com","displayName":"A"}`, "empty name": `{"email":"a@example.com","displayName":""}`, "long name": `{"email":"a@example.com","displayName":"` + strings.Repeat("字", 201) + `"}`,
			"phone": `{"email":"a@example.com","displayName":"A","phone":"12"}`,
		} {
			answer := app.Post("/api/v1/students", body, "Content-Type", "application/json")
			if answer.Status != 422 {
				app.Errorf("%s: %d %s", name, answer.Status, answer.Body)
			}
		}
		for _, header := range [][2]string{
			{"Content-Type", "text/plain"}, {"Content-Type", "application/json; charset=utf-16"}, {"Content-Type", "application/merge-patch+json"}, {"Content-Type", "-"},
			{"Content-Encoding", "gzip"}, {"Content-Encoding", "identity"},
		} {
			app.Post("/api/v1/students", good, header[0], header[1]).WantError(422, gen.ErrorCodeInvalidRequest)
		}
		app.Post("/api/v1/students", good, "Content-Type", "application/json; charset=UTF-8").Want(201)
	})
}

func TestBodies_Over256KiBAre422(t *testing.T) {
	each(t, func(app *App) {
		body := func(size int) string {
			start, end := `{"email":"large@example.com","displayName":"A"`, `}`
			return start + strings.Repeat(" ", size-len(start)-len(end)) + end
		}
		app.Post("/api/v1/students", body(gen.MaxBodyBytes)).Want(201)
		app.Post("/api/v1/students", body(gen.MaxBodyBytes+1)).WantIssue("")
		app.Post("/api/v1/students", body(3*gen.MaxBodyBytes)).WantIssue("")
		chunked, err := http.NewRequestWithContext(app.Context(), "POST", app.URL+"/api/v1/students", io.MultiReader(strings.NewReader(body(gen.MaxBodyBytes+1))))
		if err != nil {
			app.Fatal(err)
		}
		chunked.Header = http.Header{"Authorization": {"Bearer " + app.Secret}, "Content-Type": {"application/json"}}
		app.send(chunked).WantIssue("")
	})
}

func TestRequestID_IsKeptIfWellFormed(t *testing.T) {
	each(t, func(app *App) {
		for sent, kept := range map[string]bool{
			"abcdEF-12": true, "12345678": true, strings.Repeat("a", 64): true, "1234567": false, strings.Repeat("a", 65): false, "with space": false, "semi;colon": false, "-": false,
		} {
			answer := app.Get("/api/v1/me", "X-Request-Id", sent).Want(200)
			if got := answer.Header.Get("X-Request-Id"); (got == sent) != kept || len(got) < 8 {
				app.Errorf("sent %q, answered %q", sent, got)
			}
		}
		if two := app.Get("/api/v1/me", "X-Request-Id", "12345678", "X-Request-Id", "87654321").Header.Values("X-Request-Id"); len(two) != 1 || len(two[0]) != 26 {
			app.Errorf("two ids are answered with %q", two)
		}
	})
}

// Clients read header names without regard to case; people read what the page says.
func TestHeaders_AreSpelledAsPublished(t *testing.T) {
	each(t, func(app *App) {
		address, _ := strings.CutPrefix(app.URL, "http://")
		conn, err := net.Dial("tcp", address)
		if err != nil {
			app.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /api/v1/courses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", app.Secret)
		raw, err := io.ReadAll(bufio.NewReader(conn))
		if err != nil {
			app.Fatal(err)
		}
		for _, name := range append(rateHeaders, "X-Request-Id", "ETag", "Cache-Control", "Vary", "Content-Length", "Content-Type") {
			if !strings.Contains(string(raw), "\r\n"+name+": ") {
				app.Errorf("%s is not spelled so in\n%s", name, raw)
			}
		}
	})
}

func TestCursors_ChangedOrForeignOnesAre422(t *testing.T) {
	each(t, func(app *App) {
		for range 3 {
			app.Course()
		}
		first := decode[gen.CourseList](app.Get("/api/v1/courses?limit=2").Want(200))
		if !first.Pagination.HasMore || first.Pagination.NextCursor == nil || first.Pagination.Limit != 2 {
			app.Fatalf("pagination is %+v", first.Pagination)
		}
		cursor := *first.Pagination.NextCursor
		second := decode[gen.CourseList](app.Get("/api/v1/courses?limit=1&cursor=" + cursor).Want(200))
		if len(second.Data) != 1 || second.Pagination.HasMore || second.Pagination.NextCursor != nil {
			app.Errorf("page 2 is %+v", second.Pagination)
		}
		for i := range cursor {
			changed := []byte(cursor)
			changed[i] ^= 1
			app.Get("/api/v1/courses?cursor=" + url.QueryEscape(string(changed))).WantIssue("cursor")
		}
		app.Get("/api/v1/courses?status=draft&cursor=" + cursor).WantIssue("cursor")
		app.Get("/api/v1/courses?updatedSince=2026-01-01T00:00:00Z&cursor=" + cursor).WantIssue("cursor")
		app.Get("/api/v1/students?cursor=" + cursor).WantIssue("cursor")
		other := app.Other()
		other.Get("/api/v1/courses?cursor=" + cursor).WantIssue("cursor")
	})
}
