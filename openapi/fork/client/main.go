// Client lists the courses that a server of the contract has: client BASE_URL KEY.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/fork/tbc"
)

func main() {
	api, err := tbc.NewClientWithResponses(os.Args[1], tbc.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Args[2])
		return nil
	}))
	if err != nil {
		log.Fatal(err)
	}
	answer, err := api.ListCoursesWithResponse(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	if answer.JSON200 == nil {
		log.Fatalf("%s: %s", answer.Status(), answer.Body)
	}
	for _, course := range answer.JSON200.Data {
		fmt.Println(course.ID, course.Title)
	}
}
