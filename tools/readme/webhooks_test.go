package readme

import (
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/thebigclass/api/openapi"
)

const (
	mostCommands = 20
	promptly     = time.Second
)

// The commands run as they stand. Only the two ports are others, free ones,
// because those of the README may be taken on the machine that tests; and the
// data go to a folder of the test's own.
func TestWebhooks_TheReadmesCommandsShowAllThirteenEventsWithinASecond(t *testing.T) {
	t.Parallel()
	build(t)
	blocks := shellBlocks(t, "Webhooks")
	if len(blocks) != 3 {
		t.Fatalf("the section has %d shell blocks, want one for each of three terminals", len(blocks))
	}
	if typed := commands(strings.Join(blocks, "\n")); typed > mostCommands {
		t.Errorf("a reader types %d commands, want at most %d", typed, mostCommands)
	}
	api, hook := freeAddress(t), freeAddress(t)
	ports := strings.NewReplacer("127.0.0.1:8080", api, "127.0.0.1:8090", hook)

	server := open(t, "the first terminal", ports.Replace(blocks[0]), "",
		"TBC_ADDR="+api, "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "tbc.db"))
	found, _ := server.await(`^ +(tbc_[0-9A-Za-z]{36})$`)
	key := found[1]
	receiver := open(t, "the second terminal", ports.Replace(blocks[1]), key+"\n")
	receiver.await(`^Listening on `)
	actions := open(t, "the third terminal", ports.Replace(blocks[2]), key+"\n")
	if err := actions.wait(); err != nil {
		t.Fatalf("the actions: %v: %s", err, actions.errs)
	}
	created := eventTimes(t, "http://"+api, key)
	wantFigures(t, "http://"+api)
	missing := subscribable(t)
	for len(missing) > 0 {
		found, at := receiver.await(`^\S+ +([a-z_]+\.[a-z_]+) +(evt_\S+)`)
		happened, known := created[found[2]]
		if !known {
			t.Fatalf("%s %s was received and is no event of the workspace", found[1], found[2])
		}
		late := at.Sub(happened)
		t.Logf("%-20s after %s", found[1], late.Round(time.Millisecond))
		if late > promptly {
			t.Errorf("%s appeared after %s, want at most %s", found[1], late, promptly)
		}
		delete(missing, found[1])
	}
	if complaints := receiver.errs.String(); complaints != "" {
		t.Errorf("the receiver complains: %s", complaints)
	}
}

// freeAddress is a loopback address that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// subscribable are the event types of the contract, without the one that only a trial sends.
func subscribable(t *testing.T) map[string]bool {
	t.Helper()
	var contract struct {
		Webhooks map[string]any `yaml:"webhooks"`
	}
	if err := yaml.Unmarshal(openapi.Bundle, &contract); err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{}
	for name := range contract.Webhooks {
		types[name] = name != "webhook.test"
	}
	delete(types, "webhook.test")
	if len(types) != 13 {
		t.Fatalf("the contract has %d event types, want 13", len(types))
	}
	return types
}

// eventTimes are the times at which the events of the workspace happened, by id.
func eventTimes(t *testing.T, origin, key string) map[string]time.Time {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/api/v1/events?limit=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var list struct {
		Data []struct {
			ID        string
			CreatedAt time.Time `json:"created_at"`
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET /events answers %s: %v", response.Status, err)
	}
	times := map[string]time.Time{}
	for _, event := range list.Data {
		times[event.ID] = event.CreatedAt
	}
	return times
}
