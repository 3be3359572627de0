package recipe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/thebigclass/api/gen/client"
)

// API reads the service with a key. It is for a recipe's work, which is done by one worker, and not for concurrent use.
type API struct {
	server, key, scope string
	console            Console
	workspace          *client.MeWorkspace
}

// API is the service at TBC_URL, read with the key in TBC_KEY, which must be set.
func (s *Settings) API(scope string) *API {
	s.Require("TBC_KEY", "an API key with the scope "+scope)
	return s.APIAtNeed(scope)
}

// APIAtNeed is API for what is seldom read: the key may be missing until then.
func (s *Settings) APIAtNeed(scope string) *API {
	server := strings.TrimRight(s.URL("TBC_URL", "https://thebigclass.com"), "/") + "/api/v1/"
	return &API{server: server, key: s.Getenv("TBC_KEY"), scope: scope, console: s.Console}
}

// Student is the student as of now. It is not found once it has been erased.
func (a *API) Student(ctx context.Context, task Task, id string) (client.Student, bool, error) {
	request, err := client.NewGetStudentRequest(a.server, id, nil)
	if err != nil {
		return client.Student{}, false, Permanent(err)
	}
	var answer client.StudentResponse
	found, err := a.get(ctx, request, task, &answer)
	return answer.Data, found, err
}

// Order is the order as of now, with all that does not fit an event.
func (a *API) Order(ctx context.Context, task Task, id string) (client.Order, bool, error) {
	request, err := client.NewGetOrderRequest(a.server, id, nil)
	if err != nil {
		return client.Order{}, false, Permanent(err)
	}
	var answer client.OrderResponse
	found, err := a.get(ctx, request, task, &answer)
	return answer.Data, found, err
}

// EventOrder is the order that an event has as its data. It is read only if the event was cut to fit and has not all of it.
func (a *API) EventOrder(ctx context.Context, task Task) (client.Order, error) {
	var order client.Order
	if err := json.Unmarshal(task.Data, &order); err != nil {
		return order, Permanent(fmt.Errorf("the order cannot be read: %w", err))
	}
	if order.Truncated == nil || !*order.Truncated {
		return order, nil
	}
	whole, found, err := a.Order(ctx, task, order.ID)
	if err == nil && !found {
		err = Permanent(fmt.Errorf("there is no order %s any more", order.ID))
	}
	return whole, err
}

// Recording is the recording as of now, with an address that has not expired if there is one.
func (a *API) Recording(ctx context.Context, task Task, id string) (client.Recording, bool, error) {
	request, err := client.NewGetRecordingRequest(a.server, id, nil)
	if err != nil {
		return client.Recording{}, false, Permanent(err)
	}
	var answer client.RecordingResponse
	found, err := a.get(ctx, request, task, &answer)
	return answer.Data, found, err
}

// Workspace is the one that the event comes from. It is asked for once.
func (a *API) Workspace(ctx context.Context, task Task) (client.MeWorkspace, error) {
	if a.workspace == nil {
		request, err := client.NewGetMeRequest(a.server, nil)
		if err != nil {
			return client.MeWorkspace{}, Permanent(err)
		}
		var answer client.MeResponse
		if err := a.ask(ctx, request, &answer); err != nil {
			return client.MeWorkspace{}, err
		}
		a.workspace = &answer.Data.Workspace
	}
	if a.workspace.ID != task.WorkspaceID {
		return client.MeWorkspace{}, errors.New("the key in TBC_KEY is of another workspace than the event")
	}
	return *a.workspace, nil
}

// get reads an object. A 404 means that it is gone, provided that it could have been there: for a key of another workspace
// everything is a 404, and nothing may be taken for erased because of that.
func (a *API) get(ctx context.Context, request *http.Request, task Task, into any) (found bool, err error) {
	err = a.ask(ctx, request, into)
	refused := (*Refusal)(nil)
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		return err == nil, err
	}
	var answer client.ErrorResponse
	if json.Unmarshal(refused.Body, &answer) != nil || answer.Error.Code != client.ErrorCodeNotFound {
		return false, err
	}
	_, err = a.Workspace(ctx, task)
	return false, err
}

// ask waits for the key's quota as the answer says: it is tried again after Retry-After.
func (a *API) ask(ctx context.Context, request *http.Request, into any) error {
	if a.key == "" {
		return Permanent(fmt.Errorf("%s must be read, and TBC_KEY is not set: a key with the scope %s", request.URL.Path, a.scope))
	}
	request.Header.Set("Authorization", "Bearer "+a.key)
	body, err := a.console.Call("The Big Class", request.WithContext(ctx))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the answer of The Big Class cannot be read: %w", err)
	}
	return nil
}
