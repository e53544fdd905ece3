package store

import "sync/atomic"

// commitsNow counts commits of coupons.
type commitsNow struct{ n atomic.Int64 }

// begin counts one until its end.
func (c *commitsNow) begin() (end func()) {
	c.n.Add(1)
	return func() { c.n.Add(-1) }
}

// CommitsNow is how many commits of coupons this process is making, or waits to make.
func (s *Store) CommitsNow() int { return int(s.making.n.Load()) }
