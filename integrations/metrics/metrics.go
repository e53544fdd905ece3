// Package metrics counts what operators watch, for Prometheus. It is the only place that knows the client library.
// No label ever holds a code, a customer or free text.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// Metrics is one registry with the service's own figures. It fulfils the observers of the flows, the API and the jobs.
type Metrics struct {
	registry    *prometheus.Registry
	steps       *prometheus.HistogramVec
	conversions *prometheus.CounterVec
	requests    *prometheus.HistogramVec
	jobs        *prometheus.HistogramVec
	alerts      *prometheus.CounterVec
	decisions   *prometheus.CounterVec
	verdicts    *prometheus.CounterVec
	decided     *prometheus.HistogramVec
	// turn is what a gauge holds while it asks: however many are due, the database is asked one question at a time.
	turn chan struct{}
}

// New makes an empty registry with the Go runtime's and the process's own figures.
func New() *Metrics {
	seconds := []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		turn:     make(chan struct{}, 1),
		steps:    histogram("pointbridge_step_seconds", "Duration of each act on the outside.", "step", "outcome"),
		conversions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pointbridge_conversions_total",
			Help: "Conversions that came to rest, by the status and reason they ended in."},
			[]string{"status", "reason"}),
		requests: histogram("pointbridge_http_request_seconds", "Duration of requests by route pattern.", "method",
			"route", "status"),
		jobs: histogram("pointbridge_job_seconds", "Duration of jobs by kind and outcome.", "kind", "outcome"),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pointbridge_alerts_total",
			Help: "Things that a person should look at now, by kind."}, []string{"kind"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pointbridge_decisions_total",
			Help: "Decisions about codes, by what they came to."},
			[]string{"campaign", "stage", "outcome", "reason", "enforced"}),
		decided: histogram("pointbridge_decision_seconds", "Time to decide about a code, looking included.", "stage"),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pointbridge_verdicts_total",
			Help: "What people said of decisions."}, []string{"campaign", "outcome", "verdict"}),
	}
	m.registry.MustRegister(m.steps, m.conversions, m.requests, m.jobs, m.alerts, m.decisions, m.decided, m.verdicts,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// scrapesAtOnce bounds how many answers are being written; who comes on top of them is told to come later.
const scrapesAtOnce = 4

// Handler serves the text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapesAtOnce})
}

// Step implements coupons.Observer.
func (m *Metrics) Step(_ context.Context, name, outcome string, took time.Duration) {
	m.steps.WithLabelValues(name, outcome).Observe(took.Seconds())
}

// Ended implements coupons.Observer.
func (m *Metrics) Ended(_ context.Context, c domain.Coupon) {
	reason := ""
	if c.Failure != nil {
		reason = string(c.Failure.Code)
	}
	m.conversions.WithLabelValues(string(c.Status), reason).Inc()
}

// Request reports one HTTP request under its route pattern.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Job reports one job.
func (m *Metrics) Job(kind, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Observe(took.Seconds())
}

// Alert reports something that a person should look at.
func (m *Metrics) Alert(kind string) { m.alerts.WithLabelValues(kind).Inc() }

// Decided implements decisions.Observer.
func (m *Metrics) Decided(campaign string, stage decisions.Stage, a decisions.Answer) {
	m.decisions.WithLabelValues(kindOf(campaign), string(stage), string(a.Outcome), string(a.Reason),
		strconv.FormatBool(a.Enforced)).Inc()
}

// LeakedCode implements decisions.Observer. The code itself is nowhere in it.
func (m *Metrics) LeakedCode(string) { m.Alert("leaked_code") }

// Judged implements decisions.Observer.
func (m *Metrics) Judged(campaign string, outcome decisions.Outcome, j decisions.Judgement) {
	m.verdicts.WithLabelValues(kindOf(campaign), string(outcome), string(j)).Inc()
}

// DecisionTook reports how long a decision took.
func (m *Metrics) DecisionTook(stage decisions.Stage, took time.Duration) {
	m.decided.WithLabelValues(string(stage)).Observe(took.Seconds())
}

// kindOf is the label of a campaign: people make as many as they like, and a label must have few values.
func kindOf(campaign string) string {
	if campaign == "points" {
		return campaign
	}
	return "prefix"
}
