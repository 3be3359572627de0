package main

import (
	"context"
	"maps"
	"slices"
)

const scheduleRandom = "random"

// schedules are what can happen in a run. The directed ones bring about one situation for sure, so that a test can
// show that the ledger finds what goes wrong in it.
var schedules = map[string]func(*run, context.Context) error{
	scheduleRandom: (*run).random,
}

func scheduleNames() []string { return slices.Sorted(maps.Keys(schedules)) }
