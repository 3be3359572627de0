package dashboard

import (
	"context"
	"net/http"
	"slices"

	"github.com/thebigclass/api/store"
)

const (
	// workspaceField says of which workspace the page of a form was.
	workspaceField = "page_workspace"
	// moveField says that the person wants to go there for it.
	moveField = "_move"
)

// elsewhere is the page of a form that belongs to another workspace than the
// session: the tabs of a browser share one session, and whoever has gone on in
// one must not change a workspace that the other does not show.
type elsewhere struct {
	question
	Here, There string // names; There is "" where the person is no member
}

// stray refuses a form of another workspace, unless its person goes there for it.
func (d *Dashboard) stray(ctx context.Context, v *visit) (page answer, refused bool, err error) {
	of := v.value(workspaceField)
	if of == "" || of == v.session.WorkspaceID {
		return answer{}, false, nil
	}
	mine, err := d.Store.Memberships(ctx, v.session.UserID)
	if err != nil {
		return answer{}, false, err
	}
	asked := elsewhere{question: v.resumed(""), Here: v.session.WorkspaceName}
	if at := slices.IndexFunc(mine, func(m store.Membership) bool { return m.WorkspaceID == of }); at >= 0 {
		if v.form.Has(moveField) {
			return answer{}, false, d.moveTo(ctx, v, of)
		}
		asked.There = mine[at].WorkspaceName
	}
	return answer{status: http.StatusConflict, view: "elsewhere", title: "Another workspace", data: asked}, true, nil
}
