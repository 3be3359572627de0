package samples

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

const typeScriptSetup = `import createClient from "openapi-fetch";
import type { paths } from "./tbc-v1.d.ts";

const tbc = createClient<paths>({
  baseUrl: "` + Origin + `/api/v1",
  headers: { Authorization: ` + "`Bearer ${process.env.TBC_KEY}`" + ` },
});`

const typeScriptSetupNote = "The types come from the contract: npm install openapi-fetch openapi-typescript typescript@5, then " +
	"npx openapi-typescript " + Origin + "/openapi.yaml -o tbc-v1.d.ts."

// typeScriptStream reads the stream line by line: there is no answer that could be decoded as a whole.
const typeScriptStream = `const { data, error } = await tbc.GET("/events/stream", { parseAs: "stream" });
if (error) throw new Error(error.error.message);
let rest = "";
for await (const text of data!.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith("data: ")) console.log(JSON.parse(line.slice("data: ".length)));
  }
}`

// scriptLiteral is how TypeScript writes what JSON says.
var scriptLiteral = literal{
	member: func(name, value string) string {
		if name == value {
			return name
		}
		return name + ": " + value
	},
	variable: variable.camel,
	today:    "new Date().toISOString().slice(0, 10) + \"T00:00:00Z\"",
	padding:  " ",
	trailing: ",",
}

// typeScript writes the calls as statements of a module.
func typeScript(calls []call) (string, error) {
	last := len(calls) - 1
	if calls[last].id == "streamEvents" {
		return typeScriptStream, nil
	}
	var parts []string
	for i, one := range calls {
		result, data, failure := "const { data, error }", "data", "error"
		if i < last {
			result, data, failure = "const old", "old.data", "old.error"
			if one.method == "GET" {
				result, data, failure = "const read", "read.data", "read.error"
			}
		}
		code, err := request(one, result+" = await tbc."+one.method)
		if err != nil {
			return "", err
		}
		code += "if (" + failure + ") throw new Error(" + failure + ".error.message);\n" + useInTypeScript(one, data+".data")
		parts = append(parts, code)
	}
	return strings.Join(parts, "\n\n"), nil
}

// request writes the call itself, with what it takes from the path, the query and the body.
func request(one call, opening string) (string, error) {
	opening += "(" + jsonText(one.path)
	options, parameters := mapping(), mapping()
	if one.target != "" {
		add(parameters, "path", add(mapping(), "id", scalarOf(string(one.target))))
	}
	if len(one.query) > 0 {
		query := mapping()
		for _, p := range one.query {
			add(query, p.name, scalarOf(p.value))
		}
		add(parameters, "query", query)
	}
	if len(parameters.Content) > 0 {
		add(options, "params", parameters)
	}
	if one.body != nil {
		add(options, "body", one.body)
	}
	if len(options.Content) == 0 {
		return opening + ");\n", nil
	}
	text, err := scriptLiteral.fitted(options, "", len(opening+", );"))
	return opening + ", " + text + ");\n", err
}

// useInTypeScript does with an answer what the sample in Go does.
func useInTypeScript(one call, data string) string {
	member := one.member()
	if member != "" {
		member = "." + member
	}
	switch {
	case one.from == fromLesson:
		return "const lessonId = " + data + ".modules[0].lessons[0].id;"
	case one.from == fromList:
		return "for (const event of " + data + ") console.log(event.type);\n" +
			"const " + one.sets.camel() + " = " + data + "[0].id;"
	case one.id == "createWebhookEndpoint" && one.first == "":
		return "const " + one.sets.camel() + " = " + data + ".id;\nconsole.log(" + data + ".secret);"
	case one.sets != "":
		return "const " + one.sets.camel() + " = " + data + ".id;"
	case one.loop() != "":
		return "for (const " + one.loop() + " of " + data + ") console.log(" + one.loop() + member + ");"
	}
	return "console.log(" + data + member + ");"
}

// mapping is an object without members yet.
func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// add puts a member at the end of an object, and returns the object.
func add(to *yaml.Node, name string, value *yaml.Node) *yaml.Node {
	to.Content = append(to.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
	return to
}

// scalarOf is a value of a path or a query: a variable, a number or a text.
func scalarOf(value string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
	if isVariable(value) {
		node.Tag = tagVariable
	}
	return node
}
