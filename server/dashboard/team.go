package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/thebigclass/api/store"
)

// teamRoutes are the pages about the people of the workspace.
var teamRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/team", may: member, serve: (*Dashboard).teamPage},
	{method: http.MethodGet, path: "/dashboard/team/{id}", may: peopleManager, serve: (*Dashboard).memberPage},
	{method: http.MethodPost, path: "/dashboard/team/{id}/role", may: peopleManager, confirm: true, serve: (*Dashboard).changeRole},
	{method: http.MethodPost, path: "/dashboard/team/{id}/remove", may: peopleManager, confirm: true, serve: (*Dashboard).removeMember},
}

// roleChoice is a role that somebody may give, and what it allows.
type roleChoice struct{ Role, Means string }

var roleChoices = []roleChoice{
	{store.Owner, "everything, other owners included"},
	{store.Admin, "keys, webhooks and people, except owners"},
	{store.Developer, "keys and webhooks"},
	{store.Viewer, "looks, and changes nothing"},
}

// gives are the roles that the person may give, and take away: their own and those below.
func (v *visit) gives() []roleChoice {
	own := slices.IndexFunc(roleChoices, func(c roleChoice) bool { return c.Role == v.session.Role })
	if own < 0 || !v.may(peopleManager) {
		return nil
	}
	return roleChoices[own:]
}

// mayGive refuses a role above one's own.
func (v *visit) mayGive(role string) error {
	if slices.ContainsFunc(v.gives(), func(c roleChoice) bool { return c.Role == role }) {
		return nil
	}
	return &store.Invalid{Field: "/role", Issue: "is not yours to give: ask an owner"}
}

// teamData is the page of everybody.
type teamData struct {
	entered
	Members     []store.Member
	Invitations []store.Invitation
	Roles       []roleChoice
}

// teamPage lists who is here and who is invited.
func (d *Dashboard) teamPage(ctx context.Context, v *visit) (answer, error) {
	return d.team(ctx, v, filled(url.Values{"role": {store.Developer}}))
}

func (d *Dashboard) team(ctx context.Context, v *visit, form entered) (answer, error) {
	data := teamData{entered: form, Roles: v.gives()}
	var err error
	if data.Members, err = d.workspace(v).Members(ctx); err != nil {
		return answer{}, err
	}
	if v.may(peopleManager) {
		data.Invitations, err = d.workspace(v).Invitations(ctx)
	}
	return show("team", "Team", data), err
}

// memberData is the page of one person.
type memberData struct {
	entered
	Member store.Member
	Roles  []roleChoice // none where the person is not ours to change
	Self   bool
}

// memberPage is where a role is changed and a person removed.
func (d *Dashboard) memberPage(ctx context.Context, v *visit) (answer, error) {
	return d.member(ctx, v, entered{})
}

func (d *Dashboard) member(ctx context.Context, v *visit, form entered) (answer, error) {
	all, err := d.workspace(v).Members(ctx)
	if err != nil {
		return answer{}, err
	}
	at := slices.IndexFunc(all, func(m store.Member) bool { return m.UserID == v.param("id") })
	if at < 0 {
		return answer{}, store.ErrNotFound
	}
	if form.values == nil {
		form = filled(url.Values{"role": {all[at].Role}})
	}
	data := memberData{entered: form, Member: all[at], Self: all[at].UserID == v.session.UserID}
	if v.mayGive(data.Member.Role) == nil {
		data.Roles = v.gives()
	}
	return show("member", data.Member.Email, data), nil
}

// changeRole gives a member another role. Their sessions end; whoever changes
// their own goes on in a new one.
func (d *Dashboard) changeRole(ctx context.Context, v *visit) (answer, error) {
	id, role := v.param("id"), v.value("role")
	same := false
	_, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		before, err := d.manageable(ctx, v, tx)
		if err != nil {
			return effect{}, err
		}
		if err := v.mayGive(role); err != nil {
			return effect{}, err
		}
		if same = before.Role == role; same {
			return effect{TargetID: id}, nil
		}
		if err := tx.ChangeMemberRole(ctx, id, role); err != nil {
			return effect{}, err
		}
		return effect{TargetID: id}, tx.Audit(ctx, v.entry("member.role_changed", id, map[string]string{"from": before.Role, "to": role}))
	})
	if page, refused, shown := d.memberAgain(ctx, v, err); refused {
		return page, shown
	}
	if err == nil && id == v.session.UserID && !same {
		err = d.moveTo(ctx, v, v.session.WorkspaceID)
	}
	return goTo("/dashboard/team?done=role-changed"), err
}

// removeMember ends a membership. What the person made stays.
func (d *Dashboard) removeMember(ctx context.Context, v *visit) (answer, error) {
	id := v.param("id")
	_, err := d.once(ctx, v, func(tx *store.Tx) (effect, error) {
		before, err := d.manageable(ctx, v, tx)
		if err != nil {
			return effect{}, err
		}
		if err := tx.RemoveMember(ctx, id); err != nil {
			return effect{}, err
		}
		return effect{TargetID: id}, tx.Audit(ctx, v.entry("member.removed", id, map[string]string{"role": before.Role}))
	})
	if page, refused, shown := d.memberAgain(ctx, v, err); refused {
		return page, shown
	}
	return goTo("/dashboard/team?done=member-removed"), err
}

// manageable is the member of the path, as they are now. An admin does not touch
// an owner.
func (d *Dashboard) manageable(ctx context.Context, v *visit, tx *store.Tx) (store.Member, error) {
	found, err := tx.Member(ctx, v.param("id"))
	if err == nil && v.mayGive(found.Role) != nil {
		err = &store.Invalid{Issue: "only an owner may change or remove an owner"}
	}
	return found, err
}

// memberAgain is the page of a change that the rules refuse.
func (d *Dashboard) memberAgain(ctx context.Context, v *visit, err error) (page answer, refused bool, failed error) {
	form := v.entered()
	if !form.take(err, map[string]string{"/role": "role"}) {
		return answer{}, false, nil
	}
	page, failed = d.member(ctx, v, form)
	page.status = http.StatusUnprocessableEntity
	return page, true, failed
}

// withArticle is a role in a sentence.
func withArticle(role string) string {
	if role == store.Owner || role == store.Admin {
		return "an " + role
	}
	return "a " + role
}
