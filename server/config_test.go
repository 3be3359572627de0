package server

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) (string, bool) {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func TestReadConfig_EmptyEnvironmentServesDevelopment(t *testing.T) {
	t.Parallel()
	config, err := ReadConfig(env())
	if err != nil {
		t.Fatal(err)
	}
	want := Config{Addr: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", DatabaseURL: "sqlite:data/tbc.db", LogLevel: slog.LevelInfo}
	if fmt.Sprintf("%+v", config) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, want %+v", config, want)
	}
	if config.SQLitePath() != "data/tbc.db" {
		t.Errorf("SQLite file %q", config.SQLitePath())
	}
}

func TestReadConfig_ReportsAllFaultsTogether(t *testing.T) {
	t.Parallel()
	_, err := ReadConfig(env(
		"TBC_ENV", "staging", "TBC_ADDR", "8080", "TBC_BASE_URL", "thebigclass.com/x", "DATABASE_URL", "mysql://root:hunter2@db",
		"TBC_MASTER_KEY", "c2hvcnQ=", "TBC_TRUSTED_PROXIES", "10.0.0.0/8, nowhere", "TBC_LOG_LEVEL", "loud", "TBC_LOG_FORMAT", "xml", "TBC_STOP_DELAY", "2h"))
	if err == nil {
		t.Fatal("no fault reported")
	}
	for _, name := range []string{"TBC_ENV", "TBC_ADDR", "TBC_BASE_URL", "DATABASE_URL", "TBC_MASTER_KEY", "TBC_TRUSTED_PROXIES", "TBC_LOG_LEVEL", "TBC_LOG_FORMAT", "TBC_STOP_DELAY"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not among the faults:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "c2hvcnQ=") {
		t.Errorf("a secret is printed:\n%v", err)
	}
}

func TestReadConfig_ProductionNeedsAMasterKey(t *testing.T) {
	t.Parallel()
	if _, err := ReadConfig(env("TBC_ENV", "production")); err == nil || !strings.Contains(err.Error(), "TBC_MASTER_KEY") {
		t.Errorf("got %v", err)
	}
}

func TestConfig_SecretsNeverPrint(t *testing.T) {
	t.Parallel()
	config, err := ReadConfig(env("DATABASE_URL", "postgres://tbc:hunter2@db/tbc", "TBC_MASTER_KEY", strings.Repeat("A", 43)+"="))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("config", "config", config, "database", config.DatabaseURL, "key", config.MasterKey)
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		fmt.Fprintf(&out, verb, config)
	}
	if printed := out.String(); strings.Contains(printed, "hunter2") || strings.Contains(printed, "AAAA") {
		t.Errorf("a secret is printed: %s", printed)
	}
}
