package coupons

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/turns"
)

// Service runs the flows. Its fields are set once, before the first call, and all of them but those that say otherwise
// are needed.
type Service struct {
	Store     Store
	Catalogue Catalogue
	Members   Members
	Backlog   Backlog
	// Attempts keeps count of what was refused.
	Attempts Attempts
	Ledger   Ledger
	// History is asked where the POS's Lookup is amount; nil for any other POS.
	History History
	// Accounts is asked before a movement is sent for the first time; nil where ids always mean the same.
	Accounts Accounts
	// Till names the POS. A movement that was made with another one is not sent, nor asked for; PutDown lays it before a
	// person instead.
	Till    string
	PutDown bool
	POS     Capabilities
	Shop    Shop
	// Gate reports whether codes may be made at all; without one they may.
	Gate Gate
	// Guard reports whether somebody may have another coupon; without one everybody may.
	Guard Guard
	// Campaigns and Shoppers are needed for codes of campaigns only.
	Campaigns Campaigns
	Shoppers  Shoppers
	// Staff keeps people from giving codes to themselves; without it nobody is kept.
	Staff Staff
	// Phones lets people also be kept from codes for who has their phone number in the shop; without it nobody is asked.
	Phones Phones
	// ShopperID is the id under which a customer of the shop is kept who is no member; see domain.ShopperID.
	ShopperID func(shopCustomerGID string) string
	// Meanings keeps for whom a campaign's code was asked for, without saying it.
	Meanings domain.Meanings
	Clock    domain.Clock
	// Listen makes sure that Clock is right before what somebody else may still be at is taken over; nil for a clock that
	// is. What has not arrived "for long enough" is concluded from the time alone.
	Listen func(context.Context) error
	// Random feeds codes and keys; it must be safe for concurrent use, as crypto/rand.Reader is.
	Random   io.Reader
	Policy   Policy
	Timing   Timing
	Observer Observer
	Logger   *slog.Logger

	turns    turns.Turns
	lookers  chan struct{}
	lookOnce sync.Once
	running  sync.WaitGroup
	stopOnce sync.Once
	stop     chan struct{}
	closing  sync.Once
}

// Timing holds the waits of the saga.
type Timing struct {
	// Wait is how long a request waits for its coupon before it is told "on its way".
	Wait time.Duration
	// Lease is how long one actor alone may act; it outlasts every single act.
	Lease time.Duration
	// Settle is how long after an act was started it can still arrive: longer than any time-out on the way.
	Settle time.Duration
	// Grace is how long after a code's end a checkout that was under way can still turn into an order.
	Grace time.Duration
}

// hold waits within a running flow. It reports whether the wait is over; false means that the process is stopping.
func (s *Service) hold(d time.Duration) bool {
	select {
	case <-s.Clock.After(d):
		return true
	case <-s.stopping():
		return false
	}
}

// stopping is closed when the process begins to stop.
func (s *Service) stopping() chan struct{} {
	s.stopOnce.Do(func() { s.stop = make(chan struct{}) })
	return s.stop
}

// Stop cuts the waits between steps short, from now on: what they wait for is left to the queue.
func (s *Service) Stop() { s.closing.Do(func() { close(s.stopping()) }) }

// Drain waits for the steps that still run for requests answered with "on its way".
func (s *Service) Drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// act times one outside act and reports it.
func act[T any](ctx context.Context, s *Service, name string, do func(context.Context) (T, error)) (T, error) {
	return domain.Timed(ctx, s.Clock, s.Observer, name, do)
}
