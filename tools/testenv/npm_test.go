package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only runs that hold tests of the contract's Node tools install them, and then into the folder openapi.
func TestNeedContractTools_OnlyForTheirTests(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATH", "") // npm is nowhere, so that installing fails
	if err := os.Mkdir("openapi", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("openapi", "package-lock.json"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, needed := range map[string]bool{"./...": true, "./tools/...": true, "./tools/contractgates -run Gates": true,
		"./tools/contractsheet": false, "./server/...": false} {
		if err := needContractTools(t.Context(), strings.Fields(args), io.Discard); (err != nil) != needed {
			t.Errorf("%s: error %v", args, err)
		}
	}
}
