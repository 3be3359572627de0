package dashboard

import (
	"context"
	"net/http"
	"net/url"

	"github.com/thebigclass/api/store"
)

// mailRoutes are the outbox, for a machine without a mail server.
var mailRoutes = []route{
	{method: http.MethodGet, path: "/dashboard/mail", may: peopleManager, serve: (*Dashboard).mailPage},
}

// mailData is one page of the outbox.
type mailData struct {
	Mails []store.Email
	Older string
}

// mailPage shows what would have been sent, newest first: in development only,
// since mails hold links that let people in.
func (d *Dashboard) mailPage(ctx context.Context, v *visit) (answer, error) {
	if d.Production {
		return answer{}, store.ErrNotFound
	}
	page, err := d.workspace(v).Emails(ctx, store.ListOptions{Cursor: v.query("cursor")})
	data := mailData{Mails: page.Items}
	if page.NextCursor != nil {
		data.Older = "/dashboard/mail?" + url.Values{"cursor": {*page.NextCursor}}.Encode()
	}
	return show("mail", "Sent e-mail", data), err
}
