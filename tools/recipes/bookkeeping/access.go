package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/thebigclass/api/tools/internal/wholefile"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// access is what Intuit lets this recipe do (developer.intuit.com, OAuth 2.0, Refresh the token). An access token holds an
// hour. With it comes a refresh token that replaces the one before about once a day, so it is kept before the access token
// is used: one that is lost would end the access, and a person would have to give it anew.
type access struct {
	url, id, secret string
	first           string // the refresh token that a person has given
	path            string // of the file with those that followed
	console         recipe.Console
}

// tokens are what the file holds. It is for its owner alone.
type tokens struct {
	First   string    `json:"first"` // where they began: another one in the environment begins anew
	Refresh string    `json:"refresh"`
	Access  string    `json:"access"`
	Expires time.Time `json:"expires"` // of Access, a minute early
}

// token is an access token that holds at least a minute.
func (a *access) token(ctx context.Context) (string, error) {
	t, err := a.kept()
	if err != nil {
		return "", err
	}
	if t.Access == "" || !a.console.Now().Before(t.Expires) {
		if t, err = a.refreshed(ctx, t); err != nil {
			return "", err
		}
		if err := a.keep(t); err != nil {
			return "", err
		}
	}
	return t.Access, nil
}

// end forgets an access token that was not taken.
func (a *access) end() error {
	t, err := a.kept()
	if err != nil {
		return err
	}
	t.Access = ""
	return a.keep(t)
}

func (a *access) kept() (tokens, error) {
	begin := tokens{First: a.first, Refresh: a.first}
	text, err := os.ReadFile(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return begin, nil
	}
	if err != nil {
		return tokens{}, err
	}
	var t tokens
	if err := json.Unmarshal(text, &t); err != nil {
		return tokens{}, fmt.Errorf("%s is damaged; remove it and set another QUICKBOOKS_REFRESH_TOKEN: %w", a.path, err)
	}
	if t.First != a.first {
		return begin, nil
	}
	return t, nil
}

func (a *access) keep(t tokens) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.Write(a.path, append(text, '\n'))
}

// refreshed asks for the next tokens. A refusal waits for a person, and the transaction with it.
func (a *access) refreshed(ctx context.Context, t tokens) (tokens, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, strings.NewReader(form.Encode()))
	if err != nil {
		return tokens{}, recipe.Permanent(errors.New("QUICKBOOKS_TOKEN_URL cannot be used"))
	}
	request.SetBasicAuth(a.id, a.secret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	body, err := a.console.Call("Intuit", request)
	refused := (*recipe.Refusal)(nil)
	if errors.As(err, &refused) && (refused.Status == http.StatusBadRequest || refused.Status == http.StatusUnauthorized) {
		return tokens{}, errors.New("Intuit lets this recipe in no more: authorise the app again and set QUICKBOOKS_REFRESH_TOKEN; " + refused.Error())
	}
	if err != nil {
		return tokens{}, err
	}
	var given struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Seconds int    `json:"expires_in"`
	}
	if json.Unmarshal(body, &given) != nil || given.Access == "" || given.Refresh == "" {
		return tokens{}, errors.New("the answer of Intuit has no tokens")
	}
	lives := time.Duration(given.Seconds)*time.Second - time.Minute
	return tokens{First: a.first, Refresh: given.Refresh, Access: given.Access, Expires: a.console.Now().Add(lives)}, nil
}
