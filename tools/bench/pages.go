package bench

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/reports"
	"pointbridge/integrations/store"
	"pointbridge/tools/floor"
	"pointbridge/tools/subprocess"
)

type PagesOptions struct {
	small, large, requests, rounds int
	Paths                          []string
}

func benchPagesCommand(environ []string) *cobra.Command {
	var o PagesOptions
	cmd := &cobra.Command{
		Use:   "pages",
		Short: "Measure what staff look at, with ten thousand and with a million coupons, on PostgreSQL",
		Long: "Makes two databases on the server of DATABASE_URL, fills them, and asks the service for lists, searches, coupons,\n" +
			"reports and the pages that people see, one request after the other. Prints the median of the rounds' percentiles, and by how much the median time\n" +
			"grows from the small database to the large one. The databases are dropped at the end.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			return runBenchPages(cmd.Context(), server, o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.small, "small", 10_000, "coupons in the small database")
	f.IntVar(&o.large, "large", 1_000_000, "coupons in the large database")
	f.IntVar(&o.requests, "requests", 100, "requests per page and round")
	f.IntVar(&o.rounds, "rounds", 3, "rounds; medians are printed")
	f.StringArrayVar(&o.Paths, "path", nil, "another path to be measured, with a system admin's key; can be repeated")
	return cmd
}

// page is one thing to look at; path gives the address for the nth request, by says who asks for it.
type page struct {
	Name string
	Path func(n int) string
	by   looker
	// leads says that the answer is where another page is.
	leads bool
}

func (p page) status() int {
	if p.leads {
		return http.StatusSeeOther
	}
	return http.StatusOK
}

// timing is a page's percentiles, medians of the rounds.
type timing struct{ p50, p95, p99 time.Duration }

const (
	reachP99    = 50 * time.Millisecond
	reachGrowth = 2.0
)

func runBenchPages(ctx context.Context, server string, o PagesOptions, out io.Writer) error {
	small, err := measurePages(ctx, server, o, o.small, out)
	if err != nil {
		return err
	}
	large, err := measurePages(ctx, server, o, o.large, out)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\n%-34s %21s   %30s   growth\n%-34s %10s %10s   %10s %10s %10s\n", "page",
		fmt.Sprint(o.small, " coupons"), fmt.Sprint(o.large, " coupons"), "", "p50", "p99", "p50", "p95", "p99")
	missed := 0
	for _, p := range Pages(o, nil, nil) {
		a, b := small[p.Name], large[p.Name]
		growth := float64(b.p50) / float64(a.p50)
		note := ""
		if b.p99 >= reachP99 || growth >= reachGrowth {
			missed++
			note = "  not reached"
		}
		_, _ = fmt.Fprintf(out, "%-34s %10s %10s   %10s %10s %10s   %5.2f%s\n", p.Name, ms(a.p50), ms(a.p99), ms(b.p50),
			ms(b.p95), ms(b.p99), growth, note)
	}
	_, _ = fmt.Fprintf(out, "\n%d of %d pages do not reach p99 below %s and growth below %.0f; service, load and PostgreSQL share this machine\n", missed, len(small), ms(reachP99), reachGrowth)
	return nil
}

// measurePages makes a database of a size, starts the service on it, and asks for each page.
func measurePages(ctx context.Context, server string, o PagesOptions, coupons int,
	out io.Writer) (map[string]timing, error) {
	b := &bed{client: app.HTTPClient()}
	defer b.Close()
	began := time.Now()
	database, err := b.filled(ctx, server, coupons)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(out, "%d coupons made in %.0f s\n", coupons, time.Since(began).Seconds())
	codes, customers, err := floor.Filled(ctx, database, 200)
	if err != nil {
		return nil, err
	}
	if err := b.serveFilled(ctx, database); err != nil {
		return nil, err
	}
	list := Pages(o, codes, customers)
	rounds := map[string][]floor.Sample{}
	for range o.rounds {
		for _, p := range list {
			s, err := b.look(ctx, p, o.requests)
			if err != nil {
				return nil, err
			}
			rounds[p.Name] = append(rounds[p.Name], s)
		}
	}
	figures := map[string]timing{}
	for name, samples := range rounds {
		figures[name] = timing{medianOf(samples, 50), medianOf(samples, 95), medianOf(samples, 99)}
	}
	return figures, nil
}

func medianOf(samples []floor.Sample, percentile float64) time.Duration {
	list := make([]float64, 0, len(samples))
	for _, s := range samples {
		list = append(list, float64(s.Percentile(percentile)))
	}
	return time.Duration(median(list))
}

