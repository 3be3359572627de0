package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/webhooks"
)

func TestSample_PrintsTheBodyOfEveryType(t *testing.T) {
	t.Parallel()
	code, list, errs := ended(t, "", "sample")
	types := strings.Fields(list)
	if code != cli.Done || len(types) != 14 || errs != "" {
		t.Fatalf("exit %d, types %v, stderr %q", code, types, errs)
	}
	for _, kind := range types {
		code, out, errs := ended(t, "", "sample", kind)
		event, err := webhooks.ParseEvent([]byte(strings.TrimSuffix(out, "\n")))
		if code != cli.Done || err != nil || event.Type != kind || !json.Valid(event.Data) || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: exit %d, %v, %s%s", kind, code, err, out, errs)
		}
	}
}

// What is sent is what a server would send: a receiver verifies it and takes it once.
func TestSample_SendsASignedEvent(t *testing.T) {
	t.Parallel()
	p := start(t)
	for range 2 {
		if code, out, errs := ended(t, secret, "sample", "order.paid", "--send", p.url); code != cli.Done || !strings.Contains(out, "order.paid was taken by") {
			t.Errorf("exit %d, %s%s", code, out, errs)
		}
	}
	if out := p.stop(); strings.Count(out, "order.paid") != 1 {
		t.Errorf("the receiver printed %s", out)
	}
}

func TestSample_FailsWithoutPrintingASecret(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, c := range []struct {
		secret string
		args   []string
		code   int
		errs   string
	}{
		{"whsec_of_another_endpoint", []string{"sample", "order.paid", "--send", p.url}, cli.Failed, "401"},
		{"", []string{"sample", "order.paid", "--send", p.url}, cli.Usage, "--secret-env"},
		{"whsec_of_not_enough", []string{"sample", "order.paid", "--send", p.url}, cli.Usage, "begins with whsec_"},
		{secret, []string{"sample", "order.paid", "--send", "file:///etc"}, cli.Usage, "--send"},
		{secret, []string{"sample", "order.paid", "--send", p.url, "--secret-env", "OTHER"}, cli.Usage, "--secret-env"},
		{secret, []string{"sample", secret}, cli.Usage, "no such type"},
		{secret, []string{"sample", "order.paid", secret}, cli.Usage, "one type"},
		{secret, []string{"sample", "--" + secret}, cli.Usage, "unknown flag"},
		{secret, []string{"help", secret}, cli.Usage, "takes flags"},
	} {
		code, out, errs := ended(t, c.secret, c.args...)
		if code != c.code || !strings.Contains(errs, c.errs) || strings.Contains(out+errs, "whsec_of") {
			t.Errorf("%q: exit %d, %s%s", c.args, code, out, errs)
		}
	}
}
