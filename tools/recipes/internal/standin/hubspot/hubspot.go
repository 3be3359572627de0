// Package hubspot stands in for HubSpot's contacts: the CRM API, with a private app's token.
package hubspot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/thebigclass/api/tools/recipes/internal/standin"
)

const bodyLimit = 1 << 20

// Contact is what the record holds for each write that was taken: the contact after it.
type Contact struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
}

// portal is an account. It knows only the properties that it was born with, until others are made.
type portal struct {
	mu         sync.Mutex
	record     *standin.Record
	properties map[string]bool
	contacts   []*Contact
}

// New answers as api.hubapi.com does (developers.hubspot.com, CRM API: Contacts, Properties; API error handling).
func New(record *standin.Record) http.Handler {
	p := &portal{record: record, properties: map[string]bool{"email": true, "firstname": true, "lastname": true, "phone": true}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /crm/v3/properties/contacts", p.makeProperty)
	mux.HandleFunc("POST /crm/v3/objects/contacts", p.create)
	mux.HandleFunc("PATCH /crm/v3/objects/contacts/{id}", p.update)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer pat-") {
			refuse(w, http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refuse is the one shape of HubSpot's errors.
func refuse(w http.ResponseWriter, status int, category, message string) {
	standin.JSON(w, status, map[string]string{
		"status": "error", "message": message, "correlationId": "00000000-0000-0000-0000-000000000000", "category": category,
	})
}

func (p *portal) makeProperty(w http.ResponseWriter, r *http.Request) {
	var property struct {
		Name      string `json:"name"`
		Label     string `json:"label"`
		GroupName string `json:"groupName"`
		Type      string `json:"type"`
		FieldType string `json:"fieldType"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&property)
	switch {
	case err != nil || property.Name == "" || property.Label == "" || property.GroupName == "" || property.Type == "" || property.FieldType == "":
		refuse(w, http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input JSON: some required fields were not set")
	case p.properties[property.Name]:
		refuse(w, http.StatusConflict, "OBJECT_ALREADY_EXISTS", "A property named '"+property.Name+"' already exists.")
	default:
		p.properties[property.Name] = true
		standin.JSON(w, http.StatusCreated, property)
	}
}

func (p *portal) create(w http.ResponseWriter, r *http.Request) {
	properties, ok := p.read(w, r)
	if !ok {
		return
	}
	if other := p.byEmail(properties["email"]); other != nil {
		refuse(w, http.StatusConflict, "CONFLICT", "Contact already exists. Existing ID: "+other.ID)
		return
	}
	c := &Contact{ID: strconv.Itoa(len(p.contacts) + 101), Properties: map[string]string{}}
	p.contacts = append(p.contacts, c)
	p.write(w, c, properties, http.StatusCreated)
}

func (p *portal) update(w http.ResponseWriter, r *http.Request) {
	properties, ok := p.read(w, r)
	if !ok {
		return
	}
	c := p.byID(r.PathValue("id"))
	if r.URL.Query().Get("idProperty") == "email" {
		c = p.byEmail(r.PathValue("id"))
	}
	if c == nil {
		refuse(w, http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")
		return
	}
	if other := p.byEmail(properties["email"]); other != nil && other != c {
		refuse(w, http.StatusConflict, "CONFLICT", "Contact already exists. Existing ID: "+other.ID)
		return
	}
	p.write(w, c, properties, http.StatusOK)
}

// write keeps the properties that were not sent. HubSpot folds addresses.
func (p *portal) write(w http.ResponseWriter, c *Contact, properties map[string]string, status int) {
	for name, value := range properties {
		if name == "email" {
			value = strings.ToLower(value)
		}
		c.Properties[name] = value
	}
	if err := p.record.Add(c); err != nil {
		refuse(w, http.StatusInternalServerError, "SERVER_ERROR", "internal error")
		return
	}
	standin.JSON(w, status, c)
}

var address = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// invalid is how HubSpot tells what is wrong with a property, within its message.
type invalid struct {
	IsValid bool   `json:"isValid"`
	Message string `json:"message"`
	Error   string `json:"error"`
	Name    string `json:"name"`
}

// read gives properties that are good, or has refused them.
func (p *portal) read(w http.ResponseWriter, r *http.Request) (map[string]string, bool) {
	var body struct {
		Properties map[string]string `json:"properties"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&body); err != nil || len(body.Properties) == 0 {
		refuse(w, http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input JSON")
		return nil, false
	}
	var wrong []invalid
	for name, value := range body.Properties {
		if !p.properties[name] {
			wrong = append(wrong, invalid{false, fmt.Sprintf("Property %q does not exist", name), "PROPERTY_DOESNT_EXIST", name})
		} else if name == "email" && !address.MatchString(value) {
			wrong = append(wrong, invalid{false, "Email address " + value + " is invalid", "INVALID_EMAIL", name})
		}
	}
	if wrong == nil {
		return body.Properties, true
	}
	list, err := json.Marshal(wrong)
	if err != nil {
		list = []byte(err.Error())
	}
	refuse(w, http.StatusBadRequest, "VALIDATION_ERROR", "Property values were not valid: "+string(list))
	return nil, false
}

func (p *portal) byEmail(email string) *Contact {
	for _, c := range p.contacts {
		if email != "" && strings.EqualFold(c.Properties["email"], email) {
			return c
		}
	}
	return nil
}

func (p *portal) byID(id string) *Contact {
	for _, c := range p.contacts {
		if c.ID == id {
			return c
		}
	}
	return nil
}
