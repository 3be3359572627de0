package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/internal/cli"
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

func readContract() (contract, error) {
	var c contract
	err := yaml.Unmarshal(openapi.Bundle, &c)
	return c, err
}

const sampleLong = `Prints the contract's example of an event, the whole body as it is sent, on one
line. Without TYPE, prints the types.

With --send it is signed now and posted to a URL instead, to try a receiver
without a server. The signing secret is read from the environment. Its id is
always the same, so a receiver that dedupes takes it once.`

const sampleExamples = `  tbc-receiver sample order.paid | jq .data
  export TBC_WEBHOOK_SECRET=whsec_…
  tbc-receiver sample order.paid --send http://127.0.0.1:3000/hook`

func newSample(c console) *cobra.Command {
	var to, variable string
	cmd := &cobra.Command{
		Use:     "sample [TYPE]",
		Short:   "Print the example of an event, or send it",
		Long:    sampleLong,
		Example: sampleExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return cli.WrongUsage(errors.New("sample takes one type; see --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			published, err := readContract()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				for _, kind := range published.types() {
					fmt.Fprintln(c.out, kind)
				}
				return nil
			}
			event, known := published.Webhooks[args[0]]
			switch {
			case !known:
				return cli.WrongUsage(errors.New("there is no such type; sample without one prints them"))
			case to == "":
				fmt.Fprintln(c.out, event.Post.Signed.Body)
				return nil
			}
			return sendSample(cmd.Context(), c, event.Post.Signed.Body, target{to, c.getenv(variable)})
		},
	}
	cmd.Flags().StringVar(&to, "send", "", "sign the event and post it to this `URL`")
	cmd.Flags().StringVar(&variable, "secret-env", secretVariable, "`variable` that holds the signing secret")
	return cmd
}

func (c contract) types() []string {
	var types []string
	for kind := range c.Webhooks {
		types = append(types, kind)
	}
	slices.Sort(types)
	return types
}

// target is where a sample is posted, and the secret that its receiver knows.
type target struct{ url, secret string }

// sendSample posts an event as a server would, and fails unless the answer is 2xx.
func sendSample(ctx context.Context, c console, body string, to target) error {
	secrets, err := readSecrets(to.secret)
	if err != nil {
		return cli.WrongUsage(err)
	}
	if len(secrets) == 0 {
		return cli.WrongUsage(errors.New("no secret in the environment: see --secret-env"))
	}
	if !isHTTP(to.url) {
		return cli.WrongUsage(errors.New("--send is not an http or https URL"))
	}
	event, err := webhooks.ParseEvent([]byte(body))
	if err != nil {
		return err
	}
	d, err := signedDelivery(event, []byte(body), c.now(), secrets)
	if err != nil {
		return err
	}
	if err := newForwarder(to.url, forwardTimeout).send(ctx, d); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	fmt.Fprintf(c.out, "%s was taken by %s\n", event.Type, strings.TrimSpace(to.url))
	return nil
}
