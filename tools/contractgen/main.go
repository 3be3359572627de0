// Command contractgen turns the contract into the code that oapi-codegen does not write: strict
// request validators, the table of operations and scopes, the error catalogue, the event types; into
// the contract's OpenAPI 3.0.3 copy; and into the pages of the documentation. The README beside it tells how it works and how to extend it.
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

  contractgen -contract openapi/tbc-v1.yaml -gen gen -oas30 openapi/tbc-v1.oas30.yaml -docs gen/docs -guides server/docs/guides -client gen/client/client.gen.go

-gen receives contract.gen.go, validate.gen.go and runtime*.gen.go of package gen, next to the types
that oapi-codegen writes there, whose fields it puts into the contract's order. A construct that contractgen does not support is an error that names
the file and the line; nothing is written then.
-docs receives the reference and the guides as HTML and Markdown, and llms.txt.

`

// run returns the exit code: 0 done, 1 failed, 2 wrong usage.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("contractgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	var in inputs
	flags.StringVar(&in.contract, "contract", "", "the bundled contract to read")
	flags.StringVar(&in.gen, "gen", "", "the folder of package gen to write to; empty: no code")
	flags.StringVar(&in.oas30, "oas30", "", "the OpenAPI 3.0.3 copy to write; empty: none")
	flags.StringVar(&in.docs, "docs", "", "the folder of the documentation to write; empty: none")
	flags.StringVar(&in.guides, "guides", "", "the folder of the guides in Markdown, with -docs")
	flags.StringVar(&in.client, "client", "", "the generated client in Go, whose calls the samples show, with -docs")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if !in.good() || flags.NArg() > 0 {
		flags.Usage()
		return 2
	}
	if err := generate(in); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// inputs is the command line.
type inputs struct {
	contract, gen, oas30, docs, guides, client string
}

// good reports whether there is something to read and something to write.
func (in inputs) good() bool {
	return in.contract != "" && in.gen+in.oas30+in.docs != "" && (in.docs == "") == (in.guides == "") && (in.docs == "") == (in.client == "")
}

// generate does all the work before it writes the first file, so that an error leaves all as it was.
func generate(in inputs) error {
	c, err := load(in.contract)
	if err != nil {
		return err
	}
	outputs := map[string][]byte{}
	if in.gen != "" {
		if err := generateCode(c, in.gen, outputs); err != nil {
			return err
		}
		if err := orderTypes(c, in.gen, outputs); err != nil {
			return err
		}
	}
	if in.oas30 != "" {
		if outputs[in.oas30], err = oas30Copy(c); err != nil {
			return err
		}
	}
	if in.docs != "" {
		if err := addPages(c, in, outputs); err != nil {
			return err
		}
	}
	return writeFiles(outputs)
}
