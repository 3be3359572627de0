package server

// tracing reports whether traces are to be sent, by the standard variables of OpenTelemetry: unlike its SDKs we send
// none until we are told where to. The SDK reads the rest of them.
func (e *environment) tracing() bool {
	if e.boolean("OTEL_SDK_DISABLED", false) {
		return false
	}
	switch e.oneOf("OTEL_TRACES_EXPORTER", "", "otlp", "none") {
	case "none":
		return false
	case "":
		if e.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", e.text("OTEL_EXPORTER_OTLP_ENDPOINT", "")) == "" {
			return false
		}
	}
	const protocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	if e.text(protocol, e.text("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")) != "http/protobuf" {
		e.fault(protocol, "must be http/protobuf: traces are sent in no other way")
	}
	return true
}
