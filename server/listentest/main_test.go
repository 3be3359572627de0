// Package listentest runs the built tbc-receiver listen against a built server,
// with an application that verifies what it is posted.
package listentest

import (
	"os"
	"testing"

	"github.com/thebigclass/api/server/processtest"
)

func TestMain(m *testing.M) {
	os.Exit(processtest.Main(m, "tools/tbc-receiver"))
}
