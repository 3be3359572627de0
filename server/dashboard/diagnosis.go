package dashboard

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/thebigclass/api/store"
)

// diagnosis is the first thing that a delivery's page says: what happened, and
// what to do about it.
type diagnosis struct {
	Headline, Advice string
}

// diagnose looks at the newest attempt, whose answer is the one to mend.
func diagnose(page deliveryPage) diagnosis {
	delivery, last := page.Delivery, store.Attempt{}
	if len(page.Attempts) > 0 {
		last = page.Attempts[0].Attempt
	}
	switch {
	case delivery.Status == store.DeliverySucceeded:
		return diagnosis{fmt.Sprintf("Delivered: answered %d in %d ms.", codeOf(last), last.Duration.Milliseconds()), ""}
	case delivery.Status == store.DeliveryCanceled:
		return diagnosis{"Canceled: nothing is sent any more.", canceledAdvice(page)}
	case last.Number == 0:
		return diagnosis{"On its way: no attempt has ended yet.", "If this stays so, the endpoint has many deliveries waiting, or no process with the delivery role is running."}
	case last.Error == nil: // it was delivered before, and is being sent again
		return diagnosis{"Being sent again.", ""}
	}
	headline := "Will be tried again. The last attempt failed: " + *last.Error + "."
	if delivery.Status == store.DeliveryFailed {
		headline = "Failed: " + *last.Error + ". There will be no further attempt by itself."
	}
	return diagnosis{headline, advice(last)}
}

func codeOf(a store.Attempt) int {
	if a.StatusCode == nil {
		return 0
	}
	return *a.StatusCode
}

func canceledAdvice(page deliveryPage) string {
	switch {
	case page.Delivery.Hook.ID == "":
		return "Its endpoint was deleted. What it was sent before stays readable here for 30 days."
	case !page.Sendable:
		return "Its endpoint is disabled. Enable it, and then send all that it has missed since a time."
	}
	return "Its endpoint was disabled at that time, or the person that it is about was erased. You can send it again."
}

// advice says what usually mends an attempt.
func advice(a store.Attempt) string {
	if a.StatusCode == nil {
		return connectionAdvice(*a.Error)
	}
	code := *a.StatusCode
	if text, known := statusAdvice[code]; known {
		return text
	}
	switch {
	case code >= http.StatusInternalServerError:
		return "Your program failed while it handled the event. Look for the time of the attempt in its log; what it answered is below."
	case code >= http.StatusMultipleChoices && code < http.StatusBadRequest:
		return "Your endpoint redirected, which we do not follow: enter the address that it leads to as the endpoint's URL."
	}
	return "Your endpoint refused the request. What it answered is below. Mend it, then send the delivery again."
}

var statusAdvice = map[int]string{
	http.StatusUnauthorized:          "Your endpoint did not take the signature. It has another secret, or it parses the body before it verifies: the signature debugger tells which.",
	http.StatusForbidden:             "Your endpoint, or a firewall before it, refused us. If it is the signature, the debugger tells why.",
	http.StatusNotFound:              "There is nothing at this path of your host. Compare the endpoint's URL with the route of your program.",
	http.StatusMethodNotAllowed:      "Your route does not take POST.",
	http.StatusGone:                  "Your host says that this address is no longer used. Enter the new one, or delete the endpoint.",
	http.StatusRequestTimeout:        "Your endpoint took too long to read the request. Answer first, and work afterwards.",
	http.StatusRequestEntityTooLarge: "Your endpoint limits bodies to less than what was sent. Ours have at most 64 KiB: allow that.",
	http.StatusTooManyRequests:       "Your endpoint asked us to slow down. The next attempt keeps to its Retry-After.",
	http.StatusBadGateway:            "The proxy before your program got no answer from it: is it running?",
	http.StatusServiceUnavailable:    "Your host says that it cannot serve now: is your program running?",
	http.StatusGatewayTimeout:        "The proxy before your program waited too long for it. Answer first, and work afterwards.",
}

// connectionAdvice is for attempts that got no answer. The words are those of the delivery log.
func connectionAdvice(words string) string {
	for beginning, text := range map[string]string{
		"timeout":                  "Your endpoint must begin to answer within 10 seconds, and end within 15. Answer as soon as the signature is verified, and work afterwards.",
		"the host name":            "The host of the endpoint's URL is in no DNS. Is it spelled right, and is its record published?",
		"connection refused":       "Nothing listens at this host and port. Is your program running, and is its port open?",
		"the connection was":       "Your host took the connection and dropped it. Look at its log, and at the proxy before it.",
		"the TLS certificate":      "The certificate has expired, is for another host, or its chain is not complete.",
		"destination is not":       "We do not send to private or special addresses, nor without https.",
		"the signing secret":       "We cannot open the endpoint's signing secret. Replace it on the endpoint's page.",
		"the answer could not be":  "What came back is no HTTP answer. Is the port the right one?",
		"the request could not be": "The request could not be made. Look at the endpoint's URL.",
	} {
		if strings.HasPrefix(words, beginning) {
			return text
		}
	}
	return "No answer came from your endpoint."
}
