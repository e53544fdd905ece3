package repository

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// figures are what a real scrape of the service shows: each name with its labels and their values.
type figures struct {
	labels map[string][]string
	values map[string][]string // by name and label, "name{label"
}

var sample = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? `)

// scraped reads the figures of a service on which each counter has counted something.
func scraped(t *testing.T, db storetest.Database) figures {
	t.Helper()
	const token = "scrape-0123456789abcdefghijklmnopqrstuvwxyz"
	f := figures{labels: map[string][]string{}, values: map[string][]string{}}
	w := world.NewActs(t, db, "METRICS_TOKEN="+token)
	w.Coupon(100)
	_, err := w.App.Books.Run(t.Context(), books.Options{}, books.Sink{Difference: func(books.Difference) {}})
	expect.MustEqual(t, "err", err, nil)
	watch, ok := w.App.Service.Observer.(*metrics.Metrics)
	expect.MustThat(t, "the service is watched by the figures", ok)
	watch.Step(t.Context(), "pos.deduct", "done", time.Second)
	watch.Ended(t.Context(), domain.Coupon{Status: domain.Active})
	watch.Request(http.MethodGet, "/v1/coupons", http.StatusOK, time.Second)
	watch.Job("mail", "done", time.Second)
	watch.Alert("refusals")
	watch.Decided("points", decisions.StageCart, decisions.Answer{Outcome: decisions.Allow})
	watch.Judged("points", decisions.Refuse, decisions.Abuse)
	watch.DecisionTook(decisions.StageCart, time.Second)
	status, text := w.Request(token, http.MethodGet, "/metrics", "", "")
	expect.MustEqual(t, "status", status, http.StatusOK, text)
	f.read(text)
	return f
}

func (f figures) read(text string) {
	for line := range strings.Lines(text) {
		found := sample.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		name := found[1]
		f.labels[name] = append(f.labels[name], "job", "instance") // Prometheus adds them
		for _, pair := range strings.Split(found[2], ",") {
			label, value, _ := strings.Cut(pair, "=")
			f.labels[name] = append(f.labels[name], label)
			f.values[name+"{"+label] = append(f.values[name+"{"+label], strings.Trim(value, `"`))
		}
	}
}

var (
	selector = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{[^}]*\})?`)
	matcher  = regexp.MustCompile(`([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	grouping = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	duration = regexp.MustCompile(`\[[^\]]*\]|\boffset [0-9a-z]+`)
)

// words are those of the language of queries that the rules use; every other name is a figure.
var words = []string{"sum", "max", "min", "rate", "increase", "absent", "histogram_quantile", "min_over_time", "or",
	"and", "unless", "by", "up"}

// whole are the figures that show every value of their label at all times.
var whole = []string{"pointbridge_backlog", "pointbridge_books_check"}

// faults says what a query names that the service does not show: figures, labels, and values of
// labels that are always there.
func (f figures) faults(query string) (list []string) {
	var groups []string
	for _, by := range grouping.FindAllStringSubmatch(query, -1) {
		groups = append(groups, strings.FieldsFunc(by[1], func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	plain := duration.ReplaceAllString(grouping.ReplaceAllString(query, ""), "")
	shown := map[string]bool{"job": true, "instance": true}
	for _, found := range selector.FindAllStringSubmatch(plain, -1) {
		name := found[1]
		if slices.Contains(words, name) {
			continue
		}
		labels, there := f.labels[name]
		if !there {
			list = append(list, "no figure "+name)
			continue
		}
		for _, label := range labels {
			shown[label] = true
		}
		for _, m := range matcher.FindAllStringSubmatch(found[2], -1) {
			values, fixed := f.values[name+"{"+m[1]], slices.Contains(whole, name)
			if !slices.Contains(labels, m[1]) {
				list = append(list, name+" has no label "+m[1])
			} else if m[2] == "=" && fixed && !slices.Contains(values, m[3]) {
				list = append(list, name+" is never "+m[0])
			}
		}
	}
	for _, label := range groups {
		if !shown[label] {
			list = append(list, "nothing has the label "+label)
		}
	}
	return list
}

// TestAlertsAndPanelsAskForFiguresThatThereAre: each rule for Prometheus and each panel for Grafana is held against a
// scrape of the service. promtool reads and tries the rules (scripts/check-alerts).
// covers: 001-50
func TestAlertsAndPanelsAskForFiguresThatThereAre(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := scraped(t, db)
		expect.MustThat(t, "the scrape shows something", len(f.labels) > 40, len(f.labels))
		for query, fault := range map[string]string{
			`max(pointbridge_backlog{kind="parked"}) > 0`:          "",
			`sum by (kind) (rate(pointbridge_alerts_total[5m]))`:   "",
			`max(pointbridge_backlogs) > 0`:                        "no figure pointbridge_backlogs",
			`max(pointbridge_backlog{sort="parked"}) > 0`:          "pointbridge_backlog has no label sort",
			`max(pointbridge_backlog{kind="parkd"}) > 0`:           `pointbridge_backlog is never kind="parkd"`,
			`sum by (color) (rate(pointbridge_alerts_total[10m]))`: "nothing has the label color",
		} {
			expect.Equal(t, "what is wrong with "+query, strings.Join(f.faults(query), "; "), fault)
		}
		asked := queries(t)
		expect.MustThat(t, "rules and panels", len(asked) > 30, len(asked))
		for where, query := range asked {
			expect.Equal(t, where, strings.Join(f.faults(query), "; "), "")
		}
	})
}

// queries are those of all rules and panels.
func queries(t *testing.T) map[string]string {
	t.Helper()
	asked := map[string]string{}
	read := func(file string, into func([]byte) error) {
		raw, err := os.ReadFile(file) //nolint:gosec // one of ours
		if err == nil {
			err = into(raw)
		}
		expect.MustEqual(t, "err", err, nil, file)
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	read("deploy/alerts.yml", func(raw []byte) error { return yaml.Unmarshal(raw, &rules) })
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			asked["alert "+r.Alert] = r.Expr
		}
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	read("deploy/grafana-dashboard.json", func(raw []byte) error { return json.Unmarshal(raw, &board) })
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			asked["panel "+p.Title] = target.Expr
		}
	}
	return asked
}
