// Command ts prints all TypeScript samples of the reference as one module, which make samples checks with the types
// that openapi-typescript makes of the contract.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/contractgen/samples"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write reads the client from the repository's root, where make runs.
func write(out io.Writer) error {
	client, err := os.ReadFile("gen/client/client.gen.go")
	if err != nil {
		return err
	}
	all, err := samples.New(openapi.Bundle, client)
	if err != nil {
		return err
	}
	program, err := all.Program(samples.TypeScript)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, program)
	return err
}
