package samples

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A variable holds an id. Its name is that of the shell's: COURSE_ID.
type variable string

// The tags of nodes that stand for something else than their value.
const (
	tagVariable = "!variable" // the value is the name of one
	tagToday    = "!today"    // the first moment of this day, UTC
)

// prefixes are the ids that earlier samples make, by what they begin with.
var prefixes = map[string]variable{"crs": "COURSE_ID", "stu": "STUDENT_ID", "les": "LESSON_ID"}

var (
	idPattern       = regexp.MustCompile(`^([a-z]{3})_[0-9A-Z]{26}$`)
	variablePattern = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*_ID$`)
)

// isVariable tells a query's value that is one from one that is meant as it stands.
func isVariable(value string) bool { return variablePattern.MatchString(value) }

// withVariables copies an example. An id in it becomes the variable that holds the id of what the reader has made, and
// `since` becomes today, because the time of an example is longer ago every day.
func withVariables(key string, node *yaml.Node) (*yaml.Node, error) {
	if node == nil {
		return nil, nil
	}
	made := *node
	if found := idPattern.FindStringSubmatch(node.Value); found != nil {
		if made.Tag, made.Value = tagVariable, string(prefixes[found[1]]); made.Value == "" {
			return nil, fmt.Errorf("line %d: no sample before this one makes a %s_…", node.Line, found[1])
		}
	}
	if key == "since" {
		made.Tag = tagToday
	}
	made.Content = nil
	for i, below := range node.Content {
		of := ""
		if node.Kind == yaml.MappingNode && i%2 == 1 {
			of = node.Content[i-1].Value
		}
		one, err := withVariables(of, below)
		if err != nil {
			return nil, err
		}
		made.Content = append(made.Content, one)
	}
	return &made, nil
}

// camel is the variable in the manner of TypeScript: courseId.
func (v variable) camel() string {
	words := strings.Split(strings.ToLower(string(v)), "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// initialism is the variable in the manner of Go: courseID.

func (v variable) initialism() string { return strings.TrimSuffix(v.camel(), "Id") + "ID" }

// snake is the variable in the manner of Python: course_id.
func (v variable) snake() string { return strings.ToLower(string(v)) }
