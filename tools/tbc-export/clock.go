package main

import (
	"context"
	"time"
)

// clock is the time of this machine, and waiting.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}