// filled makes a database with coupons, and adds up what their audit tells. The shop's zone is asked about while there
// is nothing to add up: days are kept for zones that were asked for, and a question adds up what nobody has added yet,
// which for a million coupons takes longer than the service lets a statement take.
func (b *bed) filled(ctx context.Context, server string, coupons int) (string, error) {
	database, err := b.Database(ctx, server, fmt.Sprint("pages_", coupons))
	if err != nil {
		return "", err
	}
	if err := b.startOutside(ctx, 1); err != nil {
		return "", err
	}
	if err := RunOnce(ctx, b.Environment(database, "127.0.0.1:1"), nil, "migrate"); err != nil {
		return "", err
	}
	db, err := store.Open(ctx, store.Config{URL: database, MaxConns: 2})
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	desk := reports.Desk{Store: db.Reports, Clock: domain.SystemClock{}, Zone: time.FixedZone("shop", 9*60*60)}
	steps := []struct {
		name string
		do   func() error
	}{
		{"ask about the zone", func() error {
			_, err := desk.Summary(ctx, desk.Today(), desk.Today())
			return err
		}},
		{"fill", func() error { return floor.Fill(ctx, database, coupons) }},
		{"statistics", func() error { return floor.Analyze(ctx, database) }},
		{"make members findable", func() error { return members.MakeTerms(ctx, db.Members) }},
		{"add up", func() error { return db.Reports.RebuildRollup(ctx) }},
		{"statistics", func() error { return floor.Analyze(ctx, database) }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return "", fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return database, nil
}

func (b *bed) serveFilled(ctx context.Context, database string) error {
	address, err := subprocess.FreeAddress(ctx)
	if err != nil {
		return err
	}
	b.base = "http://" + address
	env := append(b.Environment(database, address), "REMINDER_DAYS=1", "BOOKS_CHECK_EVERY=0")
	if err := b.adminKey(ctx, env); err != nil {
		return err
	}
	if b.service, err = subprocess.Start(ctx, env, "serve"); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := subprocess.AwaitReady(wait, b.base); err != nil {
		return err
	}
	if err := b.signIn(ctx, env); err != nil {
		return err
	}
	return b.shopper(ctx, database)
}

// look asks for a page again and again, some times before it counts.
func (b *bed) look(ctx context.Context, p page, requests int) (floor.Sample, error) {
	const warm = 10
	s := floor.InTurn(ctx, warm, requests, func(ctx context.Context, n int) error {
		status, answer, err := b.lookAs(ctx, p.by, p.Path(n))
		if err == nil && status != p.status() {
			err = fmt.Errorf("%s: %d %.200s", p.Path(n), status, answer)
		}
		return err
	})
	if len(s.Errors) > 0 {
		return s, fmt.Errorf("errors: %v", s.Errors)
	}
	return s, ctx.Err()
}

// Pages is everything that is measured.
func Pages(o PagesOptions, codes, customers []string) []page {
	one := func(path string) func(int) string { return func(int) string { return path } }
	of := func(path string, list []string, part func(string) string) func(int) string {
		return func(n int) string { return path + part(list[n%len(list)]) }
	}
	whole := func(s string) string { return s }
	drawn := func(n int) func(string) string {
		return func(s string) string { return strings.Split(s, "-")[1][:n] }
	}
	soon := time.Now().Add(7 * 24 * time.Hour).UTC().Format(time.RFC3339)
	const list = "/v1/coupons"
	all := []page{
		{Name: "list", Path: one(list)},
		{Name: "list, a page in the middle", Path: func(n int) string {
			return list + "?cursor=" + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "c%d", 5000+n))
		}},
		{Name: "list, by end", Path: one(list + "?sort=end")},
		{Name: "list, by amount", Path: one(list + "?sort=amount_largest")},
		{Name: "list, by points", Path: one(list + "?sort=points_most")},
		{Name: "active, ending within a week", Path: one(list + "?status=active&expires_before=" + soon)},
		{Name: "used, ending within a week", Path: one(list + "?status=used&expires_before=" + soon)},
		{Name: "all, ending within a week", Path: one(list + "?expires_before=" + soon)},
		{Name: "active, by end", Path: one(list + "?status=active&sort=end")},
		{Name: "used, by amount", Path: one(list + "?status=used&sort=amount_largest")},
		{Name: "customer", Path: of(list+"?customer_id=", customers, whole)},
		{Name: "search, whole code", Path: of(list+"?q=", codes, whole)},
		{Name: "search, drawn part", Path: of(list+"?q=", codes, drawn(6))},
		{Name: "search, two characters", Path: of(list+"?q=", codes, drawn(2))},
		{Name: "search, customer", Path: of(list+"?q=", customers, whole)},
		{Name: "search, two digits of customers", Path: of(list+"?q=", customers,
			func(s string) string { return s[:2] })},
		{Name: "search, one digit of customers", Path: of(list+"?q=", customers,
			func(s string) string { return s[:1] })},
		{Name: "search, last digits of customer", Path: of(list+"?q=", customers,
			func(s string) string { return s[len(s)-5:] })},
		{Name: "search, nothing to be found", Path: one(list + "?q=ZZZZZZZZ")},
		{Name: "expired, two digits of customers", Path: of(list+"?status=expired&q=", customers,
			func(s string) string { return s[:2] })},
		{Name: "code, a part", Path: of(list+"?code=", codes, drawn(4))},
		{Name: "coupon", Path: of(list+"/", codes, whole)},
		{Name: "customer's coupons", Path: func(n int) string { return "/v1/customers/" + customers[n%len(customers)] + "/coupons" }},
		{Name: "summary, 30 days", Path: one("/v1/reports/summary")},
		{Name: "summary, a year", Path: one("/v1/reports/summary?from=" + time.Now().AddDate(0, 0,
			-364).Format(time.DateOnly))},
		{Name: "summary, a year, csv", Path: one("/v1/reports/summary?format=csv&from=" + time.Now().AddDate(0, 0,
			-364).Format(time.DateOnly))},
		{Name: "refunds by person, 30 days", Path: one("/v1/reports/refunds?by=person")},
		{Name: "audit", Path: one("/v1/audit")},
		{Name: "audit, an action that is rare", Path: one("/v1/audit?action=coupon.suspended")},
		{Name: "audit, an actor", Path: one("/v1/audit?actor=staff:1")},
		{Name: "reviews", Path: one("/v1/reviews?status=open")},
	}
	for _, status := range []string{"pending", "active", "used", "expired", "cancelled", "suspended", "forfeited",
		"failed"} {
		all = append(all, page{Name: "list, " + status, Path: one(list + "?status=" + status)})
	}
	all = append(all, consolePages(codes, customers)...)
	for _, path := range o.Paths {
		all = append(all, page{Name: path, Path: one(path)})
	}
	return all
}
