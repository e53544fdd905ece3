package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"pointbridge/domain"
)

const (
	// rememberFor is how long a figure is shown again without asking: shorter than the usual time between two scrapes.
	rememberFor = 5 * time.Second
	// readLimit bounds one reading with the wait for its turn, and so what a database that does not answer adds to a
	// scrape.
	readLimit = 3 * time.Second
)

// Gauges shows figures that are read when somebody asks for the metrics and the last reading is old: read gives label
// value and figure. A failing read leaves the figures out; the request for metrics still succeeds.
func (m *Metrics) Gauges(name, help, label string, read func(context.Context) (map[string]int64, error)) {
	m.registry.MustRegister(&gauges{desc: prometheus.NewDesc(name, help, []string{label}, nil),
		read: m.remembered(read)})
}

// Gauge shows one figure in the same way.
func (m *Metrics) Gauge(name, help string, read func(context.Context) (int64, error)) {
	m.registry.MustRegister(&gauges{desc: prometheus.NewDesc(name, help, nil, nil), bare: true,
		read: m.remembered(func(ctx context.Context) (map[string]int64, error) {
			value, err := read(ctx)
			return map[string]int64{"": value}, err
		})})
}

type reading = domain.Remembered[map[string]int64]

func (m *Metrics) remembered(read func(context.Context) (map[string]int64, error)) *reading {
	return &reading{For: rememberFor, Limit: readLimit, Now: time.Now,
		Ask: func(ctx context.Context) (map[string]int64, error) {
			select {
			case m.turn <- struct{}{}:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			defer func() { <-m.turn }()
			return read(ctx)
		}}
}

type gauges struct {
	desc *prometheus.Desc
	read *reading
	bare bool // one figure without a label
}

func (g *gauges) Describe(ch chan<- *prometheus.Desc) { ch <- g.desc }

func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	values, err := g.read.Get(context.Background()) // bounded by its own limit
	if err != nil {
		return
	}
	for label, value := range values {
		labels := []string{label}
		if g.bare {
			labels = nil
		}
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(value), labels...)
	}
}
