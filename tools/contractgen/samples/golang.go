package samples

import (
	"fmt"
	"go/ast"
	"go/format"
	"strings"
)

const goSetup = `tbc, err := client.NewClientWithResponses("` + Origin + `/api/v1",
	client.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
		req.Header.Set("Authorization", "Bearer "+os.Getenv("TBC_KEY"))
		return nil
	}))
if err != nil {
	return err
}`

const goSetupNote = "Package client is github.com/thebigclass/api/gen/client, for Go 1.26 or later. " +
	"These statements and all below stand in a function that has a ctx and returns an error."

// goStream reads the stream line by line: there is no answer that could be decoded as a whole. An event in it is longer
// than a scanner takes by itself if it is as long as events get.
const goStream = `res, err := tbc.StreamEvents(ctx, nil)
if err != nil {
	return err
}
defer res.Body.Close()
if res.StatusCode != http.StatusOK {
	return fmt.Errorf("the stream is refused: %s", res.Status)
}
lines := bufio.NewScanner(res.Body)
lines.Buffer(nil, 128<<10)
for lines.Scan() {
	if event, found := strings.CutPrefix(lines.Text(), "data: "); found {
		fmt.Println(event)
	}
}
if err := lines.Err(); err != nil {
	return err
}`

// goEvents reads what events have in common: the client leaves them as they are, because each type has its own data.
const goEvents = `var %s string
for _, event := range %s {
	var envelope struct{ ID, Type string }
	if err := json.Unmarshal(event, &envelope); err != nil {
		return err
	}
	fmt.Println(envelope.Type)
	%[1]s = envelope.ID
}`

// golang writes the calls as statements of a function.
func (c *goClient) golang(calls []call) (string, error) {
	last := len(calls) - 1
	if calls[last].id == "streamEvents" {
		return goStream, nil
	}
	var lines []string
	for i, one := range calls {
		result := "res"
		if i < last {
			result = "old"
			if one.method == "GET" {
				result = "read"
			}
		}
		code, err := c.statements(one, result)
		if err != nil {
			return "", err
		}
		lines = append(lines, code)
	}
	formatted, err := format.Source([]byte(strings.Join(lines, "\n\n")))
	return string(formatted), err
}

// statements write one call, what is done if it fails, and what is taken from its answer.
func (c *goClient) statements(one call, result string) (string, error) {
	name := strings.ToUpper(one.id[:1]) + one.id[1:]
	method := c.methods[name+"WithResponse"]
	fields, kind := c.answers(name)
	if method == nil || kind == nil {
		return "", fmt.Errorf("the Go client has no %s that answers with JSON", name)
	}
	arguments, err := c.arguments(one, method)
	if err != nil {
		return "", err
	}
	answer := result + "." + fields[0]
	code := result + ", err := tbc." + name + "WithResponse(" + arguments + ")\nif err != nil {\nreturn err\n}\n"
	if len(fields) > 1 { // made, or there already
		answer = "answer"
		code += "answer := cmp.Or(" + result + "." + fields[1] + ", " + result + "." + fields[0] + ")\n"
	}
	code += "if " + answer + " == nil {\nreturn fmt.Errorf(\"%s: %s\", " + result + ".Status(), " + result + ".Body)\n}\n"
	use, err := c.use(one, answer, kind)
	return code + use, err
}

// arguments write what a method takes, in its order.
func (c *goClient) arguments(one call, method *ast.FuncType) (string, error) {
	arguments := []string{"ctx"}
	for _, parameter := range method.Params.List[1:] {
		switch parameter.Names[0].Name {
		case "id":
			arguments = append(arguments, one.target.initialism())
		case "params":
			text, err := c.parameters(one, parameter.Type)
			if err != nil {
				return "", err
			}
			arguments = append(arguments, text)
		case "body":
			value, err := c.body(one, parameter.Type)
			if err != nil {
				return "", err
			}
			arguments = append(arguments, value.text)
		}
	}
	return strings.Join(arguments, ", "), nil
}

// body writes the body; one that may be left out is empty.
func (c *goClient) body(one call, kind ast.Expr) (goValue, error) {
	if one.body == nil {
		_, name := c.resolve(kind)
		return goValue{text: "client." + name + "{}"}, nil
	}
	return c.value(one.body, kind, false)
}

// parameters write the query, which the client wants as a struct.
func (c *goClient) parameters(one call, kind ast.Expr) (string, error) {
	if len(one.query) == 0 {
		return "nil", nil
	}
	query := mapping()
	for _, p := range one.query {
		add(query, p.name, scalarOf(p.value))
	}
	value, err := c.value(query, kind, false)
	return value.text, err
}

// use writes what is done with an answer: an id is kept, a list is walked, of anything else one member is printed.
func (c *goClient) use(one call, answer string, kind ast.Expr) (string, error) {
	data, of, err := c.field(kind, "data")
	if err != nil {
		return "", err
	}
	answer += "." + data
	switch {
	case one.from == fromList:
		return fmt.Sprintf(goEvents, one.sets.initialism(), answer), nil
	case one.from == fromLesson:
		text, err := c.reach(answer, of, "modules.lessons.id")
		return one.sets.initialism() + " := " + text, err
	case one.sets != "":
		code := one.sets.initialism() + " := " + answer + ".ID"
		if one.id == "createWebhookEndpoint" && one.first == "" {
			code += "\nfmt.Println(" + answer + ".Secret)"
		}
		return code, nil
	case one.loop() != "":
		list, ok := of.(*ast.ArrayType)
		if !ok {
			return "", fmt.Errorf("%s does not answer with a list", one.id)
		}
		text, err := c.show(one, one.loop(), list.Elt)
		return "for _, " + one.loop() + " := range " + answer + " {\n" + text + "\n}", err
	}
	return c.show(one, answer, of)
}

// show prints a member of an object, or the JSON of one that the client leaves undecoded.
func (c *goClient) show(one call, answer string, of ast.Expr) (string, error) {
	if one.member() == "" {
		return "fmt.Printf(\"%s\\n\", " + answer + ")", nil
	}
	text, err := c.reach(answer, of, one.member())
	return "fmt.Println(" + text + ")", err
}

// reach writes the way from a value to what is below it; of a list that is the first.
func (c *goClient) reach(text string, of ast.Expr, path string) (string, error) {
	for member := range strings.SplitSeq(path, ".") {
		if list, ok := of.(*ast.ArrayType); ok {
			text, of = text+"[0]", list.Elt
		}
		name, kind, err := c.field(of, member)
		if err != nil {
			return "", err
		}
		if _, pointer := kind.(*ast.StarExpr); pointer {
			return "", fmt.Errorf("%s may be null, and a sample would print its address", member)
		}
		text, of = text+"."+name, kind
	}
	return text, nil
}
