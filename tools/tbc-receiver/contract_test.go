package main

import (
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/webhooks"
)

// contract is the part of the OpenAPI document that concerns a receiver.
type contract struct {
	TestSecret string `yaml:"x-webhook-test-secret"`
	Webhooks   map[string]struct {
		Post struct {
			Signed struct {
				Timestamp int64  `yaml:"timestamp"`
				Body      string `yaml:"body"`
				Signature string `yaml:"signature"`
			} `yaml:"x-signed-example"`
		} `yaml:"post"`
	} `yaml:"webhooks"`
}

// Contract and verifier are written apart and read by people who have only one
// of them: what one shows, the other must accept, and this program must explain.
func TestContract_EverySignedExampleVerifiesAndHasALine(t *testing.T) {
	t.Parallel()
	var c contract
	if err := yaml.Unmarshal(openapi.Bundle, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Webhooks) < 13 {
		t.Errorf("only %d events", len(c.Webhooks))
	}
	for name, event := range c.Webhooks {
		signed := event.Post.Signed
		if err := webhooks.Verify(signed.Signature, []byte(signed.Body), time.Unix(signed.Timestamp, 0), c.TestSecret); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if again, err := webhooks.Sign([]byte(signed.Body), time.Unix(signed.Timestamp, 0), c.TestSecret); err != nil || again != signed.Signature {
			t.Errorf("%s: signed again as %s, %v", name, again, err)
		}
		parsed, err := webhooks.ParseEvent([]byte(signed.Body))
		if err != nil || parsed.Type != name {
			t.Errorf("%s: an event of type %q, %v", name, parsed.Type, err)
		}
		line := about(parsed)
		if line == "" {
			t.Errorf("%s: nothing to say about %s", name, signed.Body)
		}
		t.Logf("%-22s %s", name, line)
	}
}
