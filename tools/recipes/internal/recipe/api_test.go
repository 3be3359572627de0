package recipe_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
	"github.com/thebigclass/api/tools/recipes/internal/recipetest"
	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

// reader is a recipe that reads a student and tells whether there was one.
func reader(t *testing.T) (*recipetest.API, *recipetest.Kitchen, chan bool) {
	api, read := recipetest.NewAPI(t), make(chan bool, 100)
	k := recipetest.New(t, recipe.Recipe{
		Name: "trial", Addr: "127.0.0.1:0", Events: []string{"order.paid"},
		Open: func(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
			api := s.API("read:students")
			return func(ctx context.Context, task recipe.Task) error {
				_, found, err := api.Student(ctx, task, "stu_1")
				if err == nil {
					read <- found
				}
				return err
			}, nil
		},
	}, map[string]string{"TBC_URL": api.URL, "TBC_KEY": recipetest.Key})
	k.Start()
	return api, k, read
}

func TestAPI_AnErasedStudentIsNotFound(t *testing.T) {
	t.Parallel()
	_, k, read := reader(t)
	deliver(k, orderPaid)
	k.WantStatus("1 done, 0 waiting, 0 failed")
	if <-read {
		t.Error("the student was found")
	}
}

// For a key of another workspace everything is a 404. Nothing is taken for erased because of that.
func TestAPI_AKeyOfAnotherWorkspaceIsNoErasure(t *testing.T) {
	t.Parallel()
	api, k, _ := reader(t)
	api.Put("me", map[string]any{"workspace": map[string]any{"id": "org_other", "timeZone": "UTC"}})
	deliver(k, orderPaid)
	k.WantProblem("TBC_KEY is of another workspace")
}

// A 404 of something that is not the API is no erasure either.
func TestAPI_AWrongAddressIsNoErasure(t *testing.T) {
	t.Parallel()
	api, k, _ := reader(t)
	deliver(k, orderPaid) // the workspace is known from here on
	k.WantStatus("1 done, 0 waiting, 0 failed")
	api.Refuse(func(w http.ResponseWriter, _ *http.Request) {
		standin.JSON(w, http.StatusNotFound, map[string]string{"message": "no such page"})
	})
	deliver(k, recipetest.Event(id(1), "order.paid", map[string]any{}))
	k.WantStatus("1 done, 0 waiting, 1 failed")
}

// The key's quota is waited for as long as the API says.
func TestAPI_AQuotaIsWaitedFor(t *testing.T) {
	t.Parallel()
	api, k, read := reader(t)
	api.Refuse(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		recipetest.APIError(w, http.StatusTooManyRequests, "rate_limited")
	})
	api.Put("students/stu_1", map[string]any{"id": "stu_1"})
	deliver(k, orderPaid)
	k.WantProblem("The Big Class answers 429")
	api.Open()
	k.Advance(59 * time.Minute)
	k.WantStatus("0 done, 1 waiting, 0 failed")
	k.Advance(2 * time.Minute)
	k.WantStatus("1 done, 0 waiting, 0 failed")
	if !<-read {
		t.Error("the student was not found")
	}
}
