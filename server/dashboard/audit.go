package dashboard

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/thebigclass/api/store"
)

// auditRoutes are the page about what was done.
var auditRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/audit", may: auditor, serve: (*Dashboard).auditPage},
}

// auditPageSize is how many lines a page has.
const auditPageSize = 50

// actions are what the log may tell, in words. An action that is not here is shown as it is.
var actions = map[string]string{
	"invitation.created":                  "Invited somebody",
	"invitation.withdrawn":                "Took an invitation back",
	"key.created":                         "Made an API key",
	"key.replaced":                        "Replaced an API key",
	"key.revoked":                         "Revoked an API key",
	"member.joined":                       "Accepted an invitation",
	"member.removed":                      "Removed a member",
	"member.role_changed":                 "Changed a role",
	"password.changed":                    "Changed their password",
	"password.reset":                      "Set a new password by a mailed link",
	"password.reset_requested":            "A link for a new password was mailed",
	"password.set":                        "Set a person's password",
	"session.all_ended":                   "Signed out everywhere",
	"session.ended":                       "Signed out",
	"session.refused":                     "A wrong password was tried",
	"session.started":                     "Signed in",
	"webhook_delivery.redelivered":        "Sent a delivery again",
	"webhook_endpoint.changed":            "Changed a webhook endpoint",
	"webhook_endpoint.created":            "Made a webhook endpoint",
	"webhook_endpoint.deleted":            "Deleted a webhook endpoint",
	"webhook_endpoint.disabled":           "Disabled a webhook endpoint",
	"webhook_endpoint.enabled":            "Enabled a webhook endpoint",
	"webhook_endpoint.old_secret_revoked": "Ended the old secret of a webhook endpoint",
	"webhook_endpoint.secret_rotated":     "Rotated the secret of a webhook endpoint",
	"webhook_endpoint.tested":             "Sent a test event",
	"webhook_recovery.started":            "Sent again what an endpoint had missed",
}

// auditData is one page of the log.
type auditData struct {
	Lines   []auditLine
	People  []store.Member
	Others  []otherActor // who is no person
	Actions []actionChoice
	Actor   string // that is filtered by
	Action  string
	On      string // what the lines are about, where that is filtered by
	Older   string // where the next page is, "" on the last one
	Later   bool   // whether this is not the first page
}

// otherActor is who can be filtered by and is no person.
type otherActor struct{ Actor, Words string }

// others are those of every workspace, and the one that is filtered by where it is none of the people.
func (data *auditData) others() {
	data.Others = []otherActor{{store.CommandLine, "The command line"}, {store.System, "The service"}}
	known := slices.ContainsFunc(data.People, func(m store.Member) bool { return m.UserID == data.Actor }) ||
		slices.ContainsFunc(data.Others, func(o otherActor) bool { return o.Actor == data.Actor })
	if data.Actor == "" || known {
		return
	}
	words := data.Actor
	if len(data.Lines) > 0 {
		words = data.Lines[0].Who
	}
	data.Others = append(data.Others, otherActor{data.Actor, words})
}

type actionChoice struct{ Action, Words string }

// auditLine is a line in words.
type auditLine struct {
	store.AuditLine
	Who, What, On string
	Key           string // the page of the key that did it, or ""
	More          []field
}

// auditPage shows the log, newest first, all of it or of one person or action,
// or about one thing.
func (d *Dashboard) auditPage(ctx context.Context, v *visit) (answer, error) {
	data := auditData{Actor: v.query("actor"), Action: v.query("action"), On: v.query("on"), Later: v.query("cursor") != ""}
	page, err := d.workspace(v).AuditLog(ctx, store.AuditQuery{
		ListOptions: store.ListOptions{Limit: auditPageSize, Cursor: v.query("cursor")}, Actor: data.Actor, Action: data.Action, TargetID: data.On,
	})
	if err != nil {
		return answer{}, err
	}
	if data.People, err = d.workspace(v).Members(ctx); err != nil {
		return answer{}, err
	}
	names := map[string]string{}
	for _, person := range data.People {
		names[person.UserID] = person.Email
	}
	for _, line := range page.Items {
		data.Lines = append(data.Lines, inWords(line, names))
	}
	data.others()
	for _, action := range slices.Sorted(maps.Keys(actions)) {
		data.Actions = append(data.Actions, actionChoice{action, actions[action]})
	}
	if page.NextCursor != nil {
		data.Older = "/dashboard/audit?" + url.Values{
			"actor": {data.Actor}, "action": {data.Action}, "on": {data.On}, "cursor": {*page.NextCursor},
		}.Encode()
	}
	return show("audit", "Audit log", data), nil
}

func inWords(line store.AuditLine, names map[string]string) auditLine {
	told := auditLine{AuditLine: line, Who: line.Email, What: actions[line.Action], On: line.TargetID}
	if told.What == "" {
		told.What = line.Action
	}
	switch {
	case told.Who != "":
	case line.Actor == store.System && line.Address != "":
		told.Who = "Somebody"
	case line.Actor == store.System:
		told.Who = "The service"
	case line.Actor == store.CommandLine:
		told.Who = "The command line"
	case line.KeyName != "":
		told.Who, told.Key = line.KeyName+" ("+line.KeyHint+"…)", keyPath(line.Actor, "")
	default:
		told.Who = line.Actor
	}
	if email := names[line.TargetID]; email != "" {
		told.On = email
	}
	for _, name := range slices.Sorted(maps.Keys(line.Detail)) {
		told.More = append(told.More, field{strings.ReplaceAll(name, "_", " "), line.Detail[name]})
	}
	return told
}
