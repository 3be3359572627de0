package cli_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/tools/internal/cli"
)

// command is one that asks for the address alone, and prints it.
func command(t *testing.T, environment string, args ...string) (code int, out, errs string) {
	t.Helper()
	var service cli.Service
	var stdout, stderr bytes.Buffer
	cmd := &cobra.Command{Use: "test", RunE: func(cmd *cobra.Command, _ []string) error {
		address, err := service.Address(func(string) string { return environment })
		if err != nil {
			return cli.WrongUsage(err)
		}
		_, err = io.WriteString(cmd.OutOrStdout(), address)
		return err
	}}
	cli.Frame(cmd, &stdout, &stderr)
	service.AddTo(cmd.Flags())
	code = cli.Run(t.Context(), cmd, args)
	return code, stdout.String(), stderr.String()
}

// A key that crosses a network in clear is everybody's.
func TestAddress_PlainHTTPIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://127.0.0.1:8080", "http://127.8.9.1", "http://localhost:8080", "http://LOCALHOST", "http://[::1]:8080",
		"http://[::ffff:127.0.0.1]", "https://example.com", "https://192.0.2.1:8443",
	} {
		if code, out, errs := command(t, "", "--url", address+"/api/v1/"); code != cli.Done || out != address {
			t.Errorf("%s is %q, exit %d: %s", address, out, code, errs)
		}
	}
	for _, address := range []string{
		"http://example.com", "http://192.0.2.1:8080", "http://0.0.0.0:8080", "http://[::]:8080", "http://10.0.0.1", "HTTP://example.com",
		"http://localhost.example.com", "http://127.0.0.1.example.com", "http://2130706433", "http://[2001:db8::1]", "http://tbc",
	} {
		for _, way := range []struct {
			environment string
			args        []string
		}{{"", []string{"--url", address}}, {address, nil}} {
			code, out, errs := command(t, way.environment, way.args...)
			if code != cli.Usage || out != "" || !strings.Contains(errs, "https") || strings.Count(errs, "\n") != 1 {
				t.Errorf("%s: exit %d, %s%s", address, code, out, errs)
			}
		}
	}
}

func TestAddress_IsAnOrigin(t *testing.T) {
	t.Parallel()
	if code, out, _ := command(t, ""); code != cli.Done || out != cli.DefaultURL {
		t.Errorf("without any, the address is %q, exit %d", out, code)
	}
	for _, address := range []string{"example.com", "ftp://example.com", "https://", "https://me:secret@example.com", "https://example.com?key=x", "https://%zz"} {
		if code, out, errs := command(t, "", "--url", address); code != cli.Usage || strings.Contains(out+errs, "secret") {
			t.Errorf("%s: exit %d, %s%s", address, code, out, errs)
		}
	}
}
