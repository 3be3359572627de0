package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// A signedExample is a delivery that the contract has signed with its published secret, for the scripts to verify.
type signedExample struct {
	Secret    string `json:"secret"`
	Timestamp int64  `json:"timestamp" yaml:"timestamp"`
	Body      string `json:"body" yaml:"body"`
	Signature string `json:"signature" yaml:"signature"`
}

// signedExample writes the contract's example of order.paid as JSON into a folder.
func (k *kit) signedExample(folder string) error {
	bundle, err := os.ReadFile(k.contract)
	if err != nil {
		return err
	}
	var contract struct {
		Secret   string `yaml:"x-webhook-test-secret"`
		Webhooks map[string]struct {
			Post struct {
				Signed signedExample `yaml:"x-signed-example"`
			}
		}
	}
	if err := yaml.Unmarshal(bundle, &contract); err != nil {
		return err
	}
	signed := contract.Webhooks["order.paid"].Post.Signed
	if signed.Secret = contract.Secret; signed.Secret == "" || signed.Signature == "" {
		return errors.New("the contract has no x-webhook-test-secret or no x-signed-example of order.paid")
	}
	text, err := json.Marshal(signed)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "signed-example.json"), text, 0o644)
}
