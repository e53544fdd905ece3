package bench

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"pointbridge/app"
	"pointbridge/tools/floor"
)

// build is one of two builds of this program that are measured in turn.
type build struct {
	*bed
	called, server string
	serial         int
	meter          meter
	converted      floor.Sample
	rates, cancels []float64
	// wal, serviceCPU and serverCPU are for a conversion with all that follows from it.
	wal, serviceCPU, serverCPU []float64
	// done are mails and metafields a second, from the first conversion of a burst to the last of them; late is how long
	// after the last conversion that was.
	done, late []float64
}

// runAgainst measures this build and another one in turn, beside the floor. What else the machine does is then the same
// for all of them; the ratios of one round say more than the rates, and on a busy machine the CPU says more than both.
func runAgainst(ctx context.Context, server string, o benchOptions, out io.Writer) error {
	debug.SetGCPercent(800)
	var builds []*build
	for _, b := range []*build{{called: "other", bed: &bed{program: o.against, name: "other_"}},
		{called: "this", bed: &bed{}}} {
		b.server = server
		b.client = app.HTTPClient()
		defer b.Close()
		if err := b.make(ctx, server, o); err != nil {
			return fmt.Errorf("the %s build: %w", b.called, err)
		}
		b.meter = b.meterOf(ctx, server, b.service)
		builds = append(builds, b)
	}
	other, this := builds[0], builds[1]
	_, _ = fmt.Fprintf(out, "%d clients, %d rounds of %ds and %ds; "+
		"two services, simulators, load and PostgreSQL share this machine\n\n", o.clients, o.rounds, o.seconds,
		o.mixedSeconds)
	var floors, gained, gainedCancels []float64
	for round := range o.rounds {
		bare := floor.ClosedLoop(ctx, o.clients, time.Duration(o.seconds)*time.Second, func(ctx context.Context, client,
			n int) error {
			return this.floor.Convert(ctx, o.member(client, n), int64(round)<<40+int64(client)<<32+int64(n))
		})
		floors = append(floors, bare.Rate())
		// Each begins as often as it follows.
		for i := range builds {
			if err := builds[(round+i)%2].turn(ctx, o); err != nil {
				return err
			}
		}
		gained = append(gained, this.rates[round]/other.rates[round])
		gainedCancels = append(gainedCancels, this.cancels[round]/other.cancels[round])
		_, _ = fmt.Fprintf(out, "round %d    floor %4.0f/s   conversions %4.0f : %4.0f/s = %.2f   "+
			"cancelled %4.0f : %4.0f/s = %.2f\n", round+1, bare.Rate(), this.rates[round], other.rates[round], gained[round],
			this.cancels[round], other.cancels[round], gainedCancels[round])
	}
	_, _ = fmt.Fprintf(out, "median     floor %4.0f/s   conversions %.2f of the other build   cancelled %.2f\n",
		median(floors), median(gained), median(gainedCancels))
	for _, b := range builds {
		_, _ = fmt.Fprintf(out, "%-9s  conversions %4.0f/s   p50 %s   p95 %s   p99 %s   cancelled %4.0f/s\n"+
			"           each with its mail and metafield: WAL %5.0f bytes   CPU of the service %.2f ms, of PostgreSQL %.2f ms\n"+
			"           mails and metafields %.0f/s, the last %.1f s after the burst\n", b.called, median(b.rates), ms(b.converted.Percentile(50)), ms(b.converted.Percentile(95)),
			ms(b.converted.Percentile(99)), median(b.cancels), median(b.wal), median(b.serviceCPU), median(b.serverCPU),
			median(b.done), median(b.late))
	}
	return ctx.Err()
}

// member is whose points a client converts: each client has members of its own.
func (o benchOptions) member(client, n int) string {
	own := max(1, o.members/o.clients)
	return fmt.Sprintf("m%d", client*own+n%own+1)
}

// turn is one round of a build: conversions, and conversions that are cancelled, until its queue is empty again, so
// that the other build does not pay for its mails.
func (b *build) turn(ctx context.Context, o benchOptions) error {
	b.serial++
	run := func(seconds int, call func(ctx context.Context, client, n int) error) (floor.Sample, error) {
		s := floor.ClosedLoop(ctx, o.clients, time.Duration(seconds)*time.Second, call)
		if len(s.Errors) > 0 {
			return s, fmt.Errorf("the %s build: %v", b.called, s.Errors)
		}
		return s, nil
	}
	before, err := walAt(ctx, b.server)
	if err != nil {
		return err
	}
	spent := b.meter.now()
	start := time.Now()
	one, err := run(o.seconds, func(ctx context.Context, client, n int) error {
		return b.Convert(ctx, o.member(client, n), fmt.Sprintf("a-%d-%d-%d", b.serial, client, n))
	})
	ended := time.Now()
	if err == nil {
		err = b.untilNone(ctx, b.queued)
	}
	if err != nil {
		return err
	}
	b.done = append(b.done, 2*float64(len(one.Latencies))/time.Since(start).Seconds())
	b.late = append(b.late, time.Since(ended).Seconds())
	after, err := walAt(ctx, b.server)
	if err != nil {
		return err
	}
	spent = b.meter.now().minus(spent)
	each := func(sum float64) float64 { return sum / float64(max(len(one.Latencies), 1)) }
	b.wal = append(b.wal, each(after-before))
	b.serviceCPU = append(b.serviceCPU, each(10*float64(spent.service)))
	b.serverCPU = append(b.serverCPU, each(10*float64(spent.postgres)))
	b.rates, b.converted = append(b.rates, one.Rate()), b.converted.With(one)
	began := time.Now()
	two, err := run(o.mixedSeconds, func(ctx context.Context, client, n int) error {
		return b.convertAndCancel(ctx, o.member(client, n), fmt.Sprintf("c-%d-%d-%d", b.serial, client, n))
	})
	if err == nil {
		err = b.untilNone(ctx, b.onTheWay)
	}
	two.Elapsed = time.Since(began)
	b.cancels = append(b.cancels, 2*two.Rate())
	if err != nil {
		return err
	}
	return b.untilNone(ctx, b.queued)
}

// walAt is how much the server has written to its log.
func walAt(ctx context.Context, server string) (bytes float64, err error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8`).Scan(&bytes)
	return bytes, err
}
