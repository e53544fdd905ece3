package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"pointbridge/app"
	"pointbridge/tools/floor"
	"pointbridge/tools/subprocess"
)

type decisionOptions struct {
	small, large, rate, conversions, seconds, naive int
}

func benchDecisionsCommand(environ []string) *cobra.Command {
	var o decisionOptions
	cmd := &cobra.Command{
		Use:   "decisions",
		Short: "Measure decisions about codes beside conversions, with ten thousand and with a million identities",
		Long: "Makes two databases on the server of DATABASE_URL, fills them with uses of codes and what they showed, and asks the\n" +
			"service at a fixed rate whether somebody may use a code, while others convert points. Half of those who ask were\n" +
			"there before. Prints how long answers take, by how much the median grows from the small database to the large one,\n" +
			"and how long the same comparison takes as a statement on raw values. The databases are dropped at the end.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			return runBenchDecisions(cmd.Context(), server, o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.small, "small", 10_000, "identities in the small database")
	f.IntVar(&o.large, "large", 1_000_000, "identities in the large database")
	f.IntVar(&o.rate, "rate", 200, "decisions per second")
	f.IntVar(&o.conversions, "conversions", 10, "conversions per second beside them")
	f.IntVar(&o.seconds, "seconds", 20, "seconds of each run")
	f.IntVar(&o.naive, "naive", 20, "comparisons by a statement on raw values")
	return cmd
}

// benchMembers is how many members convert beside the decisions.
const benchMembers = 200

// reachDecision is what a decision may take.
const reachDecision = 5 * time.Millisecond

// decided is what one database gave.
type decided struct {
	sample floor.Sample
	naive  floor.Sample
}

func runBenchDecisions(ctx context.Context, server string, o decisionOptions, out io.Writer) error {
	_, _ = fmt.Fprintf(out, "%d decisions/s beside %d conversions/s for %ds; service, simulators, load and PostgreSQL share this machine\n\n",
		o.rate, o.conversions, o.seconds)
	figures := map[int]decided{}
	for _, size := range []int{o.small, o.large} {
		d, err := measureDecisions(ctx, server, o, size, out)
		if err != nil {
			return err
		}
		figures[size] = d
		_, _ = fmt.Fprintf(out, "%-9d  decisions p50 %s   p95 %s   p99 %s   raw values in SQL p50 %s   p95 %s\n", size,
			ms(d.sample.Percentile(50)), ms(d.sample.Percentile(95)), ms(d.sample.Percentile(99)),
			ms(d.naive.Percentile(50)), ms(d.naive.Percentile(95)))
	}
	small, large := figures[o.small], figures[o.large]
	_, _ = fmt.Fprintf(out, "\ngrowth     decisions %.2f   raw values in SQL %.2f (from %d to %d identities, medians)\nreach      p95 below %s with %d: %v\n",
		growth(small.sample, large.sample), growth(small.naive, large.naive), o.small, o.large, ms(reachDecision),
		o.large, large.sample.Percentile(95) < reachDecision)
	return nil
}

func growth(small, large floor.Sample) float64 {
	return float64(large.Percentile(50)) / float64(max(small.Percentile(50), 1))
}

// measureDecisions fills a database, and asks the service on it.
func measureDecisions(ctx context.Context, server string, o decisionOptions, size int, out io.Writer) (decided, error) {
	b := &bed{client: app.HTTPClient()}
	defer b.Close()
	database, env, err := b.recognising(ctx, server, size)
	if err != nil {
		return decided{}, err
	}
	began := time.Now()
	cfg, err := app.LoadConfig(env)
	if err != nil {
		return decided{}, err
	}
	people := crowdOf{size: size}
	if err := people.fill(ctx, database, cfg); err != nil {
		return decided{}, err
	}
	_, _ = fmt.Fprintf(out, "%-9d  identities made in %.0f s\n", size, time.Since(began).Seconds())
	if err := b.serveDecisions(ctx, env); err != nil {
		return decided{}, err
	}
	var d decided
	if d.sample, err = b.decisions(ctx, o, people); err != nil {
		return d, err
	}
	d.naive, err = people.compared(ctx, database, o.naive)
	return d, err
}

// recognising makes a database with the schema, and the settings of a service that recognises people by a known key.
func (b *bed) recognising(ctx context.Context, server string, size int) (database string, env []string, err error) {
	if database, err = b.Database(ctx, server, fmt.Sprint("decisions_", size)); err != nil {
		return "", nil, err
	}
	if err = b.startOutside(ctx, benchMembers); err != nil {
		return "", nil, err
	}
	address, err := subprocess.FreeAddress(ctx)
	if err != nil {
		return "", nil, err
	}
	b.base = "http://" + address
	env = append(b.Environment(database, address), "BOOKS_CHECK_EVERY=0")
	return database, env, RunOnce(ctx, env, nil, "migrate")
}

func (b *bed) serveDecisions(ctx context.Context, env []string) (err error) {
	if err := RunOnce(ctx, env, &b.key, "key", "create", "--role", "pos", "--name", "bench"); err != nil {
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
	return b.linkMembers(ctx, benchMembers)
}

// decisions asks at a fixed rate, some times before it counts, while conversions go on.
func (b *bed) decisions(ctx context.Context, o decisionOptions, people crowdOf) (floor.Sample, error) {
	ask := func(ctx context.Context, n int) error {
		status, answer, err := b.call(ctx, http.MethodPost, "/v1/decisions", fmt.Sprint("d-", rand.Int64()), //nolint:gosec // no secret
			people.question(n))
		if err == nil && status/100 != 2 {
			err = fmt.Errorf("a decision: %d %.200s", status, answer)
		}
		return err
	}
	const warm = 2 * time.Second
	if s := floor.OpenLoop(ctx, o.rate, warm, ask); len(s.Errors) > 0 {
		return s, fmt.Errorf("errors: %v", s.Errors)
	}
	var s, beside floor.Sample
	var group errgroup.Group
	group.Go(func() error {
		s = floor.OpenLoop(ctx, o.rate, time.Duration(o.seconds)*time.Second, ask)
		return nil
	})
	group.Go(func() error {
		beside = floor.OpenLoop(ctx, o.conversions, time.Duration(o.seconds)*time.Second, func(ctx context.Context, n int) error {
			return b.Convert(ctx, fmt.Sprintf("m%d", n%benchMembers+1), fmt.Sprint("beside-", n))
		})
		return nil
	})
	_ = group.Wait()
	if len(s.Errors)+len(beside.Errors) > 0 {
		return s, fmt.Errorf("errors: decisions %v, conversions %v", s.Errors, beside.Errors)
	}
	return s, nil
}
