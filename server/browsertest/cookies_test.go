package browsertest

import (
	"context"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// cookies are those that the tab holds for the server.
func (p *page) cookies() []*network.Cookie {
	p.Helper()
	return run(p, chromedp.Action[network.GetCookiesResult](func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{p.origin}})
	})).Cookies
}

// forgetCookies is what the end of a session is for the tab.
func (p *page) forgetCookies() {
	p.Helper()
	call(p, network.ClearBrowserCookies, cdp.Empty{})
}

// post sends a form with the cookies of the tab, but not from its page: what scripts and attackers do.
func (p *page) post(path, form string, headers ...string) (status int, location string) {
	p.Helper()
	request, err := http.NewRequestWithContext(p.Context(), http.MethodPost, p.origin+path, strings.NewReader(form))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	for _, cookie := range p.cookies() {
		request.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	response, err := client.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode, response.Header.Get("Location")
}
