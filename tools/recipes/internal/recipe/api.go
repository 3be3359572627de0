package recipe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// API reads from the service what an event does not say: it was cut to fit into 64 KiB, or has become old.
type API struct {
	origin, key string
	console     Console
}

// API uses TBC_URL and TBC_KEY, as connect does. The key may be missing until something is read.
func (s *Settings) API() API {
	return API{origin: strings.TrimRight(s.URL("TBC_URL", "https://thebigclass.com"), "/"), key: s.Getenv("TBC_KEY"), console: s.Console}
}

// Read fills in the object at a path such as /orders/ord_1, for which the key needs the scope.
func (a API) Read(ctx context.Context, path, scope string, into any) error {
	if a.key == "" {
		return Permanent(fmt.Errorf("%s must be read anew, and TBC_KEY is not set: a key with the scope %s", path, scope))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.origin+"/api/v1"+path, nil)
	if err != nil {
		return Permanent(errors.New(path + " cannot be asked for"))
	}
	request.Header.Set("Authorization", "Bearer "+a.key)
	body, err := a.console.Call("The Big Class", request)
	if err != nil {
		return err
	}
	envelope := struct {
		Data any `json:"data"`
	}{into}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return nil
}
