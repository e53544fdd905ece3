package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/integrations/store"
	"pointbridge/tools/floor"
	"pointbridge/tools/subprocess"
)

type replicaOptions struct{ clients, rounds, members, seconds, warm int }

func benchReplicasCommand(environ []string) *cobra.Command {
	var o replicaOptions
	cmd := &cobra.Command{
		Use:   "replicas",
		Short: "Measure conversions by two and by three processes on one database beside those by one, on the same cores",
		Long: "Makes a database on the server of DATABASE_URL, starts the simulators, and measures one, two and three processes of the\n" +
			"service on it in turn, each as often in each place of a round. Clients take the processes one after the other, as a\n" +
			"load balancer would have them do; together they run as many jobs at once as one does, and have as many connections.\n" +
			"A turn's processes are started for it, and stopped when the queue is empty. Prints the rates, the median of each\n" +
			"round's ratios, and the CPU of a conversion with its mail and metafield.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			return runBenchReplicas(cmd.Context(), server, o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.clients, "clients", 16, "clients that each call again as soon as they are answered")
	f.IntVar(&o.rounds, "rounds", 9, "rounds of one, two and three processes; medians are printed")
	f.IntVar(&o.seconds, "seconds", 10, "seconds of each turn")
	f.IntVar(&o.warm, "warm", 5, "seconds before each turn that are not counted: each connection plans its statements anew")
	f.IntVar(&o.members, "members", 2000, "members whose points are converted")
	return cmd
}

// reachReplicas is what two and three processes carry at least of what one does.
const reachReplicas = 0.95

// replicaBed is a bed whose service is as many processes as a turn wants.
type replicaBed struct {
	*bed
	server, database string
	environ          []string
	serial           int
}

// figures are those of a number of processes, turn by turn.
type figures struct{ rates, ratios, serviceCPU, serverCPU []float64 }

func runBenchReplicas(ctx context.Context, server string, o replicaOptions, out io.Writer) error {
	debug.SetGCPercent(800)
	b := &replicaBed{bed: &bed{client: app.HTTPClient()}, server: server}
	defer b.Close()
	if err := b.make(ctx, o); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d clients, %d rounds of %ds each; services, simulators, load and PostgreSQL share this machine\n\n",
		o.clients, o.rounds, o.seconds)
	var by [3]figures
	for round := range o.rounds {
		for i := range by {
			n := (round + i) % len(by)
			if err := b.turn(ctx, o, n+1, &by[n]); err != nil {
				return fmt.Errorf("%d processes: %w", n+1, err)
			}
		}
		for n := range by {
			by[n].ratios = append(by[n].ratios, by[n].rates[round]/by[0].rates[round])
		}
		_, _ = fmt.Fprintf(out, "round %d    one %4.0f/s   two %4.0f/s = %.2f   three %4.0f/s = %.2f\n", round+1,
			by[0].rates[round], by[1].rates[round], by[1].ratios[round], by[2].rates[round], by[2].ratios[round])
	}
	for n, f := range by {
		ratio := median(f.ratios)
		_, _ = fmt.Fprintf(out, "%d serving  %4.0f/s   ratio %.2f (reach: %.2f): %v   "+
			"CPU of the service %.2f ms, of PostgreSQL %.2f ms a conversion\n", n+1, median(f.rates), ratio, reachReplicas,
			ratio >= reachReplicas, median(f.serviceCPU), median(f.serverCPU))
	}
	return ctx.Err()
}

// make makes the database and the members; that takes a process, which is ended again.
func (b *replicaBed) make(ctx context.Context, o replicaOptions) error {
	var err error
	if b.database, err = b.Database(ctx, b.server, "replicas"); err != nil {
		return err
	}
	if err := b.startOutside(ctx, o.members); err != nil {
		return err
	}
	b.environ = b.Environment(b.database, "127.0.0.1:1")
	if err := b.runOnce(ctx, b.environ, nil, "migrate"); err != nil {
		return err
	}
	if b.watch, err = store.Open(ctx, store.Config{URL: b.database, Aside: true}); err != nil {
		return err
	}
	if err := b.runOnce(ctx, b.environ, &b.key, "key", "create", "--role", "pos", "--name", "bench"); err != nil {
		return err
	}
	one, bases, err := b.serve(ctx, 1)
	defer stopAll(one)
	if err != nil {
		return err
	}
	b.base = bases[0]
	return b.linkMembers(ctx, o.members)
}

// workersTogether is how many jobs of a kind all processes of a turn run at once. Otherwise three of them would send more
// mails while conversions are counted, and fewer afterwards, than one does.
const workersTogether = 12

// connectionsTogether is how many connections to the database all processes of a turn have for requests and jobs, because what
// slows PostgreSQL down is how many statements are under way at once, whoever sent them.
const connectionsTogether = 24

// serve starts processes of the service and waits until each is ready. What it started it gives with a fault as well.
func (b *replicaBed) serve(ctx context.Context, n int) (services []*subprocess.Process, bases []string, err error) {
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for range n {
		address, err := subprocess.FreeAddress(ctx)
		if err != nil {
			return services, bases, err
		}
		// The last of two values counts.
		s, err := b.start(ctx, append(b.environ[:len(b.environ):len(b.environ)], "HTTP_ADDR="+address,
			fmt.Sprint("JOB_WORKERS=", workersTogether/n), fmt.Sprint("DB_MAX_CONNS=", connectionsTogether/n)), "serve")
		if err != nil {
			return services, bases, err
		}
		services, bases = append(services, s), append(bases, "http://"+address)
		if err := subprocess.AwaitReady(wait, "http://"+address); err != nil {
			return services, bases, err
		}
	}
	return services, bases, nil
}

func stopAll(services []*subprocess.Process) {
	for _, s := range services {
		_ = s.Stop()
	}
}

// turn measures so many processes. What warms up connections and statements is not counted: a server plans a statement
// anew on each connection, its first five times, and more processes have more connections.
func (b *replicaBed) turn(ctx context.Context, o replicaOptions, n int, f *figures) error {
	services, bases, err := b.serve(ctx, n)
	defer stopAll(services)
	if err != nil {
		return err
	}
	at := make([]bed, n)
	for i := range at {
		at[i] = *b.bed
		at[i].base = bases[i]
	}
	own := benchOptions{clients: o.clients, members: o.members}
	load := func(d time.Duration) (floor.Sample, error) {
		b.serial++
		s := floor.ClosedLoop(ctx, o.clients, d, func(ctx context.Context, client, call int) error {
			return at[(client+call)%n].Convert(ctx, own.member(client, call), fmt.Sprintf("r-%d-%d-%d", b.serial, client, call))
		})
		if len(s.Errors) > 0 {
			return s, fmt.Errorf("%v", s.Errors)
		}
		return s, b.untilNone(ctx, b.queued)
	}
	if _, err := load(time.Duration(o.warm) * time.Second); err != nil {
		return err
	}
	meter := b.meterOf(ctx, b.server, services...)
	spent := meter.now()
	s, err := load(time.Duration(o.seconds) * time.Second)
	if err != nil {
		return err
	}
	spent = meter.now().minus(spent)
	each := 10 / float64(max(len(s.Latencies), 1)) // a tick is 10 ms
	f.rates = append(f.rates, s.Rate())
	f.serviceCPU = append(f.serviceCPU, each*float64(spent.service))
	f.serverCPU = append(f.serverCPU, each*float64(spent.postgres))
	return nil
}
