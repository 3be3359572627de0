package store

import (
	"context"
	"fmt"
	"math"
	"reflect"

	"gorm.io/gorm/schema"
)

// Percentages are 0 to 100 in Go and whole hundredths in the database, so that sums of them are exact.
func init() {
	schema.RegisterSerializer("hundredths", hundredthsSerializer{})
}

// percentOf is part of whole in percent, rounded down to hundredths so that only all of it is 100; 0 of nothing.
func percentOf(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part*10_000/whole) / 100
}

func inHundredths(percent float64) int64 { return int64(math.Round(percent * 100)) }

// percent scans an integer column of hundredths into dst.
func percent(dst *float64) percentScanner { return percentScanner{dst} }

type percentScanner struct{ dst *float64 }

// Scan implements sql.Scanner.
func (s percentScanner) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("percent column holds %T, want an integer of hundredths", value)
	}
	*s.dst = float64(n) / 100
	return nil
}

// hundredthsSerializer is what `serializer:hundredths` on a float64 field means to GORM.
type hundredthsSerializer struct{}

// Scan implements schema.SerializerInterface.
func (hundredthsSerializer) Scan(ctx context.Context, field *schema.Field, dst reflect.Value, value any) error {
	target, ok := field.ReflectValueOf(ctx, dst).Addr().Interface().(*float64)
	if !ok {
		return fmt.Errorf("serializer hundredths on field %s of type %s", field.Name, field.FieldType)
	}
	return percent(target).Scan(value)
}

// Value implements schema.SerializerValuerInterface.
func (hundredthsSerializer) Value(_ context.Context, field *schema.Field, _ reflect.Value, value any) (any, error) {
	p, ok := value.(float64)
	if !ok {
		return nil, fmt.Errorf("serializer hundredths on field %s of type %T", field.Name, value)
	}
	return inHundredths(p), nil
}
