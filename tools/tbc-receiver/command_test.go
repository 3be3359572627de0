package main

import (
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/internal/cli"
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
		if want := args[0] == "--help"; (code == cli.Done) != want {
			t.Errorf("%q ended with %d", args, code)
		}
	}
}

func TestRun_WrongUsageIsOneLineWithAllFaultsAndExit2(t *testing.T) {
	t.Parallel()
	code, out, errs := ended(t, "", "--status", "99", "--delay", "-1s", "--forward-to", "file:///etc")
	if code != cli.Usage || out != "" || strings.Count(errs, "\n") != 1 {
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
		if code, _, errs := ended(t, secret, args...); code != cli.Failed || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit %d, stderr %q", args, code, errs)
		}
	}
}

// A secret read from a file ends in a line end, and a rotation has two of them.
func TestReadSecrets_TakesCommasAndWhiteSpaceAway(t *testing.T) {
	t.Parallel()
	const one, two, three = "whsec_of_the_new_test", "whsec_of_the_old_test", "whsec_of_another_test"
	got, err := readSecrets(" "+one+","+two+"\n", "", three)
	if err != nil || strings.Join(got, "|") != one+"|"+two+"|"+three {
		t.Errorf("%q, %v", got, err)
	}
}

// With half a secret, or another service's, every delivery would be refused and nobody told why.
func TestRun_RefusesWhatIsNoSecretWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, none := range []string{
		secret[len(secretPrefix):], secretPrefix + "too_short", "WHSEC_" + secret, secret + " of two words", secretPrefix + strings.Repeat("x", 300), secret + ",half",
	} {
		for _, args := range [][]string{{}, {"listen", "--forward-to", "http://127.0.0.1:1"}, {"sample", "order.paid", "--send", "http://127.0.0.1:1"}} {
			code, out, errs := ended(t, none, args...)
			if code != cli.Usage || !strings.Contains(errs, "a signing secret begins with whsec_ and has 20 to 200 characters") || strings.Contains(out+errs, none) {
				t.Errorf("%q: exit %d, %s%s", args, code, out, errs)
			}
		}
		if code, _, errs := ended(t, secret, "--secret", none); code != cli.Usage || strings.Contains(errs, none) {
			t.Errorf("--secret: exit %d, %s", code, errs)
		}
	}
}
