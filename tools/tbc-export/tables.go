package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/thebigclass/api/gen/client"
)

// kind is what a column holds.
type kind int

const (
	text kind = iota
	integer
	real
	boolean
)

// column is one of a table.
type column struct {
	name string
	kind kind
	path []string // within the object; none: comes from outside of it
}

// list is an array, or a map of texts, within an object: a table of its own.
type list struct {
	path  []string
	table *table
	maps  bool
}

// table is a resource, or a list within one, as rows and columns. Lists within
// it are tables of their own, joined by its id.
type table struct {
	name    string
	columns []column
	of      string // the column with the id of the object that it is a part of; none: it is a resource
	outside int    // so many columns come first and from outside of its objects: that id, the place in the list
	lists   []list
}

// Columns of lists of plain texts and of maps.
const (
	positionColumn = "position"
	valueColumn    = "value"
	keyColumn      = "key"
)

// feedEvent is an event as rows and columns: its data differ from type to type,
// and so stay JSON.
type feedEvent struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	CreatedAt   time.Time       `json:"created_at"`
	WorkspaceID string          `json:"workspace_id"`
	Data        json.RawMessage `json:"data"`
	Previous    json.RawMessage `json:"previous_attributes"`
}

// shapes are what the rows of a resource look like, by the contract that this
// program was built from. What a newer service adds is in JSON lines alone.
var shapes = map[string]reflect.Type{
	coursesName:      reflect.TypeFor[client.CourseDetail](),
	studentsName:     reflect.TypeFor[client.Student](),
	enrollmentsName:  reflect.TypeFor[client.Enrollment](),
	ordersName:       reflect.TypeFor[client.Order](),
	liveSessionsName: reflect.TypeFor[client.LiveSession](),
	recordingsName:   reflect.TypeFor[client.Recording](),
	certificatesName: reflect.TypeFor[client.Certificate](),
	eventsName:       reflect.TypeFor[feedEvent](),
	deletionsName:    reflect.TypeFor[deletion](),
}

// newTable is the table of a resource.
func newTable(resource string) *table {
	t := &table{name: resource}
	t.add(shapes[resource], nil)
	return t
}

// all are the table and those of its lists, at any depth.
func (t *table) all() []*table {
	tables := []*table{t}
	for _, l := range t.lists {
		tables = append(tables, l.table.all()...)
	}
	return tables
}

// add takes up the members of an object, whose own objects become columns too.
func (t *table) add(shape reflect.Type, path []string) {
	for field := range shape.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if strings.Contains(options, "omitempty") {
			continue // truncated, which only webhooks have
		}
		inner := append(append([]string{}, path...), name)
		of := field.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch {
		case of == reflect.TypeFor[time.Time]() || of == reflect.TypeFor[json.RawMessage]():
			t.columns = append(t.columns, column{columnName(inner), text, inner})
		case of.Kind() == reflect.Struct:
			t.add(of, inner)
		case of.Kind() == reflect.Slice:
			t.lists = append(t.lists, list{path: inner, table: t.inner(inner, of.Elem())})
		case of.Kind() == reflect.Map:
			m := t.outer(inner)
			m.columns = append(m.columns, column{name: keyColumn}, column{name: valueColumn})
			m.outside = len(m.columns)
			t.lists = append(t.lists, list{path: inner, table: m, maps: true})
		default:
			t.columns = append(t.columns, column{columnName(inner), kindOf(of), inner})
		}
	}
}

// inner is the table of an array within this table's objects.
func (t *table) inner(path []string, element reflect.Type) *table {
	i := t.outer(path)
	i.columns = append(i.columns, column{name: positionColumn, kind: integer})
	if element.Kind() != reflect.Struct {
		i.columns = append(i.columns, column{name: valueColumn})
		i.outside = len(i.columns)
		return i
	}
	i.outside = len(i.columns)
	i.add(element, nil)
	// An element may say itself where it belongs and where it stands.
	own := i.columns[i.outside:]
	kept := i.columns[:0:0]
	for n, c := range i.columns {
		if n >= len(i.columns)-len(own) || !has(own, c.name) {
			kept = append(kept, c)
		}
	}
	i.columns, i.outside = kept, len(kept)-len(own)
	return i
}

// outer begins a table with the id of the object that it is a part of.
func (t *table) outer(path []string) *table {
	last := t.name[strings.LastIndex(t.name, "_")+1:]
	of := strings.TrimSuffix(last, "s") + "Id"
	return &table{name: t.name + "_" + snake(columnName(path)), of: of, columns: []column{{name: of}}}
}

func has(columns []column, name string) bool {
	for _, c := range columns {
		if c.name == name {
			return true
		}
	}
	return false
}

func kindOf(t reflect.Type) kind {
	switch t.Kind() {
	case reflect.Bool:
		return boolean
	case reflect.Float32, reflect.Float64:
		return real
	case reflect.Int, reflect.Int32, reflect.Int64:
		return integer
	default:
		return text
	}
}

// columnName is customerEmail for the email of the customer, and paymentId for
// the paymentId of the payment.
func columnName(path []string) string {
	name := path[0]
	for _, next := range path[1:] {
		if strings.HasPrefix(next, name) {
			name = next
		} else {
			name += strings.ToUpper(next[:1]) + next[1:]
		}
	}
	return name
}

func snake(name string) string {
	var out strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
