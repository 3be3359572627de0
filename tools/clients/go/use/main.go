// Command use prints the e-mail address of every student: paging, error codes and the rate limit in Go.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/thebigclass/api/gen/client"
)

func main() {
	if err := emails(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func emails(ctx context.Context) error {
	key := func(_ context.Context, req *http.Request) error {
		req.Header.Set("Authorization", "Bearer "+os.Getenv("TBC_KEY"))
		return nil
	}
	tbc, err := client.NewClientWithResponses(os.Getenv("TBC_URL")+"/api/v1", client.WithRequestEditorFn(key))
	if err != nil {
		return err
	}
	for params := (client.ListStudentsParams{}); ; {
		res, err := tbc.ListStudentsWithResponse(ctx, &params)
		if err != nil {
			return err
		}
		if res.JSON200 == nil { // JSON403, JSON429 and so on have the same error, by status
			var refusal client.ErrorResponse
			if err := json.Unmarshal(res.Body, &refusal); err != nil || refusal.Error.Code != client.ErrorCodeRateLimited {
				return fmt.Errorf("%s %s: %s", res.Status(), refusal.Error.Code, refusal.Error.Message)
			}
			time.Sleep(time.Duration(*refusal.Error.RetryAfterSeconds) * time.Second)
			continue
		}
		for _, student := range res.JSON200.Data {
			fmt.Println(student.Email)
		}
		if params.Cursor = res.JSON200.Pagination.NextCursor; params.Cursor == nil {
			return nil
		}
	}
}
