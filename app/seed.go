package app

import (
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// membersAt keeps count of what is refused on another clock.
func (a *App) membersAt(clock domain.Clock) *members.Service {
	s := a.Members
	return &members.Service{Members: s.Members, Locks: s.Locks, Till: s.Till, Lock: s.Lock, Clock: clock, Observer: s.Observer, Logger: s.Logger}
}

// ServiceAt is the same service on another clock.
func (a *App) ServiceAt(clock domain.Clock) *coupons.Service {
	s := a.Service
	return &coupons.Service{Store: s.Store, Catalogue: s.Catalogue, Backlog: s.Backlog, Members: s.Members, Attempts: a.membersAt(clock), Ledger: s.Ledger, POS: s.POS,
		Shop: s.Shop, Clock: clock, Random: s.Random, Policy: s.Policy, Timing: s.Timing,
		Observer: s.Observer, Logger: s.Logger}
}
