package server

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
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
	want := Config{
		Addr: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", DatabaseURL: "sqlite:data/tbc.db", LogLevel: slog.LevelInfo,
		Roles: []Role{RoleAPI, RoleDelivery},
		Webhooks: WebhookConfig{
			Retries:      []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour},
			DisableAfter: 168 * time.Hour, AllowCIDRs: loopback, AllowHTTP: true,
		},
	}
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
		"TBC_MASTER_KEY", "c2hvcnQ=", "TBC_TRUSTED_PROXIES", "10.0.0.0/8, nowhere", "TBC_LOG_LEVEL", "loud", "TBC_LOG_FORMAT", "xml", "TBC_STOP_DELAY", "2h",
		"TBC_ROLES", "api,cook", "TBC_WEBHOOK_RETRIES", "1m,soon", "TBC_WEBHOOK_DISABLE_AFTER", "0s", "TBC_WEBHOOK_ALLOW_CIDRS", "10.0.0.1",
		"TBC_WEBHOOK_ALLOW_HTTP", "perhaps", "TBC_SMTP_URL", "http://mail:hunter2@smtp", "TBC_MAIL_FROM", "nobody"))
	if err == nil {
		t.Fatal("no fault reported")
	}
	for _, name := range []string{"TBC_ENV", "TBC_ADDR", "TBC_BASE_URL", "DATABASE_URL", "TBC_MASTER_KEY", "TBC_TRUSTED_PROXIES", "TBC_LOG_LEVEL", "TBC_LOG_FORMAT", "TBC_STOP_DELAY",
		"TBC_ROLES", "TBC_WEBHOOK_RETRIES", "TBC_WEBHOOK_DISABLE_AFTER", "TBC_WEBHOOK_ALLOW_CIDRS", "TBC_WEBHOOK_ALLOW_HTTP", "TBC_SMTP_URL", "TBC_MAIL_FROM"} {
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

// What development may try on its own machine must not follow it into production.
func TestReadConfig_ProductionSendsToPublicHTTPSAlone(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("A", 43) + "="
	config, err := ReadConfig(env("TBC_ENV", "production", "TBC_MASTER_KEY", key))
	if err != nil || config.Webhooks.AllowHTTP || len(config.Webhooks.AllowCIDRs) != 0 {
		t.Errorf("got %+v, %v", config.Webhooks, err)
	}
	if _, err := ReadConfig(env("TBC_ENV", "production", "TBC_MASTER_KEY", key, "TBC_WEBHOOK_ALLOW_HTTP", "true")); err == nil {
		t.Error("production accepts http destinations")
	}
	config, err = ReadConfig(env("TBC_ENV", "production", "TBC_MASTER_KEY", key, "TBC_WEBHOOK_ALLOW_CIDRS", "10.1.0.0/16"))
	if err != nil || len(config.Webhooks.AllowCIDRs) != 1 {
		t.Errorf("the operator's network: %+v, %v", config.Webhooks, err)
	}
}

func TestReadConfig_RetriesCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	config, err := ReadConfig(env("TBC_WEBHOOK_RETRIES", "none", "TBC_ROLES", "delivery"))
	if err != nil || config.Webhooks.Retries == nil || len(config.Webhooks.Retries) != 0 || config.Runs(RoleAPI) || !config.Runs(RoleDelivery) {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestConfig_SecretsNeverPrint(t *testing.T) {
	t.Parallel()
	config, err := ReadConfig(env("DATABASE_URL", "postgres://tbc:hunter2@db/tbc", "TBC_MASTER_KEY", strings.Repeat("A", 43)+"=",
		"TBC_SMTP_URL", "smtp://tbc:hunter2@mail.example.com:587", "TBC_MAIL_FROM", "The Big Class <no-reply@example.com>"))
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

// Traces go nowhere until somebody says where to.
func TestReadConfig_TracesAreOffUntilTheStandardVariablesSayWhereTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{nil, false},
		{[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}, true},
		{[]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces"}, true},
		{[]string{"OTEL_TRACES_EXPORTER", "otlp"}, true},
		{[]string{"OTEL_TRACES_EXPORTER", "none", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}, false},
		{[]string{"OTEL_SDK_DISABLED", "true", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}, false},
	} {
		if config, err := ReadConfig(env(c.env...)); err != nil || config.Tracing != c.want {
			t.Errorf("%v: %v, %v", c.env, config.Tracing, err)
		}
	}
	for name, value := range map[string]string{"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"} {
		if _, err := ReadConfig(env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", name, value)); err == nil || !strings.Contains(err.Error(), "OTEL_") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}
