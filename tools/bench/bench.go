package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/integrations/store"
	"pointbridge/tools/floor"
	"pointbridge/tools/subprocess"
)

type benchOptions struct {
	clients, rounds, members, rate int
	seconds, slowSeconds           int
	mixedSeconds                   int
	posDelay, shopifyDelay         time.Duration
	against                        string
}

func Command(environ []string) *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure conversions and cancellations against the bare database, on PostgreSQL",
		Long: "Starts the simulators and the service as processes of their own, on loopback, on databases it makes and drops on the\n" +
			"server of DATABASE_URL. Prints conversions per second beside a floor measured in the same run (the same rows in the\n" +
			"same number of commits by plain pgx), latencies with slow upstreams, the same floor and rate for conversions that are\n" +
			"cancelled, memory, and the time to become ready. With --against it prints rates beside those of another build, whose\n" +
			"rounds are in turn with this one's: a machine with other work is the same for both.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			if o.against != "" {
				return runAgainst(cmd.Context(), server, o, cmd.OutOrStdout())
			}
			return runBench(cmd.Context(), server, o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.clients, "clients", 16, "clients that each call again as soon as they are answered")
	f.IntVar(&o.rounds, "rounds", 3, "rounds of floor and service in turn; medians are printed")
	f.IntVar(&o.seconds, "seconds", 10, "seconds of each round")
	f.IntVar(&o.members, "members", 2000, "members whose points are converted")
	f.IntVar(&o.rate, "rate", 50, "conversions per second in the first run with slow upstreams; the second has twice as many")
	f.IntVar(&o.slowSeconds, "slow-seconds", 20, "seconds of each of those runs")
	f.IntVar(&o.mixedSeconds, "mixed-seconds", 8, "seconds of each round of conversions that are cancelled")
	f.DurationVar(&o.posDelay, "pos-delay", 80*time.Millisecond, "time the POS takes in them")
	f.DurationVar(&o.shopifyDelay, "shopify-delay", 250*time.Millisecond, "time the store takes in them")
	f.StringVar(&o.against, "against", "", "another build of this program, to measure in turn with this one")
	cmd.AddCommand(benchPagesCommand(environ), benchDecisionsCommand(environ), benchCodesCommand(environ),
		benchAuditCommand(environ), benchReplicasCommand(environ))
	return cmd
}

// bed is everything a measurement runs on.
type bed struct {
	// program is another build that is measured; empty for this one. Its databases have names of their own.
	program, name    string
	outside, service *subprocess.Process
	base             string
	key, admin       string // of the POS, and of who cancels without a cap
	outsideBase      string
	accessToken      string
	session          string       // of who looks at the console
	watch            *store.Store // the service's database, to see when its work is done
	env              []string
	floor            *floor.Floor
	ready            time.Duration
	drop             []func()
	client           *http.Client
}

func (b *bed) Close() {
	if b.floor != nil {
		b.floor.Close()
	}
	if b.watch != nil {
		_ = b.watch.Close()
	}
	for _, c := range []*subprocess.Process{b.service, b.outside} {
		if c != nil {
			_ = c.Stop()
		}
	}
	for _, drop := range slices.Backward(b.drop) {
		drop()
	}
}

func runBench(ctx context.Context, server string, o benchOptions, out io.Writer) error {
	// The rig's own garbage is collected seldom: it shares the cores with what is measured.
	debug.SetGCPercent(800)
	b, err := makeBed(ctx, server, o)
	if b != nil {
		defer b.Close()
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d clients, %d rounds of %ds, %d members; service, simulators, load and PostgreSQL share this machine\n\n", o.clients, o.rounds, o.seconds, o.members)
	if err := b.throughput(ctx, o, out); err != nil {
		return err
	}
	if err := b.AwaitQuiet(ctx, out); err != nil {
		return err
	}
	if err := b.slow(ctx, o, out); err != nil {
		return err
	}
	if err := b.mixed(ctx, o, out); err != nil {
		return err
	}
	peak, err := b.service.PeakMemory()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "memory     peak resident %.0f MiB (reach: below 150)\nready      %.0f ms after its start (reach: below 1000)\n",
		float64(peak)/(1<<20), float64(b.ready.Microseconds())/1000)
	return nil
}

// makeBed starts simulators and service, makes the databases, and links the members.
func makeBed(ctx context.Context, server string, o benchOptions) (*bed, error) {
	b := &bed{client: app.HTTPClient()}
	return b, b.make(ctx, server, o)
}

