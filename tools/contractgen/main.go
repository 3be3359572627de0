// Command contractgen turns the contract into the code that oapi-codegen does not write: strict
// request validators, the table of operations and scopes, the error catalogue, the event types, and
// the contract's OpenAPI 3.0.3 copy. The README beside it tells how it works and how to extend it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// usage is what --help prints before the flags.
const usage = `contractgen reads a bundled OpenAPI 3.1 contract and writes Go code and its 3.0.3 copy.

  contractgen -contract openapi/tbc-v1.yaml -gen gen -oas30 openapi/tbc-v1.oas30.yaml

-gen receives contract.gen.go, validate.gen.go and runtime*.gen.go of package gen, next to the types
that oapi-codegen writes there, whose fields it puts into the contract's order. A construct that contractgen does not support is an error that names
the file and the line; nothing is written then.

`

// run returns the exit code: 0 done, 1 failed, 2 wrong usage.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("contractgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	file := flags.String("contract", "", "the bundled contract to read")
	genDir := flags.String("gen", "", "the folder of package gen to write to; empty: no code")
	oas30 := flags.String("oas30", "", "the OpenAPI 3.0.3 copy to write; empty: none")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if *file == "" || *genDir == "" && *oas30 == "" || flags.NArg() > 0 {
		flags.Usage()
		return 2
	}
	if err := generate(*file, *genDir, *oas30); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// generate does all the work before it writes the first file, so that an error leaves all as it was.
func generate(file, genDir, oas30File string) error {
	c, err := load(file)
	if err != nil {
		return err
	}
	outputs := map[string][]byte{}
	if genDir != "" {
		if err := generateCode(c, genDir, outputs); err != nil {
			return err
		}
		if err := orderTypes(c, genDir, outputs); err != nil {
			return err
		}
	}
	if oas30File != "" {
		if outputs[oas30File], err = oas30Copy(c); err != nil {
			return err
		}
	}
	return writeFiles(outputs)
}
