package samples

import "strings"

const pythonSetup = `import json
import os
from datetime import datetime, timezone

import httpx

tbc = httpx.Client(
    base_url="` + Origin + `/api/v1",
    headers={"Authorization": f"Bearer {os.environ['TBC_KEY']}"},
)`

const pythonSetupNote = "Needs Python 3.9 or later and httpx: pip install httpx. " +
	"A typed client is made of the contract by tools/clients in the repository."

// pythonStream reads the stream line by line. The time between two lines is not limited: the service breaks the silence.
const pythonStream = `with tbc.stream("GET", "/events/stream", timeout=None) as answer:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            print(json.loads(line[len("data: "):]))`

// pythonLiteral is how Python writes what JSON says.
var pythonLiteral = literal{
	member:   func(name, value string) string { return jsonText(name) + ": " + value },
	variable: variable.snake,
	today:    `datetime.now(timezone.utc).strftime("%Y-%m-%dT00:00:00Z")`,
	words:    map[string]string{"true": "True", "false": "False", "null": "None"},
	indent:   "    ",
	trailing: ",",
}

// python writes the calls as statements.
func python(calls []call) (string, error) {
	last := len(calls) - 1
	if calls[last].id == "streamEvents" {
		return pythonStream, nil
	}
	var parts []string
	for i, one := range calls {
		answer := "answer"
		if i < last {
			answer = "old"
			if one.method == "GET" {
				answer = "read"
			}
		}
		code, err := pythonRequest(one, answer+" = tbc."+strings.ToLower(one.method))
		if err != nil {
			return "", err
		}
		parts = append(parts, code+answer+".raise_for_status()\n"+useInPython(one, answer+`.json()["data"]`))
	}
	return strings.Join(parts, "\n\n"), nil
}

// pythonRequest writes the call itself, with what it takes from the path, the query and the body.
func pythonRequest(one call, opening string) (string, error) {
	path := jsonText(one.path)
	if one.target != "" {
		path = "f" + strings.ReplaceAll(path, "{id}", "{"+one.target.snake()+"}")
	}
	opening += "(" + path
	if len(one.query) > 0 {
		query := mapping()
		for _, p := range one.query {
			add(query, p.name, scalarOf(p.value))
		}
		text, err := pythonLiteral.fitted(query, "", len(opening+", params=)"))
		if err != nil {
			return "", err
		}
		opening += ", params=" + text
	}
	if one.body != nil {
		text, err := pythonLiteral.fitted(one.body, "", len(opening+", json=)"))
		if err != nil {
			return "", err
		}
		opening += ", json=" + text
	}
	return opening + ")\n", nil
}

// useInPython does with an answer what the sample in Go does.
func useInPython(one call, data string) string {
	member := ""
	if name := one.member(); name != "" {
		member = `["` + strings.ReplaceAll(name, ".", `"]["`) + `"]`
	}
	switch {
	case one.from == fromLesson:
		return `lesson_id = ` + data + `["modules"][0]["lessons"][0]["id"]`
	case one.from == fromList:
		return "for event in " + data + ":\n    print(event[\"type\"])\n" + one.sets.snake() + " = " + data + `[0]["id"]`
	case one.id == "createWebhookEndpoint" && one.first == "":
		return one.sets.snake() + " = " + data + "[\"id\"]\nprint(" + data + `["secret"])`
	case one.sets != "":
		return one.sets.snake() + " = " + data + `["id"]`
	case one.loop() != "":
		return "for " + one.loop() + " in " + data + ":\n    print(" + one.loop() + member + ")"
	}
	return "print(" + data + member + ")"
}

// pythonProgram writes a script that makes every call of the page in its order. The stream, which does not end, is defined
// and not called.
func (s *Samples) pythonProgram() string {
	program := s.setup(Python) + "\n"
	for _, id := range s.order {
		code := s.code(id, Python)
		if id == "streamEvents" {
			code = "def stream_events() -> None:\n    " + strings.ReplaceAll(code, "\n", "\n    ")
		}
		program += "\n# " + id + "\n" + code + "\n"
	}
	return program
}
