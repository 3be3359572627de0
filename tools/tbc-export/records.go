package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// cell is a value of a row.
type cell struct {
	text   string
	kind   kind
	absent bool // null
}

// record is a row of a table.
type record func(t *table, cells []cell) error

// split takes a line of JSON apart into rows of the table and of its lists.
func (t *table) split(line []byte, out record) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber() // an amount must not pass through a float
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return t.splitObject(object, nil, out)
}

func (t *table) splitObject(object map[string]any, outside []cell, out record) error {
	cells := make([]cell, 0, len(t.columns))
	cells = append(cells, outside...)
	for _, c := range t.columns[t.outside:] {
		cells = append(cells, cellOf(reach(object, c.path), c.kind))
	}
	if err := out(t, cells); err != nil {
		return err
	}
	id, _ := object["id"].(string)
	for _, l := range t.lists {
		if err := l.split(reach(object, l.path), cell{text: id}, out); err != nil {
			return err
		}
	}
	return nil
}

func (l list) split(value any, id cell, out record) error {
	if members, ok := value.(map[string]any); ok && l.maps {
		for _, key := range slices.Sorted(maps.Keys(members)) {
			if err := out(l.table, []cell{id, {text: key}, cellOf(members[key], text)}); err != nil {
				return err
			}
		}
		return nil
	}
	elements, ok := value.([]any)
	if !ok && value != nil {
		return errors.New(l.table.name + ": no list")
	}
	for i, element := range elements {
		place := cell{text: strconv.Itoa(i + 1), kind: integer}
		object, isObject := element.(map[string]any)
		var err error
		if isObject {
			err = l.table.splitObject(object, l.outside(id, place), out)
		} else {
			err = out(l.table, []cell{id, place, cellOf(element, text)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// outside are the cells that an element does not have itself.
func (l list) outside(id, place cell) (cells []cell) {
	for _, c := range l.table.columns[:l.table.outside] {
		if c.name == positionColumn {
			cells = append(cells, place)
		} else {
			cells = append(cells, id)
		}
	}
	return cells
}

// reach follows a path into an object; what is not there is null.
func reach(object map[string]any, path []string) any {
	var value any = object
	for _, name := range path {
		inner, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = inner[name]
	}
	return value
}

// cellOf keeps what is no plain value as JSON.
func cellOf(value any, k kind) cell {
	switch v := value.(type) {
	case nil:
		return cell{absent: true, kind: k}
	case string:
		return cell{text: v}
	case bool:
		return cell{text: strconv.FormatBool(v), kind: boolean}
	case json.Number:
		return cell{text: v.String(), kind: k}
	default:
		encoded, err := json.Marshal(v)
		if err != nil {
			return cell{absent: true, kind: k}
		}
		return cell{text: string(encoded)}
	}
}
