package main

import (
	"testing"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// Contract and verifier are written apart and read by people who have only one
// of them: what one shows, the other must accept, and this program must explain.
func TestContract_EverySignedExampleVerifiesAndHasALine(t *testing.T) {
	t.Parallel()
	c, err := readContract()
	if err != nil {
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
