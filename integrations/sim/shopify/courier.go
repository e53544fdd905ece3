package shopify

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Webhooks says how subscriptions are served.
type Webhooks struct {
	// ComplianceURI takes the topics that no API subscribes to: customers/data_request, customers/redact, shop/redact.
	ComplianceURI string
	// Retries are the pauses after failures. The vendor tries again 8 times within 4 hours; the steps are this store's.
	Retries []time.Duration
	// Timeout is for one attempt, the connection included; 5 s.
	Timeout time.Duration
}

func (w Webhooks) withDefaults() Webhooks {
	setDefault(&w.Timeout, 5*time.Second)
	if w.Retries == nil {
		for _, minutes := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 113} {
			w.Retries = append(w.Retries, minutes*time.Minute)
		}
	}
	return w
}

const (
	connectTimeout = time.Second
	// shortestNap keeps a clock that stands still from making the courier spin.
	shortestNap = 20 * time.Millisecond
)

// courier sends what the outbox owes, in the background from the first delivery on.
type courier struct {
	s      *Server
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc
	woken  chan struct{}
	// sending is held by whoever is sending: one round at a time.
	sending chan struct{}

	mu      sync.Mutex
	started bool
	closed  bool
	running sync.WaitGroup
}

func newCourier(s *Server) *courier {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     10 * time.Second,
	}
	c := &courier{s: s, woken: make(chan struct{}, 1), sending: make(chan struct{}, 1), client: &http.Client{
		Transport: transport, Timeout: s.cfg.Webhooks.Timeout,
		// The vendor follows no redirect: it is an answer like another, and no success.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// begin goes on with what an earlier process owed.
func (c *courier) begin() {
	c.s.state.mu.RLock()
	defer c.s.state.mu.RUnlock()
	c.wake()
}

// wake makes the courier look again. The caller holds the state's lock.
func (c *courier) wake() {
	if _, owes := c.s.state.outbox.next(); !owes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if !c.started {
		c.started = true
		c.running.Go(c.run)
	}
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c *courier) run() {
	for {
		_ = c.s.Drain(c.ctx) // what failed is still owed, and the next round meets it
		nap, stop := c.nap()
		select {
		case <-c.ctx.Done():
			stop()
			return
		case <-c.woken:
		case <-nap:
		}
		stop()
	}
}

// nap lasts until the next delivery is due; for ever when none waits.
func (c *courier) nap() (<-chan time.Time, func()) {
	c.s.state.mu.RLock()
	at, ok := c.s.state.outbox.next()
	c.s.state.mu.RUnlock()
	if !ok {
		return nil, func() {}
	}
	timer := time.NewTimer(max(at.Sub(c.s.cfg.Clock()), shortestNap))
	return timer.C, func() { timer.Stop() }
}

// close ends the deliveries; one that is under way is cut off and stays owed.
func (c *courier) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
	c.client.CloseIdleConnections()
}

// Drain sends everything whose time has come, retries and second copies too, and returns when nothing is due. Error:
// the context's when it ends first, or what the journal says.
func (s *Server) Drain(ctx context.Context) error {
	select {
	case s.courier.sending <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.courier.sending }()
	for ctx.Err() == nil && s.courier.ctx.Err() == nil {
		s.state.mu.RLock()
		due := s.state.outbox.due(s.cfg.Clock())
		s.state.mu.RUnlock()
		if len(due) == 0 {
			return nil
		}
		if err := s.courier.round(ctx, due); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// Flush lets go of what is held, late or waiting for its next attempt, and drains.
func (s *Server) Flush(ctx context.Context) error {
	if err := s.release(); err != nil {
		return err
	}
	return s.Drain(ctx)
}

func (s *Server) release() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var records []record
	now := s.cfg.Clock()
	for _, n := range s.state.outbox.order {
		if d := *s.state.outbox.deliveries[n]; d.State == Held || (d.State == Waiting && d.NotBefore.After(now)) {
			d.State, d.NotBefore, d.Body = Waiting, now, ""
			records = append(records, record{Delivery: &d})
		}
	}
	if len(records) == 0 {
		return nil
	}
	return s.commit("", records...)
}

// round sends each of the list once: one after the other to one address, side by side to several.
func (c *courier) round(ctx context.Context, due []Delivery) error {
	lanes := map[string][]Delivery{}
	for _, d := range due {
		lanes[d.URI] = append(lanes[d.URI], d)
	}
	faults := make(chan error, len(lanes))
	var sending sync.WaitGroup
	for _, lane := range lanes {
		sending.Go(func() { faults <- c.lane(ctx, lane) })
	}
	sending.Wait()
	close(faults)
	for err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *courier) lane(ctx context.Context, list []Delivery) error {
	for _, d := range list {
		if ctx.Err() != nil {
			return nil
		}
		status, fault := c.attempt(d)
		if c.ctx.Err() != nil {
			return nil // cut off: it does not count
		}
		if err := c.s.delivered(d.N, status, fault); err != nil {
			return err
		}
	}
	return nil
}
