package metrics

import "github.com/prometheus/client_golang/prometheus"

// Gather lets tests look at the registry itself.
func (m *Metrics) Gather() prometheus.Gatherer { return m.registry }
