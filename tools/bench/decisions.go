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
	against                                         string
}

func benchDecisionsCommand(environ []string) *cobra.Command {
	var o decisionOptions
	cmd := &cobra.Command{
		Use:   "decisions",
		Short: "Measure decisions about codes beside conversions, with ten thousand and with a million identities",
		Long: "Makes two databases on the server of DATABASE_URL, fills them with uses of codes and what they showed, and asks the\n" +
			"service at a fixed rate whether somebody may use a code, while others convert points. Half of those who ask were\n" +
			"there before. Second by second in turns, the same is read and written by plain pgx: the floor, which has the same\n" +
			"disk and the same neighbours. Prints how long answers and the floor take, by how much the median grows from the\n" +
			"small database to the large one, who took the CPU, and how long the same comparison takes as a statement on raw\n" +
			"values. The databases are dropped at the end. With --against it asks another build in turn with this one, each on a small\n" +
			"database of its own, and prints what a decision took of the CPU in each.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			if o.against != "" {
				return decisionsAgainst(cmd.Context(), server, o, cmd.OutOrStdout())
			}
			return runBenchDecisions(cmd.Context(), server, o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.small, "small", 10_000, "identities in the small database")
	f.IntVar(&o.large, "large", 1_000_000, "identities in the large database")
	f.IntVar(&o.rate, "rate", 200, "decisions per second")
	f.IntVar(&o.conversions, "conversions", 10, "conversions per second beside them")
	f.IntVar(&o.seconds, "seconds", 20, "seconds of decisions in each run, and as many of the floor")
	f.IntVar(&o.naive, "naive", 20, "comparisons by a statement on raw values")
	f.StringVar(&o.against, "against", "", "another build of this program, to measure in turn with this one")
	return cmd
}

// benchMembers is how many members convert beside the decisions.
const benchMembers = 200

// reachDecision and reachSlowest are what 95 and 99 of a hundred decisions may take.
const (
	reachDecision = 5 * time.Millisecond
	reachSlowest  = 15 * time.Millisecond
)

// decided is what one database gave.
type decided struct {
	sample, bare, naive floor.Sample
	// spent is the CPU while decisions were asked for.
	spent usage
}

func (d decided) String() string {
	return fmt.Sprintf("%s\n           raw values in SQL p50 %s   p95 %s", d.beside(), ms(d.naive.Percentile(50)),
		ms(d.naive.Percentile(95)))
}

// beside is a service's answers beside the floor, and who took the CPU.
func (d decided) beside() string {
	line := func(s floor.Sample) string {
		return fmt.Sprintf("p50 %s   p95 %s   p99 %s", ms(s.Percentile(50)), ms(s.Percentile(95)), ms(s.Percentile(99)))
	}
	each := func(ticks int) float64 { return 10 * float64(ticks) / float64(max(1, len(d.sample.Latencies))) }
	return fmt.Sprintf("decisions %s\n           floor     %s   service above floor %.2f, %.2f, %.2f\n"+
		"           CPU       %s; of a decision: service %.2f ms, PostgreSQL %.2f ms", line(d.sample), line(d.bare),
		above(d, 50), above(d, 95), above(d, 99), d.spent.of(d.sample.Elapsed), each(d.spent.service),
		each(d.spent.postgres))
}

func above(d decided, percent float64) float64 {
	return float64(d.sample.Percentile(percent)) / float64(max(d.bare.Percentile(percent), 1))
}

func runBenchDecisions(ctx context.Context, server string, o decisionOptions, out io.Writer) error {
	_, _ = fmt.Fprintf(out, "%d decisions/s beside %d conversions/s for %ds; "+
		"service, simulators, load and PostgreSQL share this machine\n\n",
		o.rate, o.conversions, o.seconds)
	figures := map[int]decided{}
	for _, size := range []int{o.small, o.large} {
		d, err := measureDecisions(ctx, server, o, size, out)
		if err != nil {
			return err
		}
		figures[size] = d
		_, _ = fmt.Fprintf(out, "%-9d  %s\n", size, d)
	}
	small, large := figures[o.small], figures[o.large]
	_, _ = fmt.Fprintf(out, "\ngrowth     decisions %.2f   raw values in SQL %.2f (from %d to %d identities, medians)\n"+
		"reach      p95 below %s and p99 below %s with %d: %v\n",
		growth(small.sample, large.sample), growth(small.naive, large.naive), o.small, o.large, ms(reachDecision),
		ms(reachSlowest), o.large,
		large.sample.Percentile(95) < reachDecision && large.sample.Percentile(99) < reachSlowest)
	return nil
}

func growth(small, large floor.Sample) float64 {
	return float64(large.Percentile(50)) / float64(max(small.Percentile(50), 1))
}

