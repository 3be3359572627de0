package samples

import (
	"fmt"
	"regexp"
	"strings"
)

// Program puts all samples of TypeScript, Go or Python into one program that makes every call of the page in its order, so
// that compiling it, and running it, checks them all. Each sample is a function that knows the ids of those before it.
func (s *Samples) Program(language string) (string, error) {
	variables, err := s.variables()
	if err != nil {
		return "", err
	}
	switch language {
	case Go:
		return s.goProgram(variables), nil
	case TypeScript:
		return s.typeScriptProgram(variables), nil
	case Python:
		return s.pythonProgram(), nil
	}
	return "", fmt.Errorf("there is no program in %s", language)
}

// variables lists all that a sample sets, in the order of the page.
func (s *Samples) variables() ([]variable, error) {
	var list []variable
	for _, op := range s.contract.operations {
		calls, err := s.contract.calls(op)
		if err != nil {
			return nil, err
		}
		for _, one := range calls {
			if one.sets != "" {
				list = append(list, one.sets)
			}
		}
	}
	return list, nil
}

// code returns the sample of an operation in a language.
func (s *Samples) code(id, language string) string {
	for _, sample := range s.byID[id] {
		if sample.Language == language {
			return sample.Code
		}
	}
	return ""
}

// setup returns what comes before all samples of a language.
func (s *Samples) setup(language string) string {
	for _, sample := range s.Setup() {
		if sample.Language == language {
			return sample.Code
		}
	}
	return ""
}

// mentions tells whether code uses a name.
func mentions(code, name string) bool {
	return regexp.MustCompile(`\b` + name + `\b`).MatchString(code)
}

// function puts a sample between what it takes from earlier ones and what later ones take from it.
func function(code string, names []string, declare string) string {
	var before, after string
	for _, name := range names {
		switch {
		case regexp.MustCompile(`(const|var) ` + name + `\b|` + name + ` := `).MatchString(code):
			after += "\nmade." + name + " = " + name
		case mentions(code, name):
			before += fmt.Sprintf(declare, name) + "\n"
		}
	}
	return before + code + after
}

// goPackages are those that samples in Go may use.
var goPackages = []string{"bufio", "cmp", "context", "encoding/json", "fmt", "net/http", "os", "strings", "time"}

const goMain = `
var calls = []struct {
	operation string
	do        func(context.Context, *client.ClientWithResponses) error
}{
%[1]s}

var made struct{ %[2]s string }

func run(ctx context.Context) error {
	%[3]s
	for _, call := range calls {
		within, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := call.do(within, tbc)
		cancel()
		if err != nil && (call.operation != "streamEvents" || within.Err() == nil) {
			return fmt.Errorf("%%s: %%w", call.operation, err)
		}
	}
	return nil
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
%[4]s`

// goProgram writes package main. The stream, which does not end, ends by the time that every call has.
func (s *Samples) goProgram(variables []variable) string {
	var names []string
	for _, v := range variables {
		names = append(names, v.initialism())
	}
	var table, functions strings.Builder
	for _, id := range s.order {
		fmt.Fprintf(&table, "{%q, %s},\n", id, id)
		fmt.Fprintf(&functions, "\nfunc %s(ctx context.Context, tbc *client.ClientWithResponses) error {\n%s\nreturn nil\n}\n",
			id, function(s.code(id, Go), names, "%[1]s := made.%[1]s"))
	}
	body := fmt.Sprintf(goMain, table.String(), strings.Join(names, ", "), s.setup(Go), functions.String())
	imports := ""
	for _, path := range goPackages {
		if mentions(body, path[strings.LastIndex(path, "/")+1:]+`\.`) {
			imports += fmt.Sprintf("%q\n", path)
		}
	}
	return "package main\n\nimport (\n" + imports + "\n\"github.com/thebigclass/api/gen/client\"\n)\n" + body
}

// typeScriptProgram writes a module. The stream, which does not end, is left out of what it runs.
func (s *Samples) typeScriptProgram(variables []variable) string {
	var names []string
	for _, v := range variables {
		names = append(names, v.camel())
	}
	program := s.setup(TypeScript) + "\n\nconst made = { " + strings.Join(names, `: "", `) + ": \"\" };\n"
	var run string
	for _, id := range s.order {
		program += "\nexport async function " + id + "() {\n" +
			function(s.code(id, TypeScript), names, "const { %s } = made;") + "\n}\n"
		if id != "streamEvents" {
			run += "await " + id + "();\n"
		}
	}
	return program + "\n" + run
}
