package shopify

import (
	"slices"
	"time"
)

// Kinds of change of a discount.
const (
	changeCreated     = "created"
	changeUpdated     = "updated"
	changeDeactivated = "deactivated"
	changeActivated   = "activated"
	changeDeleted     = "deleted"
	changeUsed        = "used"
)

// Change is one change of a discount, in the order in which they took effect.
type Change struct {
	At       time.Time
	Kind     string // created, updated, deactivated, activated, deleted, used
	Discount Discount
	// Usable reports whether a checkout could redeem the code after the change.
	Usable bool
}

// Interval is a time in which a code could be redeemed. Until is zero while it lasts.
type Interval struct{ From, Until time.Time }

type history struct {
	changes []Change
	values  map[string]map[metafieldName][]Metafield
	hooks   []func(Change)
}

// OnDiscountChange calls f at every change of a discount, before any request can see the change and before it is
// answered. The store is locked meanwhile: f must not call it.
func (s *Server) OnDiscountChange(f func(Change)) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.history.hooks = append(s.history.hooks, f)
}

// Changes are all changes of discounts since the server was made, oldest first; Config.History must be set.
func (s *Server) Changes() []Change {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	return slices.Clone(s.history.changes)
}

// UsableIntervals tells when a code could be redeemed, as far as the clock has gone; Config.History must be set.
func (s *Server) UsableIntervals(code string) []Interval {
	var intervals []Interval
	now := s.cfg.Clock()
	var last *Change
	closeAt := func(at time.Time) {
		if last == nil || !last.Usable {
			return
		}
		if end := last.Discount.EndsAt; end != nil && end.Before(at) {
			at = *end
		}
		intervals[len(intervals)-1].Until = at
	}
	for _, change := range s.Changes() {
		if foldCode(change.Discount.Code) != foldCode(code) {
			continue
		}
		closeAt(change.At)
		if change.Usable {
			intervals = append(intervals, Interval{From: change.At})
		}
		last = &change
	}
	if last != nil && last.Usable && !usableAt(&last.Discount, now) {
		closeAt(now)
	}
	return intervals
}

// MetafieldHistory is every value a metafield had, oldest first; Config.History must be set.
func (s *Server) MetafieldHistory(ownerGID, namespace, key string) []Metafield {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	return slices.Clone(s.history.values[ownerGID][metafieldName{s.resolveNamespace(namespace), key}])
}

// commit writes the records and the webhooks they cause to the journal, applies them and tells whoever watches. The
// caller holds the lock.
func (s *Server) commit(kind string, records ...record) error {
	records = append(records, s.announce(kind, records)...)
	if err := s.journal.append(records); err != nil {
		return &queryError{code: codeInternal, message: somethingWrong}
	}
	for _, r := range records {
		s.observe(kind, r)
		s.state.apply(r)
	}
	s.courier.wake()
	return nil
}

func (s *Server) observe(kind string, r record) {
	if r.Metafield != nil && s.cfg.History {
		s.history.addValue(*r.Metafield)
	}
	d := r.Discount
	if r.Deleted != 0 {
		d = s.state.discounts[r.Deleted]
	}
	if d == nil || (!s.cfg.History && len(s.history.hooks) == 0) {
		return
	}
	now := s.cfg.Clock()
	change := Change{At: now, Kind: kind, Discount: s.snapshot(d, now), Usable: r.Deleted == 0 && usableAt(d, now)}
	if s.cfg.History {
		s.history.changes = append(s.history.changes, change)
	}
	for _, hook := range s.history.hooks {
		hook(change)
	}
}

func (h *history) addValue(m Metafield) {
	owned := h.values[m.OwnerID]
	if owned == nil {
		owned = map[metafieldName][]Metafield{}
		h.values[m.OwnerID] = owned
	}
	name := metafieldName{m.Namespace, m.Key}
	owned[name] = append(owned[name], m)
}

// snapshot is a copy with the status filled in.
func (s *Server) snapshot(d *Discount, now time.Time) Discount {
	c := *d
	c.Status = statusAt(d, now)
	c.CustomerIDs = slices.Clone(d.CustomerIDs)
	c.Segments = slices.Clone(d.Segments)
	c.Tags = slices.Clone(d.Tags)
	c.Uses = slices.Clone(d.Uses)
	return c
}