// measureDecisions fills a database, and asks the service on it.
func measureDecisions(ctx context.Context, server string, o decisionOptions, size int, out io.Writer) (decided, error) {
	d := deciding{bed: &bed{client: app.HTTPClient()}, people: crowdOf{size: size}}
	defer d.Close()
	began := time.Now()
	if err := d.make(ctx, server); err != nil {
		return decided{}, err
	}
	defer d.bare.Close()
	_, _ = fmt.Fprintf(out, "%-9d  identities made and found ready in %.0f s\n", size, time.Since(began).Seconds())
	came, err := d.decisions(ctx, o, d.meterOf(ctx, d.database, d.service), d.asking(d.people), d.floor())
	if err != nil {
		return came, err
	}
	came.naive, err = d.people.compared(ctx, d.database, o.naive)
	return came, err
}

// deciding is a bed with a crowd in its database.
type deciding struct {
	*bed
	people   crowdOf
	database string
	cfg      app.Config
	bare     *floor.Deciding
}

// make fills a database and starts the service on it.
func (d *deciding) make(ctx context.Context, server string) (err error) {
	var env []string
	if d.database, env, err = d.recognising(ctx, server, d.people.size); err != nil {
		return err
	}
	if d.cfg, err = app.LoadConfig(env); err != nil {
		return err
	}
	campaign, err := d.people.fill(ctx, d.database, d.cfg)
	if err != nil {
		return err
	}
	if err := d.serveDecisions(ctx, env); err != nil {
		return err
	}
	d.bare, err = floor.NewDeciding(ctx, d.database, campaign, 24)
	return err
}

// floor is what the service is held against.
func (d *deciding) floor() func(context.Context, int) error {
	return d.people.bareDecision(d.cfg, d.bare)
}

// recognising makes a database with the schema, and the settings of a service that recognises people by a known key.
func (b *bed) recognising(ctx context.Context, server string, size int) (database string, env []string, err error) {
	if database, err = b.Database(ctx, server, fmt.Sprint(b.name, "decisions_", size)); err != nil {
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
	return database, env, b.runOnce(ctx, env, nil, "migrate")
}

func (b *bed) serveDecisions(ctx context.Context, env []string) (err error) {
	if err := b.runOnce(ctx, env, &b.key, "key", "create", "--role", "pos", "--name", "bench"); err != nil {
		return err
	}
	if b.service, err = b.start(ctx, env, "serve"); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := subprocess.AwaitReady(wait, b.base); err != nil {
		return err
	}
	return b.linkMembers(ctx, benchMembers)
}

// asking asks the service the n-th question.
func (b *bed) asking(people crowdOf) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		key := fmt.Sprint("d-", rand.Int64()) //nolint:gosec // no secret
		status, answer, err := b.call(ctx, http.MethodPost, "/v1/decisions", key, people.question(n))
		if err == nil && status/100 != 2 {
			err = fmt.Errorf("a decision: %d %.200s", status, answer)
		}
		return err
	}
}

// decisions asks at a fixed rate, some times before it counts, while conversions go on: the service and the floor
// second by second in turns, so that both have the same of whatever else this machine does.
func (b *bed) decisions(ctx context.Context, o decisionOptions, m meter, ask,
	bare func(context.Context, int) error) (decided, error) {
	const warm, turn = 2 * time.Second, time.Second
	for _, call := range []func(context.Context, int) error{ask, bare} {
		if s := floor.OpenLoop(ctx, o.rate, warm, call); len(s.Errors) > 0 {
			return decided{}, fmt.Errorf("errors: %v", s.Errors)
		}
	}
	var d decided
	var beside floor.Sample
	var group errgroup.Group
	group.Go(func() error {
		for n := range o.seconds {
			from := func(call func(context.Context, int) error) func(context.Context, int) error {
				return func(ctx context.Context, i int) error { return call(ctx, 1_000_000+n*o.rate+i) }
			}
			before := m.now()
			d.sample = d.sample.With(floor.OpenLoop(ctx, o.rate, turn, from(ask)))
			d.spent = d.spent.plus(m.now().minus(before))
			d.bare = d.bare.With(floor.OpenLoop(ctx, o.rate, turn, from(bare)))
		}
		return nil
	})
	group.Go(func() error {
		beside = floor.OpenLoop(ctx, o.conversions, 2*time.Duration(o.seconds)*turn, func(ctx context.Context, n int) error {
			return b.Convert(ctx, fmt.Sprintf("m%d", n%benchMembers+1), fmt.Sprint("beside-", n))
		})
		return nil
	})
	_ = group.Wait()
	if len(d.sample.Errors)+len(d.bare.Errors)+len(beside.Errors) > 0 {
		return d, fmt.Errorf("errors: decisions %v, floor %v, conversions %v", d.sample.Errors, d.bare.Errors, beside.Errors)
	}
	return d, nil
}
