// Package exporttest runs the built tbc-export against a built server, and holds
// what it writes against what the service answers.
package exporttest

import (
	"os"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

func TestMain(m *testing.M) {
	os.Exit(processtest.Main(m, "tools/tbc-export"))
}
