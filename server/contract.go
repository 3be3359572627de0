package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
)

// contractYAML sends the bundle as it is in the repository.
func contractYAML(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/yaml")
	header.Set(echo.HeaderContentLength, strconv.Itoa(len(openapi.Bundle)))
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(openapi.Bundle)
	return err
}

// contractJSON sends the same document as JSON, its members in the same order.
func contractJSON(c echo.Context) error {
	document, err := bundleJSON()
	if err != nil {
		return err
	}
	return writeBody(c, http.StatusOK, document)
}

// bundleJSON converts the bundle when it is first asked for: few processes ever are.
var bundleJSON = sync.OnceValues(func() ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(openapi.Bundle, &document); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	var out bytes.Buffer
	if err := writeNode(&out, document.Content[0]); err != nil {
		return nil, fmt.Errorf("write the contract as JSON: %w", err)
	}
	return out.Bytes(), nil
})

// writeNode writes a YAML node as JSON. Decoding into maps would lose the order
// of members, in which the contract is meant to be read.
func writeNode(out *bytes.Buffer, node *yaml.Node) error {
	switch node.Kind {
	case yaml.MappingNode:
		return writeMembers(out, node.Content)
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range node.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeNode(out, item); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	case yaml.AliasNode:
		return writeNode(out, node.Alias)
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return err
	}
	if node.Tag == "!!timestamp" {
		value = node.Value // a date in an example is the text that it looks like
	}
	encoded, err := json.Marshal(value)
	out.Write(encoded)
	return err
}

// writeMembers writes keys and values in turn; keys are text whatever they look like (a status, say).
func writeMembers(out *bytes.Buffer, content []*yaml.Node) error {
	out.WriteByte('{')
	for i := 0; i+1 < len(content); i += 2 {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(content[i].Value)
		if err != nil {
			return err
		}
		out.Write(key)
		out.WriteByte(':')
		if err := writeNode(out, content[i+1]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}