// make fills the bed.
func (b *bed) make(ctx context.Context, server string, o benchOptions) error {
	serviceDB, err := b.Database(ctx, server, b.name+"service")
	if err != nil {
		return err
	}
	floorDB, err := b.Database(ctx, server, b.name+"floor")
	if err != nil {
		return err
	}
	if err := b.startOutside(ctx, o.members); err != nil {
		return err
	}
	for _, url := range []string{serviceDB, floorDB} {
		if err := b.runOnce(ctx, b.Environment(url, "127.0.0.1:1"), nil, "migrate"); err != nil {
			return err
		}
	}
	address, err := subprocess.FreeAddress(ctx)
	if err != nil {
		return err
	}
	b.base = "http://" + address
	if b.watch, err = store.Open(ctx, store.Config{URL: serviceDB, Aside: true}); err != nil {
		return err
	}
	env := b.Environment(serviceDB, address)
	if err := b.runOnce(ctx, env, &b.key, "key", "create", "--role", "pos", "--name", "bench"); err != nil {
		return err
	}
	if err := b.adminKey(ctx, env); err != nil {
		return err
	}
	began := time.Now()
	if b.service, err = b.start(ctx, env, "serve"); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := subprocess.AwaitReady(wait, b.base); err != nil {
		return err
	}
	b.ready = time.Since(began)
	if b.floor, err = floor.NewFloor(ctx, floorDB, o.clients); err != nil {
		return err
	}
	if err := b.floor.Prepare(ctx, o.members); err != nil {
		return err
	}
	return b.linkMembers(ctx, o.members)
}

// Database makes a database on the server, to be dropped at the end.
func (b *bed) Database(ctx context.Context, server, what string) (string, error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", errors.New("the PostgreSQL server cannot be reached")
	}
	defer func() { _ = conn.Close(ctx) }()
	name := fmt.Sprintf("pointbridge_bench_%s_%d", what, os.Getpid())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	b.drop = append(b.drop, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if conn, err := pgx.Connect(ctx, server); err == nil {
			_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			_ = conn.Close(ctx)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// startOutside runs the simulators and keeps the variables they print.
func (b *bed) startOutside(ctx context.Context, members int) error {
	var err error
	if b.outside, err = subprocess.Start(ctx, []string{"GOGC=800"}, "simulate", "--addr", "127.0.0.1:0", "--unlimited",
		"--members", fmt.Sprint(members)); err != nil {
		return err
	}
	lines, err := b.outside.Until("# ready")
	if err != nil {
		return err
	}
	for _, line := range lines {
		if token, ok := strings.CutPrefix(line, "# The store's own access token: "); ok {
			b.accessToken = token
		}
	}
	b.env = append(b.env, demo.FromShell(lines)...)
	b.outsideBase = strings.TrimSuffix(app.ValueOf(b.env, "POS_URL"), demo.PosPath)
	return nil
}

func (b *bed) Environment(database, address string) []string {
	return append(slices.Clone(b.env), "DATABASE_URL="+database, "HTTP_ADDR="+address, "PUBLIC_URL=http://"+address,
		"SECRET_KEY="+demo.Draw()+demo.Draw(), "RATE_LIMIT_PER_MINUTE=1000000", "POINT_DAILY_LIMIT=1000000000",
		"LOG_LEVEL=warn", "DB_MAX_CONNS=24", "CANCEL_GRACE=0s")
}

// adminKey makes the key of a program that may do everything, and a person who answers for it.
func (b *bed) adminKey(ctx context.Context, env []string) error {
	const owner = "bench-keys@example.com"
	if err := b.runOnce(ctx, env, nil, "staff", "add", "--email", owner, "--name", "Bench", "--role",
		"system_admin"); err != nil {
		return err
	}
	create := []string{"key", "create", "--role", "system_admin", "--name", "bench"}
	err := b.runOnce(ctx, env, &b.admin, append(create, "--owner", owner)...)
	if err != nil && b.program != "" { // a build from before keys had owners
		b.admin = ""
		err = b.runOnce(ctx, env, &b.admin, create...)
	}
	return err
}

// RunOnce runs a command to its end; its first line goes to line.
func RunOnce(ctx context.Context, env []string, line *string, args ...string) error {
	return (&bed{}).runOnce(ctx, env, line, args...)
}

// start runs the program that is measured.
func (b *bed) start(ctx context.Context, env []string, args ...string) (*subprocess.Process, error) {
	if b.program != "" {
		return subprocess.StartProgram(ctx, b.program, env, args...)
	}
	return subprocess.Start(ctx, env, args...)
}

func (b *bed) runOnce(ctx context.Context, env []string, line *string, args ...string) error {
	c, err := b.start(ctx, env, args...)
	if err != nil {
		return err
	}
	for text := range c.Lines {
		if line != nil && *line == "" {
			*line = text
		}
	}
	return <-c.Ended
}
