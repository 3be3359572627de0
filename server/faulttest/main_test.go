// Package faulttest kills, stops and cuts off real server processes, and holds
// what clients saw against what is left. Its tests build tbc once.
package faulttest

import (
	"os"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

func TestMain(m *testing.M) {
	os.Exit(processtest.Main(m))
}

type (
	database = processtest.Database
	process  = processtest.Process
)
