package dashboard

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/thebigclass/api/store"
)

const (
	// maxForm is what a form may send, in bytes: the largest event body, written
	// with three characters a byte, and room for what is around it.
	maxForm = 256 << 10
	// confirmedFor is how long a password counts for what asks for it again.
	confirmedFor = 10 * time.Minute
	// liveHeader marks what a page asks by itself to stay fresh. It is no use of the
	// session: an open tab alone must not keep one from ending.
	liveHeader = "X-Live"
)

// visit is one request of one person, and what its answer will set.
type visit struct {
	request *http.Request
	session store.Session // zero: nobody is signed in
	form    url.Values    // of a POST; empty on a GET
	address string        // of the client, for the audit log and the throttle
	fresh   string        // a new form id for the page that is shown
	cookies []*http.Cookie
}

// arrive reads the request's form and its session.
func (d *Dashboard) arrive(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{request: r, form: url.Values{}, address: d.ClientAddress(r).String()}
	id := make([]byte, 16)
	if _, err := io.ReadFull(d.Rand, id); err != nil {
		return v, err
	}
	v.fresh = base64.RawURLEncoding.EncodeToString(id)
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return v, badForm(err)
		}
		v.form = r.PostForm
	}
	token := d.token(r)
	if token == "" {
		return v, v.legible()
	}
	open := d.Store.Session
	if r.Header.Get(liveHeader) != "" {
		open = d.Store.UnusedSession
	}
	session, err := open(r.Context(), token)
	if errors.Is(err, store.ErrUnauthorized) {
		return v, v.legible()
	}
	v.session = session
	return v, errors.Join(err, v.legible())
}

// workspace is the tenant of the session; nothing else names one.
func (d *Dashboard) workspace(v *visit) *store.Workspace {
	return d.Store.Workspace(v.session.WorkspaceID)
}

// value is a field without the space around it.
func (v *visit) value(name string) string { return strings.TrimSpace(v.form.Get(name)) }

// param is a part of the path.
func (v *visit) param(name string) string { return v.request.PathValue(name) }

// query is a value of the query, or "" where it is absent.
func (v *visit) query(name string) string { return strings.TrimSpace(v.request.URL.Query().Get(name)) }

// may reports whether the person holds the permission.
func (v *visit) may(p permission) bool { return may(v.session.Role, p) }

// entry is a line for the audit log about what this visit did.
func (v *visit) entry(action, targetID string, detail map[string]string) store.AuditEntry {
	return store.AuditEntry{
		Actor: v.session.UserID, Action: action, TargetID: targetID, Detail: detail,
		Address: v.address, UserAgent: v.request.UserAgent(),
	}
}

// effect is what a form that makes something has made. Secret is shown once.
type effect struct {
	TargetID string
	Secret   string
}

// formID names the form that was sent, or is "" if it names none. All forms of a
// page hold one id, so it counts together with the place that the form goes to:
// pressing one button must not make another seem pressed.
func (v *visit) formID() string {
	id := v.value("form")
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(id + "\n" + v.request.URL.Path))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// once runs do in a transaction unless this very form has had its effect: the
// second of two submits finds what the first one made. The secret is kept,
// sealed, for the page that reveals it.
func (d *Dashboard) once(ctx context.Context, v *visit, do func(tx *store.Tx) (effect, error)) (targetID string, err error) {
	form := v.formID()
	err = d.workspace(v).Tx(ctx, func(tx *store.Tx) error {
		made, fresh, err := tx.ClaimForm(ctx, form, v.session.ID)
		if err != nil || !fresh {
			targetID = made
			return err
		}
		did, err := do(tx)
		if err != nil {
			return err
		}
		targetID = did.TargetID
		return tx.FinishForm(ctx, form, did.TargetID, did.Secret)
	})
	return targetID, err
}
