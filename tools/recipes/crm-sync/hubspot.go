package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// mostOfProperty is how many characters a text property holds (knowledge.hubspot.com, Property field types in HubSpot).
const mostOfProperty = 65536

// portal writes contacts over the CRM API (developers.hubspot.com, CRM API, Contacts).
//
// It does not use batch/upsert: with the e-mail address as the key, that guide says, partial upserts are not supported,
// and a contact has properties that are not ours. An update of the contact with this address leaves them alone, and so
// does creating one where there is none, which HubSpot refuses for an address that it has.
type portal struct {
	url, token string
	property   string // for the courses
	console    recipe.Console
}

func (portal) name() string { return "HubSpot" }

func (h portal) put(ctx context.Context, c contact) error {
	properties := h.properties(c)
	if c.former != "" {
		// The contact has moved to its new address already, is gone, or there is one with the new address: then that is it.
		err := h.update(ctx, c.former, properties)
		if !answered(err, http.StatusNotFound, http.StatusConflict) {
			return err
		}
	}
	err := h.update(ctx, c.email, properties)
	if !answered(err, http.StatusNotFound) {
		return err
	}
	err = h.create(ctx, properties)
	if id := existing(err); id != "" {
		// Made meanwhile, or the address is a second one of a contact, whose first one stays.
		delete(properties, "email")
		return h.call(ctx, http.MethodPatch, "/"+id, properties)
	}
	return err
}

// properties are the ones that this recipe owns, without the empty ones, which would erase what somebody has found out.
func (h portal) properties(c contact) map[string]string {
	courses := c.courses
	for len(list(courses)) > mostOfProperty {
		courses = courses[:len(courses)-1]
	}
	p := map[string]string{"email": c.email, h.property: list(courses)}
	// A name is one text here and two there: the last word goes into the second.
	p["firstname"] = c.name
	if at := strings.LastIndex(c.name, " "); at > 0 {
		p["firstname"], p["lastname"] = c.name[:at], c.name[at+1:]
	}
	if c.phone != "" {
		p["phone"] = c.phone
	}
	return p
}

func (h portal) update(ctx context.Context, email string, properties map[string]string) error {
	id := strings.ReplaceAll(url.PathEscape(email), "+", "%2B") // which some take for a space
	return h.call(ctx, http.MethodPatch, "/"+id+"?idProperty=email", properties)
}

func (h portal) create(ctx context.Context, properties map[string]string) error {
	return h.call(ctx, http.MethodPost, "", properties)
}

func (h portal) call(ctx context.Context, method, path string, properties map[string]string) error {
	body, err := json.Marshal(map[string]any{"properties": properties})
	if err != nil {
		return recipe.Permanent(err)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(h.url, "/")+"/crm/v3/objects/contacts"+path, bytes.NewReader(body))
	if err != nil {
		return recipe.Permanent(errors.New("HUBSPOT_URL cannot be used"))
	}
	request.Header.Set("Authorization", "Bearer "+h.token)
	request.Header.Set("Content-Type", "application/json")
	_, err = h.console.Call("HubSpot", request)
	return patient(err)
}

// patient waits longer for the limit of a day, which has no Retry-After (developers.hubspot.com, API usage guidelines).
func patient(err error) error {
	var limit struct {
		Policy string `json:"policyName"`
	}
	refused := (*recipe.Refusal)(nil)
	if errors.As(err, &refused) && refused.Status == http.StatusTooManyRequests && json.Unmarshal(refused.Body, &limit) == nil && limit.Policy == "DAILY" {
		return recipe.After(time.Hour, err)
	}
	return err
}

// answered tells whether HubSpot refused with one of these.
func answered(err error, statuses ...int) bool {
	refused := (*recipe.Refusal)(nil)
	if !errors.As(err, &refused) {
		return false
	}
	for _, status := range statuses {
		if refused.Status == status {
			return true
		}
	}
	return false
}

var existingID = regexp.MustCompile(`Existing ID: (\d+)`)

// existing is the id of the contact that stands in the way of a new one; HubSpot tells it in its message alone.
func existing(err error) string {
	refused := (*recipe.Refusal)(nil)
	if !errors.As(err, &refused) || refused.Status != http.StatusConflict {
		return ""
	}
	if found := existingID.FindSubmatch(refused.Body); found != nil {
		return string(found[1])
	}
	return ""
}
