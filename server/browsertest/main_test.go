// Package browsertest looks at pages of the built server as people do: in a
// browser. Its tests share one headless Chromium and have a tab with cookies of
// its own each.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/thebigclass/api/server/processtest"
	"github.com/thebigclass/api/tools/testenv/chromium"
)

// browser is what tabs are opened in.
var browser context.Context

func TestMain(m *testing.M) {
	os.Exit(withBrowser(m))
}

// withBrowser starts Chromium with a profile that nobody has used. A machine without one fails the tests: what they
// prove is not proven elsewhere.
func withBrowser(m *testing.M) int {
	program, err := chromium.Find()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	options := append([]chromedp.ExecAllocatorOption{chromedp.ExecPath(program)}, flags...)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	defer end()
	var stop context.CancelFunc
	browser, stop = chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(browser); err != nil {
		fmt.Fprintf(os.Stderr, "start %s: %v\n", program, err)
		return 1
	}
	return processtest.Main(m, "tools/tbc-receiver")
}

// flags are for a browser that talks to nobody by itself, resolves no name, paints tabs that are not in front as if
// they were, and looks the same everywhere.
var flags = []chromedp.ExecAllocatorOption{
	chromedp.Flag("headless", "new"),
	chromedp.NoSandbox, // as root it has none
	chromedp.DisableGPU,
	chromedp.NoFirstRun,
	chromedp.NoDefaultBrowserCheck,
	chromedp.Flag("disable-quic", true),
	chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-component-update", true),
	chromedp.Flag("disable-sync", true),
	chromedp.Flag("disable-default-apps", true),
	chromedp.Flag("disable-extensions", true),
	chromedp.Flag("disable-dev-shm-usage", true),
	chromedp.Flag("disable-features", "Translate,PasswordManagerOnboarding,AutofillServerCommunication"),
	chromedp.Flag("disable-background-timer-throttling", true),
	chromedp.Flag("disable-backgrounding-occluded-windows", true),
	chromedp.Flag("disable-renderer-backgrounding", true),
	chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	chromedp.Flag("force-color-profile", "srgb"),
	chromedp.Flag("hide-scrollbars", true),
	chromedp.Flag("lang", "en-GB"),
	chromedp.Flag("password-store", "basic"),
	chromedp.Env("TZ=UTC"),
	chromedp.WindowSize(1200, 800),
}
