// Server answers the contract's 51 operations: one of them is written, the others say that they are not. Usage: server ADDRESS.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/fork/tbc"
)

// api has every operation by its embedded interface, which is nil. Write a method, and name it in written.
type api struct{ tbc.StrictServerInterface }

var written = map[string]bool{"ListCourses": true}

// ListCourses lists published courses.
func (api) ListCourses(context.Context, tbc.ListCoursesRequestObject) (tbc.ListCoursesResponseObject, error) {
	return tbc.ListCourses200JSONResponse{Body: tbc.CourseList{Data: []tbc.Course{}, Pagination: tbc.Pagination{Limit: 25}}}, nil
}

// onlyWritten keeps calls away from what is not there.
func onlyWritten(next tbc.StrictHandlerFunc, operation string) tbc.StrictHandlerFunc {
	if written[operation] {
		return next
	}
	return func(context.Context, http.ResponseWriter, *http.Request, any) (any, error) {
		return nil, fmt.Errorf("%s is not written yet", operation)
	}
}

// refuse answers an error in the contract's envelope.
func refuse(status int, code tbc.ErrorCode) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, _ *http.Request, err error) {
		id := rand.Text()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", id)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(tbc.ErrorResponse{Error: tbc.ErrorBody{Code: code, Message: err.Error(), RequestID: id}})
	}
}

func main() {
	invalid, broken := refuse(http.StatusUnprocessableEntity, tbc.ErrorCodeInvalidRequest), refuse(http.StatusInternalServerError, tbc.ErrorCodeInternalError)
	strict := tbc.NewStrictHandlerWithOptions(api{}, []tbc.StrictMiddlewareFunc{onlyWritten},
		tbc.StrictHTTPServerOptions{RequestErrorHandlerFunc: invalid, ResponseErrorHandlerFunc: broken})
	handler := tbc.HandlerWithOptions(strict, tbc.StdHTTPServerOptions{BaseURL: "/api/v1", ErrorHandlerFunc: invalid})
	log.Fatal(http.ListenAndServe(os.Args[1], handler))
}
