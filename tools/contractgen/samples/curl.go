package samples

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// extract finds the id in an answer. Answers are one line of JSON, in which an object's id comes first.
var extract = map[source]string{
	fromData:   `s/^{"data":{"id":"\([^"]*\)".*/\1/p`,
	fromList:   `s/^{"data":\[{"id":"\([^"]*\)".*/\1/p`,
	fromLesson: `s/.*"lessons":\[{"id":"\([^"]*\)".*/\1/p`,
}

// curl writes the calls for any shell that knows POSIX. Addresses with $ or ? are quoted: zsh would take ? for a pattern.
func curl(calls []call) (string, error) {
	var lines []string
	for i, one := range calls {
		code, err := curlCall(one, i < len(calls)-1)
		if err != nil {
			return "", err
		}
		lines = append(lines, code)
	}
	return strings.Join(lines, "\n"), nil
}

// curlCall writes one call. That of a step before the last shows no answer, unless it makes something.
func curlCall(one call, before bool) (string, error) {
	command := "curl -sS "
	if one.id == "streamEvents" {
		command = "curl -sSN --max-time 5 "
	}
	if one.method != "GET" && (one.method != "POST" || one.body == nil) {
		command += "-X " + one.method + " "
	}
	parts := []string{command + shellAddress(one), `-H "Authorization: Bearer $TBC_KEY"`}
	if one.body != nil {
		body, err := shellJSON(one.body)
		if err != nil {
			return "", err
		}
		parts = append(parts, `-H "Content-Type: application/json"`, "-d '"+body+"'")
	}
	code := strings.Join(parts, " \\\n  ")
	switch {
	case one.sets != "":
		show := "tee /dev/stderr | "
		if before && one.method == "GET" {
			show = ""
		}
		code = string(one.sets) + "=$(" + code + " |\n  " + show + "sed -n '" + extract[one.from] + "')"
	case one.id == "streamEvents":
		code += " || [ $? = 28 ]"
	}
	return code, nil
}

// shellAddress writes the URL of a call.
func shellAddress(one call) string {
	address := Origin + "/api/v1" + strings.ReplaceAll(one.path, "{id}", "$"+string(one.target))
	separator := "?"
	for _, p := range one.query {
		value := p.value
		if isVariable(value) {
			value = "$" + value
		}
		address += separator + p.name + "=" + value
		separator = "&"
	}
	if strings.ContainsAny(address, "$?") {
		return `"` + address + `"`
	}
	return address
}

// shell writes bodies to stand between single quotes. A variable leaves them for a moment: '"$COURSE_ID"'.
var shell = literal{
	member:   func(name, value string) string { return jsonText(name) + ": " + value },
	variable: func(v variable) string { return `"'"$` + string(v) + `"'"` },
	today:    `"'"$(date -u +%Y-%m-%dT00:00:00Z)"'"`,
}

// shellJSON returns the body, in which the apostrophes are those of variables alone.
func shellJSON(body *yaml.Node) (string, error) {
	text, err := shell.write(body, "  ")
	if err == nil && strings.Contains(strings.ReplaceAll(text, `"'"`, ""), "'") {
		return "", errors.New("the example has an apostrophe, which would end the text for the shell")
	}
	return text, err
}
