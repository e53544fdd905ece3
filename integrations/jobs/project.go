package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

const (
	// gather is the time from one run of the projector to the next: what is told of meanwhile is written together.
	gather = 200 * time.Millisecond
	// restAfter is how long it rests after a run that failed, where nobody says how long. Another process, or the round,
	// may run meanwhile.
	restAfter = 5 * time.Second
)

// projecting runs the projector in this process when it is told that metafields are behind. It keeps nothing and tries
// nothing again by itself: what is behind stands with the customers, and a round of the queue finds what nobody told of.
type projecting struct {
	floor *floor
	run   func(ctx context.Context) error
	told  chan struct{} // holds one token while there is something to look for
	// over ends the loop after the run under way, cut ends that as well; gone says that nothing runs any more.
	over, gone   chan struct{}
	begun, ended sync.Once
	ctx          context.Context
	cut          context.CancelFunc
}

func newProjecting(p Projector, f *floor) *projecting {
	ctx, cut := context.WithCancel(context.Background())
	return &projecting{floor: f, run: p.Project, told: make(chan struct{}, 1), over: make(chan struct{}),
		gone: make(chan struct{}), ctx: ctx, cut: cut}
}

// tell has the projector run, once for any number of tellings.
func (p *projecting) tell() {
	select {
	case p.told <- struct{}{}:
	default:
	}
}

// loop runs the projector until it is stopped.
func (p *projecting) loop() {
	defer close(p.gone)
	for {
		select {
		case <-p.over:
			return
		case <-p.told:
		}
		select {
		case <-p.over:
			return
		case <-time.After(p.once()):
		}
	}
}

// once is one run, and tells how long to rest after it.
func (p *projecting) once() (rest time.Duration) {
	began := p.floor.clock.Now()
	ctx, cancel := context.WithTimeout(p.ctx, longLimit)
	defer cancel()
	err := beside.Guard(func() error { return p.run(ctx) })
	d := decide(ctx, domain.JobProject, err)
	p.floor.observer.Job(string(domain.JobProject), d.outcome, p.floor.clock.Now().Sub(began))
	p.floor.log(ctx, d, err, false, slog.String("job_kind", string(domain.JobProject)))
	switch {
	case d.outcome == outcomeDone:
		return gather
	case d.wait > 0:
		return d.wait
	default:
		return restAfter
	}
}

// start begins the loop, with a look at what was left.
func (p *projecting) start() {
	p.tell()
	p.begun.Do(func() { go p.loop() })
}

// end lets no further run begin.
func (p *projecting) end() { p.ended.Do(func() { close(p.over) }) }

// wait waits for the run under way, and cuts it off when the context ends.
func (p *projecting) wait(ctx context.Context) {
	p.begun.Do(func() { close(p.gone) })
	select {
	case <-p.gone:
	case <-ctx.Done():
	}
	p.cut()
	<-p.gone
}
