package main

import (
	"strings"
	"testing"
)

// ended runs the program to its end with this in the environment.
func ended(tb testing.TB, fromEnvironment string, args ...string) (code int, out, errs string) {
	tb.Helper()
	p := &program{out: newTerminal(), errs: newTerminal()}
	code = run(tb.Context(), args, p.console(fromEnvironment))
	return code, p.out.String(), p.errs.String()
}

// The secret must not reach a screen, a recording of it, or a log, whatever is
// typed wrong.
func TestRun_NeverPrintsTheSecret(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--help"}, {secret}, {"-" + secret}, {"--secret", secret, "--status", "7"},
		{"--secret", secret, "--delay"}, {"--secret", secret, "--addr", "nowhere:none"},
	} {
		code, out, errs := ended(t, secret, args...)
		if strings.Contains(out+errs, secret) {
			t.Errorf("%q printed the secret: %s%s", args, out, errs)
		}
		if want := args[0] == "--help"; (code == exitDone) != want {
			t.Errorf("%q ended with %d", args, code)
		}
	}
}

func TestRun_WrongUsageIsOneLineWithAllFaultsAndExit2(t *testing.T) {
	t.Parallel()
	code, out, errs := ended(t, "", "--status", "99", "--delay", "-1s", "--forward-to", "file:///etc")
	if code != exitUsage || out != "" || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
	for _, fault := range []string{"TBC_WEBHOOK_SECRET", "--status 99", "--delay -1s", "--forward-to"} {
		if !strings.Contains(errs, fault) {
			t.Errorf("no word of %s: %s", fault, errs)
		}
	}
}

func TestRun_FailureIsExit1(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--addr", "127.0.0.1:none"},
		{"--addr", "127.0.0.1:0", "--store", t.TempDir()},
	} {
		if code, _, errs := ended(t, secret, args...); code != exitFailed || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit %d, stderr %q", args, code, errs)
		}
	}
}

// A secret read from a file ends in a line end, and a rotation has two of them.
func TestSplitSecrets_TakesCommasAndWhiteSpaceAway(t *testing.T) {
	t.Parallel()
	got := splitSecrets([]string{" whsec_new,whsec_old\n", "", "whsec_third"})
	if strings.Join(got, "|") != "whsec_new|whsec_old|whsec_third" {
		t.Errorf("%q", got)
	}
}
