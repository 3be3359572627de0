package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// promisedEvents compares the events with the developer page's list, in both directions.
func promisedEvents(c *contract, t *tally) {
	webhooks := c.top().at("webhooks")
	for _, event := range slices.Concat(c.promise.events, c.promise.tests) {
		t.add(webhooks.has(event), word(event), "missing")
	}
	for _, key := range webhooks.keys() {
		kind := c.promise.events
		if webhooks.at(key, "post", "x-not-subscribable").value == true {
			kind = c.promise.tests
		}
		t.add(slices.Contains(kind, key), word(key), "not promised")
	}
}

// eventEnums compares every list of event types that is written down with the webhooks, so that none falls behind:
// each lists all that can be subscribed to, and beside those at most the tests and the asterisk, which means all.
func eventEnums(c *contract, t *tally) {
	schemas := c.top().at("components", "schemas")
	for _, name := range schemas.keys() {
		values := schemas.at(name, "enum").strings()
		if !slices.ContainsFunc(c.promise.events, func(event string) bool { return slices.Contains(values, event) }) {
			continue
		}
		for _, event := range c.promise.events {
			t.add(slices.Contains(values, event), schemas.step(name), event, "missing")
		}
		for _, value := range values {
			known := slices.Concat(c.promise.events, c.promise.tests, []string{"*"})
			t.add(slices.Contains(known, value), schemas.step(name), value)
		}
	}
}

// webhookHeaders asks for the headers that a receiver verifies and logs, each of them required.
func webhookHeaders(c *contract, t *tally) {
	for _, o := range c.webhooks() {
		for _, name := range []string{"X-TBC-Signature", "X-TBC-Event", "X-TBC-Delivery", "X-TBC-Attempt"} {
			t.add(o.header(name).at("required").value == true, o, name)
		}
	}
}

// webhookAnswers asks each webhook to say what ends a delivery and what repeats it, and to warn of repeats.
func webhookAnswers(c *contract, t *tally) {
	for _, o := range c.webhooks() {
		ok := strings.Contains(o.at("responses", "2XX").own("description"), "at least once")
		for _, status := range []string{"2XX", "4XX", "5XX"} {
			ok = ok && o.at("responses", status).described()
		}
		t.add(ok && strings.Contains(o.at("responses", "5XX").own("description"), "1m, 5m, 30m, 2h, 6h and 24h"), o)
	}
}

// webhookSignatures signs the published bytes with the published secret, and asks that the result
// is the published signature and that the bytes say what the example shows.
func webhookSignatures(c *contract, t *tally) {
	secret := c.top().own("x-webhook-test-secret")
	for _, o := range c.webhooks() {
		signed := o.at("x-signed-example")
		timestamp, _ := signed.at("timestamp").value.(json.Number)
		want := sign(secret, timestamp.String(), signed.own("body"))
		t.add(strings.HasPrefix(secret, "whsec_test_") && signed.own("signature") == want, o, "should be", want)
		t.add(o.header("X-TBC-Signature").own("example") == want, o, "header example")
		body, err := jsonschema.UnmarshalJSON(strings.NewReader(signed.own("body")))
		shown := o.at("requestBody", "content", "application/json", "example").value
		t.add(err == nil && reflect.DeepEqual(body, shown), o, "signed body and example differ")
	}
}

// sign makes the header of a delivery: HMAC-SHA256 over "t.body", keyed with the bytes of the whole secret.
func sign(secret, timestamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "." + body))
	return "t=" + timestamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// webhookTypes compares the three places that name an event's type: key, body and header.
func webhookTypes(c *contract, t *tally) {
	for _, o := range c.webhooks() {
		t.add(o.body().at("properties", "type").own("const") == o.path, o, "type")
		t.add(o.header("X-TBC-Event").at("schema").own("const") == o.path, o, "X-TBC-Event")
	}
}
