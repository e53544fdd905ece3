package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"pointbridge/app"
	"pointbridge/tools/floor"
)

// decisionsAgainst measures this build and another one in turn, second by second, beside the floor. What else the machine
// does is then the same for all of them. Nobody converts beside them, so that the CPU is that of decisions.
func decisionsAgainst(ctx context.Context, server string, o decisionOptions, out io.Writer) error {
	var both [2]*deciding
	for i, b := range []*bed{{program: o.against, name: "other_"}, {}} {
		b.client = app.HTTPClient()
		defer b.Close()
		both[i] = &deciding{bed: b, people: crowdOf{size: o.small}}
		if err := both[i].make(ctx, server); err != nil {
			return fmt.Errorf("the %s build: %w", calledBuilds[i], err)
		}
		defer both[i].bare.Close()
	}
	const turn = time.Second
	var came [2]decided
	for n := -2; n < o.seconds && ctx.Err() == nil; n++ { // the first turns only warm up
		asked := rand.IntN(1 << 30) //nolint:gosec // no secret
		load := func(call func(context.Context, int) error) floor.Sample {
			return floor.OpenLoop(ctx, o.rate, turn, func(ctx context.Context, i int) error { return call(ctx, asked+i) })
		}
		for i := range both {
			which := (n + i) & 1
			d := both[which]
			m := d.meterOf(ctx, d.database, d.service)
			before := m.now()
			answers := load(d.asking(d.people))
			spent := m.now().minus(before)
			bare := load(d.floor())
			if len(answers.Errors)+len(bare.Errors) > 0 {
				return fmt.Errorf("errors of the %s build: %v, floor %v", calledBuilds[which], answers.Errors, bare.Errors)
			}
			if n >= 0 {
				c := &came[which]
				c.sample, c.bare, c.spent = c.sample.With(answers), c.bare.With(bare), c.spent.plus(spent)
			}
		}
	}
	for i, c := range came {
		_, _ = fmt.Fprintf(out, "%-9s  %s\n", calledBuilds[i], c.beside())
	}
	_, _ = fmt.Fprintf(out, "%-9s  p50 %.2f   p95 %.2f   p99 %.2f of the other build\n", "ratio", of(came, 50), of(came, 95),
		of(came, 99))
	return ctx.Err()
}

var calledBuilds = [2]string{"other", "this"}

func of(came [2]decided, percent float64) float64 {
	return float64(came[1].sample.Percentile(percent)) / float64(max(came[0].sample.Percentile(percent), 1))
}
