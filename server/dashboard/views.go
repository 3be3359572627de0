package dashboard

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/thebigclass/api/store"
)

//go:embed views/*.html
var viewFiles embed.FS

// view is a template with the layout around it.
type view struct{ *template.Template }

// parseViews reads every file of views: what is shared begins with an
// underscore, every other file is a page.
func parseViews() map[string]view {
	shared := template.Must(template.New("").Funcs(template.FuncMap{"dict": dict}).ParseFS(viewFiles, "views/_*.html"))
	entries, err := viewFiles.ReadDir("views")
	if err != nil {
		panic("dashboard: its own views: " + err.Error())
	}
	views := map[string]view{}
	for _, entry := range entries {
		name, isPage := strings.CutSuffix(entry.Name(), ".html")
		if !isPage || strings.HasPrefix(name, "_") {
			continue
		}
		page := template.Must(template.Must(shared.Clone()).ParseFS(viewFiles, path.Join("views", entry.Name())))
		views[name] = view{page}
	}
	return views
}

// dict hands a shared template several values: names and values in turn.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values are no pairs", len(pairs))
	}
	values := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		values[name] = pairs[i+1]
	}
	return values, nil
}

// shell is what every template sees as $: the page's own data is $.Data.
type shell struct {
	Title       string
	Session     store.Session
	Rooms       []room
	Room        string // the path of the room that the page belongs to
	Notice      string // what the visit before this one has done
	Form        string // a new id for the forms of this page
	Development bool
	Assets      string // changes with the assets, so that browsers may keep them
	Data        any
	zone        *time.Location
	now         time.Time
}

func (d *Dashboard) render(w io.Writer, v *visit, shown answer) error {
	page, ok := d.views[shown.view]
	if !ok {
		return fmt.Errorf("no view is called %q", shown.view)
	}
	s := &shell{
		Title: shown.title, Session: v.session, Notice: notices[v.request.URL.Query().Get("done")], Form: v.fresh,
		Development: !d.Production, Assets: d.version, Data: shown.data,
		zone: zone(v.session), now: d.Now(),
	}
	for _, r := range rooms {
		if v.session.ID == "" || !v.may(r.may) || r.development && d.Production {
			continue
		}
		s.Rooms = append(s.Rooms, r)
		if inRoom(v.request.URL.Path, r.Path) && len(r.Path) > len(s.Room) {
			s.Room = r.Path
		}
	}
	return page.ExecuteTemplate(w, "layout", s)
}

func inRoom(page, room string) bool { return page == room || strings.HasPrefix(page, room+"/") }

// May reports whether the person holds the permission with this name, so that a
// page shows only the buttons that work.
func (s *shell) May(name string) bool { return may(s.Session.Role, permission(name)) }

// Here reports whether the page belongs to the room.
func (s *shell) Here(path string) bool { return s.Room == path }

// mapKeys are the keys of a form.
func mapKeys(form map[string][]string) func(yield func(string) bool) { return maps.Keys(form) }

// sentence makes a rule of the store ("must not be empty") readable by itself.
func sentence(issue string) string {
	first, size := utf8.DecodeRuneInString(issue)
	if size == 0 {
		return ""
	}
	text := string(unicode.ToUpper(first)) + issue[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
