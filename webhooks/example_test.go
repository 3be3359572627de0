package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// The usual receiver: a handler on a path of one's own. In a program, the secret
// comes from the environment and Now is time.Now.
func Example() {
	now := time.Date(2026, 5, 19, 14, 23, 14, 0, time.UTC)
	handler, err := webhooks.NewHandler(webhooks.Config{
		Secrets: []string{"whsec_example"},
		Now:     func() time.Time { return now },
	}, func(_ context.Context, d webhooks.Delivery) error {
		if d.Event.Type != "order.paid" {
			return nil // types that are of no interest are answered 2xx as well
		}
		var order struct {
			Number   string `json:"number"`
			Customer struct {
				Name string `json:"name"`
			} `json:"customer"`
		}
		if err := json.Unmarshal(d.Event.Data, &order); err != nil {
			return err
		}
		fmt.Printf("%s bought something: order %s\n", order.Customer.Name, order.Number)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/tbc", handler)

	// What the sender does, twice: the second is recognised by the event's id.
	const body = `{"id":"evt_1","type":"order.paid","created_at":"2026-05-19T14:23:14Z","workspace_id":"org_1",` +
		`"data":{"id":"ord_1","number":"TBC-1042","customer":{"name":"Asha"}}}`
	for range 2 {
		signature, err := webhooks.Sign([]byte(body), now, "whsec_example")
		if err != nil {
			fmt.Println(err)
			return
		}
		request := httptest.NewRequest(http.MethodPost, "/webhooks/tbc", strings.NewReader(body))
		request.Header.Set(webhooks.HeaderSignature, signature)
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, request)
		fmt.Println(response.Code)
	}
	// Output:
	// Asha bought something: order TBC-1042
	// 204
	// 204
}

// Without net/http, for example in a serverless function, verify the bytes of
// the body before anything looks at them.
func ExampleVerify() {
	body := []byte(`{"id":"evt_1","type":"order.paid"}`)
	now := time.Unix(1716102400, 0)
	header := "t=1716102400,v1=b9b2d93fabf1eaeb1fbee0ad5bd6fcfd6bf22b0b4e48fb0fa2e6d3e44a5b0d4c"

	err := webhooks.Verify(header, body, now, "whsec_example")
	fmt.Println(err)
	fmt.Println("answer 401:", errors.Is(err, webhooks.ErrMismatch))

	fmt.Println(webhooks.Verify(header, body, now.Add(6*time.Minute), "whsec_example"))
	// Output:
	// signature does not match
	// answer 401: true
	// signed outside the five-minute window: t differs from this machine's clock by 6m0s
}

// During a rotation the sender signs with both secrets, the new one first, and a
// receiver that holds either of them accepts.
func ExampleSign_rotation() {
	body := []byte(`{"id":"evt_1","type":"order.paid"}`)
	now := time.Unix(1716102400, 0)
	header, err := webhooks.Sign(body, now, "whsec_new", "whsec_old")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Count(header, "v1="), "signatures")
	fmt.Println(webhooks.Verify(header, body, now, "whsec_old"))
	fmt.Println(webhooks.Verify(header, body, now, "whsec_new"))
	// Output:
	// 2 signatures
	// <nil>
	// <nil>
}

// fileDedupe is the smallest lasting Dedupe: an empty file for each event.
type fileDedupe struct{ dir *os.Root }

func (f fileDedupe) Once(ctx context.Context, id string, do func(context.Context) error) (bool, error) {
	if _, err := f.dir.Stat(id); err == nil {
		return false, nil
	}
	if err := do(ctx); err != nil {
		return true, err
	}
	return true, f.dir.WriteFile(id, nil, 0o600)
}

// A Dedupe that outlives a restart. This one serves a receiver that handles one
// request at a time; with a database, work and memory go into one transaction.
func ExampleDedupe() {
	path, err := os.MkdirTemp("", "events")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(path) }()
	dir, err := os.OpenRoot(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dir.Close()
	for range 2 {
		ran, err := fileDedupe{dir}.Once(context.Background(), "evt_1", func(context.Context) error { return nil })
		fmt.Println(ran, err)
	}
	// Output:
	// true <nil>
	// false <nil>
}
