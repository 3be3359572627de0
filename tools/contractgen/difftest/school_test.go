package difftest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	school "github.com/thebigclass/api/tools/contractgen/testdata/golden/school"
)

// decodePupil runs the validator that was generated for POST /pupils of testdata/school.yaml.
func decodePupil(body string) (any, []school.ErrorDetail) {
	return school.OperationByID("createPupil").Decode(school.Input{
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)})
}

// Nested objects, arrays of objects and maps reach the types of oapi-codegen whole.
func TestGenerated_DecodesNestedBodies(t *testing.T) {
	t.Parallel()
	value, issues := decodePupil(`{"email":"ada@example.com","displayName":"Ada","phone":null,"status":"active","level":"expert","bornOn":"2015-12-10",
		"startsAt":"2026-09-01T08:00:00+02:00","website":"https://example.com","metadata":{"house":"red"},"tags":["a","b"],"scores":[1,2.0],
		"nanny":null,"guardian":{"name":"Annabella","share":0.5,"visits":1e3},"guardians":[{"name":"Byron","share":1}],"sendInvite":true}`)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	var pupil school.PupilCreate
	if err := school.Bind(value, &pupil); err != nil {
		t.Fatal(err)
	}
	if pupil.Email != "ada@example.com" || pupil.Phone != nil || *pupil.Status != school.PupilStatusActive ||
		*pupil.Level != school.PupilCreateLevelExpert || !pupil.BornOn.Equal(time.Date(2015, 12, 10, 0, 0, 0, 0, time.UTC)) ||
		!pupil.StartsAt.Equal(time.Date(2026, 9, 1, 6, 0, 0, 0, time.UTC)) || !reflect.DeepEqual(*pupil.Metadata, map[string]string{"house": "red"}) ||
		!reflect.DeepEqual(*pupil.Tags, []string{"a", "b"}) || !reflect.DeepEqual(*pupil.Scores, []int{1, 2}) ||
		*pupil.Guardian.Visits != 1000 || (*pupil.Guardians)[0].Name != "Byron" || !*pupil.SendInvite {
		t.Errorf("decoded %+v", pupil)
	}
}

func TestGenerated_TellsAllViolationsOfNestedBodies(t *testing.T) {
	t.Parallel()
	_, issues := decodePupil(`{"email":"ada","phone":"123","status":"gone","level":"none","bornOn":5,"website":"/x","metadata":{"":"x"},
		"tags":["a","a"],"scores":[11],"guardian":{"name":"","nick":"x"},"nanny":5,"guardians":[],"Email":"x"}`)
	want := []string{
		"/displayName: is required",
		"/email: must be an e-mail address such as ada@example.com",
		`/phone: must match the pattern ^\+[1-9][0-9]{6,14}$`,
		"/status: must be one of active, inactive",
		"/level: must be one of beginner, expert",
		"/bornOn: must be a string",
		"/website: must be an absolute address such as https://example.com/page",
		"/metadata/: has a name that must not be empty",
		"/tags/1: must not be repeated within its array",
		"/scores/0: must be from 0 to 10",
		"/guardian/share: is required",
		"/guardian/name: must not be empty",
		"/guardian/nick: is not a member of this object",
		"/nanny: must be an object",
		"/guardians: must have at least 1 item",
		"/Email: is not a member of this object",
	}
	var got []string
	for _, issue := range issues {
		got = append(got, issue.Field+": "+issue.Issue)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// decodePatch runs the validator that was generated for PATCH /pupils/{id} of testdata/school.yaml.
func decodePatch(t *testing.T, body string) (patch school.PupilPatch) {
	t.Helper()
	value, issues := school.OperationByID("updatePupil").Decode(school.Input{PathParam: func(string) string { return "pup_1" },
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)})
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	if err := school.Bind(value, &patch); err != nil {
		t.Fatal(err)
	}
	return patch
}

// A merge patch that clears must not be taken for one that leaves alone, nor the other way round.
func TestGenerated_AbsentNullAndValueAreThreeStates(t *testing.T) {
	t.Parallel()
	if patch := decodePatch(t, `{}`); patch != (school.PupilPatch{}) {
		t.Errorf("absent: %+v", patch)
	}
	patch := decodePatch(t, `{"phone":null,"startsAt":null,"places":null,"fee":null,"metadata":null,"tags":null}`)
	if patch.Phone == nil || *patch.Phone != nil || patch.StartsAt == nil || *patch.StartsAt != nil || patch.Places == nil || *patch.Places != nil ||
		patch.Fee == nil || *patch.Fee != nil || patch.Metadata == nil || *patch.Metadata != nil || patch.Tags == nil || *patch.Tags != nil || patch.DisplayName != nil {
		t.Errorf("null: %+v", patch)
	}
	patch = decodePatch(t, `{"phone":"+1","startsAt":"2026-09-01T08:00:00Z","places":2,"fee":5,"metadata":{"house":"red","pet":null},"tags":["a"]}`)
	if metadata := **patch.Metadata; **patch.Phone != "+1" || (*patch.StartsAt).Hour() != 8 || **patch.Places != 2 || **patch.Fee != 5 ||
		*metadata["house"] != "red" || metadata["pet"] != nil || len(metadata) != 2 || (**patch.Tags)[0] != "a" {
		t.Errorf("values: %+v", patch)
	}
}

// A client of the same types must be able to say all three.
func TestGenerated_ThreeStatesSurviveMarshalling(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"phone":null}`, `{"phone":"+1","tags":null}`, `{"metadata":{"pet":null},"tags":[]}`} {
		if raw, err := json.Marshal(decodePatch(t, body)); err != nil || string(raw) != body {
			t.Errorf("%s became %s (%v)", body, raw, err)
		}
	}
}

// A handler must never be handed a body that another operation's validator decoded.
func TestGenerated_BindRefusesAnotherType(t *testing.T) {
	t.Parallel()
	var pupil school.PupilCreate
	for _, validated := range []any{school.Guardian{}, &school.PupilCreate{}} {
		if err := school.Bind(validated, &pupil); err == nil {
			t.Errorf("bound a %T", validated)
		}
	}
	if err := school.Bind(nil, &pupil); !errors.Is(err, io.EOF) {
		t.Errorf("no body: %v, which the generated server takes for a broken one", err)
	}
	if err := school.Bind(school.PupilCreate{}, &school.Guardian{}); err == nil {
		t.Error("bound to another type")
	}
}

func TestGenerated_TablesFollowTheContract(t *testing.T) {
	t.Parallel()
	op := school.OperationFor("GET", "/pupils/:id")
	if op == nil || op != school.OperationFor("GET", "/pupils/{id}") || op.ID != "getPupil" || op.Scope != "" ||
		!op.Deprecation.Sunset.Equal(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("operation %+v", op)
	}
	if school.OperationFor("get", "/pupils") != nil || school.OperationByID("nope") != nil {
		t.Error("found an operation that does not exist")
	}
	envelope := school.NewError(school.ErrorCodeInvalidRequest, "r-1", "").WithDetails([]school.ErrorDetail{{}}).WithRetryAfter(3)
	if envelope.Error.Message != "The request is not valid." || envelope.Error.Code.Status() != 422 || *envelope.Error.RetryAfterSeconds != 3 {
		t.Errorf("envelope %+v", envelope)
	}
	if _, ok := school.Events[0].New().(*school.PupilCreatedEvent); !ok || school.EventPupilCreated != "pupil.created" ||
		!school.Events[0].Subscribable || school.Events[1].Subscribable {
		t.Errorf("events %+v", school.Events)
	}
}
