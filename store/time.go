package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"gorm.io/gorm/schema"
)

// Every time in the database is an integer: microseconds since 1970 in UTC, in both dialects.
// Text would sort and round differently from driver to driver, and parsing it was 7 % of a list's cost.
func init() {
	schema.RegisterSerializer("micros", microsSerializer{})
}

// micros is the stored form of t. Use it for every time that is an argument of hand-written SQL or of a condition.
func micros(t time.Time) int64 { return t.UnixMicro() }

// microsOrNil is the stored form of a time that may be absent.
func microsOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMicro()
}

// fromMicros is the time that an integer of the database stands for, always in UTC.
func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// at scans an integer column into dst.
func at(dst *time.Time) timeScanner { return timeScanner{dst} }

// atOrNil scans a nullable integer column into dst.
func atOrNil(dst **time.Time) nullTimeScanner { return nullTimeScanner{dst} }

type timeScanner struct{ dst *time.Time }

// Scan implements sql.Scanner.
func (s timeScanner) Scan(value any) error {
	us, ok := value.(int64)
	if !ok {
		return fmt.Errorf("time column holds %T, want an integer of microseconds", value)
	}
	*s.dst = fromMicros(us)
	return nil
}

type nullTimeScanner struct{ dst **time.Time }

// Scan implements sql.Scanner.
func (s nullTimeScanner) Scan(value any) error {
	if value == nil {
		*s.dst = nil
		return nil
	}
	var t time.Time
	if err := at(&t).Scan(value); err != nil {
		return err
	}
	*s.dst = &t
	return nil
}

// microsSerializer is what `serializer:micros` on a time.Time or *time.Time field means to GORM.
type microsSerializer struct{}

var errZeroTime = errors.New("a zero time cannot be stored: set it, or make the field a pointer")

// Scan implements schema.SerializerInterface.
func (microsSerializer) Scan(ctx context.Context, field *schema.Field, dst reflect.Value, value any) error {
	target := field.ReflectValueOf(ctx, dst).Addr().Interface()
	switch target := target.(type) {
	case *time.Time:
		return at(target).Scan(value)
	case **time.Time:
		return atOrNil(target).Scan(value)
	}
	return fmt.Errorf("serializer micros on field %s of type %s", field.Name, field.FieldType)
}

// Value implements schema.SerializerValuerInterface. A zero time is refused, since it is always a forgotten one.
func (microsSerializer) Value(_ context.Context, field *schema.Field, _ reflect.Value, value any) (any, error) {
	switch t := value.(type) {
	case time.Time:
		if t.IsZero() {
			return nil, fmt.Errorf("%s: %w", field.Name, errZeroTime)
		}
		return micros(t), nil
	case *time.Time:
		return microsOrNil(t), nil
	}
	return nil, fmt.Errorf("serializer micros on field %s of type %T", field.Name, value)
}
