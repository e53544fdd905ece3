package coupons

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// A POS whose entries bear no reference (LookupAmount) can be asked what became of a lost answer all the same, as long
// as the answer can mean one thing only. So before a movement is sent for the first time, what the POS shows of the
// member is read and committed with it, and one movement of a member is in flight at a time (the database refuses a
// second one that is open). Then:
//
//	the movement                what can have happened           what is done
//	no sight is committed       nothing was sent                 balance and entries are read and committed: the sight
//	  our book was made again      it is booked, if the lost book   as above, unless an entry of the lost time can be it: then
//	                               had sent it                      it is parked (madeBefore)
//	this actor made the sight   nothing was sent                 it is sent
//	answered                    what the answer says             applied, with the entry's id; or refused
//	the answer is lost          it is booked, is not, or will    nothing, until all that was sent has arrived or never
//	                            be                               will (Timing.Settle)
//	lost, and that is over      it is booked, or never will be   the POS is asked for balance, entries, and balance
//	  one new entry fits, and the figures agree                  applied, with that entry's id
//	  no new entry fits, and the figures agree                   not applied: it is sent again, under the same sight
//	  anything else                                              parked; the review shows both sights
//	  a question failed, or the balance moved meanwhile          asked again later: nothing is concluded
//
// An entry is new when it was not in the sight. It fits when it has the movement's points and direction, is not claimed
// by another movement of ours, is not certainly somebody else's (Entry.Foreign), and was made before the last moment at
// which ours could arrive. The figures agree when the balance of the sight and all new entries make the balance of now,
// whoever made them. Nothing fits for certain while another movement of the member is parked.
//
// What this cannot tell apart: somebody at the till who books the same points of the same member in the very minutes in
// which a request of ours was lost on its way. The points are taken once then, and one coupon stands for them.

// ClockSlack is how far the POS's clock and ours may be apart.
const ClockSlack = 5 * time.Minute

// byAmount reports whether lost answers are found out by amount and time.
func (s *Service) byAmount() bool {
	return !s.POS.Replay && s.POS.Lookup == LookupAmount && s.History != nil
}

// askable reports whether the POS can be asked what became of a movement.
func (s *Service) askable() bool { return s.POS.finds() || s.byAmount() }

// unsent reports whether nobody can have sent a movement before.
func (f flow) unsent(m domain.Movement) bool {
	if !f.s.byAmount() {
		return f.st.fresh(m.CreatedAt)
	}
	return m.Before == nil || f.st.fresh(m.Before.At)
}

// look reads what the POS shows before a movement is sent for the first time. A look that fails has sent nothing.
func (f flow) look(ctx context.Context, m domain.Movement,
	refused func(domain.Movement, error) Change) (Change, error) {
	lost, err := f.s.Catalogue.LostUntil(ctx, f.st.Coupon.ID)
	if err != nil {
		return Change{}, err
	}
	var seen domain.Sight
	var before *domain.Sight
	err = errMoved
	for try := 0; errors.Is(err, errMoved) && try < looks; try++ {
		at := f.s.Clock.Now()
		seen, err = f.s.sight(ctx, m.CustomerID, at, at)
	}
	if err == nil && f.st.Coupon.CreatedAt.Before(lost) {
		before, err = f.madeBefore(ctx, m, seen, lost)
	}
	switch {
	case refusedUpstream(err), domain.ReasonOf(err) == domain.ReasonAmbiguous && err != nil:
		return refused(m, err), nil // it would read the same tomorrow
	case err != nil && domain.KindOf(err) == domain.KindUnknown:
		return Change{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "look",
			Reason: domain.ReasonOf(err), RetryAfter: domain.RetryAfterOf(err), Err: err}
	case err != nil:
		return Change{}, err
	}
	m.Before = &seen
	if before != nil {
		return f.park(m, &unclearError{*before}), nil
	}
	return Change{Coupon: f.s.extended(f.st.Coupon, f.s.Clock.Now()), Movements: []domain.Movement{m}}, nil
}

// looks is how often in a row a balance is looked at that does not stand still.
const looks = 3

// errMoved says that a balance moved while it was being looked at.
var errMoved = errors.New("the balance moved meanwhile")

// sightsAtOnce bounds how many members are looked at at a time. A sight is several questions of which one alone is worth
// nothing: where the POS lets only so many a second be asked, everybody at once would use all of them up for sights that
// none can finish, again and again.
const sightsAtOnce = 4

// looking waits for a place among those who look, for half of a lease at most: the other half is for the look.
func (s *Service) looking(ctx context.Context) (done func(), err error) {
	s.lookOnce.Do(func() { s.lookers = make(chan struct{}, sightsAtOnce) })
	ctx, cancel := context.WithTimeout(ctx, s.Timing.Lease/2)
	defer cancel()
	select {
	case s.lookers <- struct{}{}:
		return func() { <-s.lookers }, nil
	case <-ctx.Done():
		return nil, &domain.UpstreamError{Kind: domain.KindThrottled, Upstream: "pos", Act: "look", Reason: "own_limit",
			Err: ctx.Err()}
	}
}

// sight asks for balance, entries, and balance once more: only a balance that stands still belongs to the entries. The
// entries are those since a moment, as far as the POS's clock may be off.
func (s *Service) sight(ctx context.Context, customerID string, since, at time.Time) (domain.Sight, error) {
	done, err := s.looking(ctx)
	if err != nil {
		return domain.Sight{}, err
	}
	defer done()
	balance := func(ctx context.Context) (Balance, error) { return s.Ledger.Balance(ctx, customerID) }
	before, err := act(ctx, s, "pos.balance", balance)
	if err != nil {
		return domain.Sight{}, err
	}
	list, err := act(ctx, s, "pos.history", func(ctx context.Context) ([]Entry, error) {
		return s.History.Entries(ctx, customerID, since.Add(-ClockSlack), at.Add(ClockSlack))
	})
	if err != nil {
		return domain.Sight{}, err
	}
	after, err := act(ctx, s, "pos.balance", balance)
	switch {
	case err != nil:
		return domain.Sight{}, err
	case after.Points != before.Points:
		return domain.Sight{}, errMoved
	}
	seen := domain.Sight{At: at, Balance: after.Points, PointsExpireOn: after.PointsExpireOn}
	for _, e := range list {
		seen.Entries = append(seen.Entries, domain.SightEntry{ID: e.ID, At: e.At, Points: e.Points, Foreign: e.Foreign})
	}
	return seen, nil
}

// unclearError says that only a person can tell what became of a movement, and what was found.
type unclearError struct{ found domain.Sight }

func (e *unclearError) Error() string { return errUnaskable.Error() }

func (e *unclearError) Unwrap() error { return errUnaskable }

// findByAmount finds out what became of a movement that was sent and whose answer was lost.
func (f flow) findByAmount(ctx context.Context, m domain.Movement) (Entry, error) {
	if !f.quietSince(m) {
		return Entry{}, f.later()
	}
	others, err := f.s.Catalogue.MovementsOf(ctx, m.CustomerID)
	if err != nil {
		return Entry{}, err
	}
	now, err := f.s.sight(ctx, m.CustomerID, m.Before.At, f.s.Clock.Now())
	switch {
	case errors.Is(err, errMoved):
		return Entry{}, &waitError{For: askAgain}
	case err != nil:
		return Entry{}, stillUnknown(err)
	}
	found := newSince(*m.Before, now, m, others)
	return judge(m, found, others, f.st.ActedBy.Add(f.s.Timing.Settle))
}

// newSince leaves of a sight what was not in an earlier one, and marks what other movements have claimed.
func newSince(before, now domain.Sight, m domain.Movement, others []domain.Movement) domain.Sight {
	claimed := map[string]bool{}
	for _, o := range others {
		if o.ID != m.ID && o.State == domain.MovementApplied {
			claimed[o.EntryID] = true
		}
	}
	found := now
	found.Entries = nil
	for _, e := range now.Entries {
		if e.ID == "" || !before.Has(e.ID) {
			e.Claimed = e.ID != "" && claimed[e.ID]
			found.Entries = append(found.Entries, e)
		}
	}
	return found
}

// judge says what new entries mean for a movement: the entry that is it, KindNotFound when it was not applied, or that
// a person has to look. latest is the last moment at which it can have arrived.
func judge(m domain.Movement, found domain.Sight, others []domain.Movement, latest time.Time) (Entry, error) {
	unclear := &unclearError{found}
	sum := m.Before.Balance
	var fitting []domain.SightEntry
	for _, e := range found.Entries {
		sum += e.Points
		if e.Foreign || e.Claimed || e.Points != signed(m) {
			continue
		}
		if e.ID == "" || e.At.After(latest.Add(ClockSlack)) {
			return Entry{}, unclear
		}
		fitting = append(fitting, e)
	}
	if sum != found.Balance || unsettledBeside(m, others) {
		return Entry{}, unclear
	}
	switch len(fitting) {
	case 0:
		return Entry{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "pos", Act: "find"}
	case 1:
		e := fitting[0]
		return Entry{ID: e.ID, Points: e.Points, At: e.At}, nil
	default:
		return Entry{}, unclear
	}
}

// unsettledBeside reports whether anything else of the member can be behind an entry: a movement that is not settled,
// or one that was settled since the sight without an entry of its own.
func unsettledBeside(m domain.Movement, others []domain.Movement) bool {
	for _, o := range others {
		switch {
		case o.ID == m.ID:
		case o.State == domain.MovementOpen, o.State == domain.MovementParked:
			return true
		case o.State == domain.MovementApplied && (o.EntryID == "" || o.EntryID == ByHand) &&
			o.SettledAt != nil && !o.SettledAt.Before(m.Before.At):
			return true
		}
	}
	return false
}

// signed is how the POS writes a movement.
func signed(m domain.Movement) int64 {
	if takes(m.Kind) {
		return -m.Points
	}
	return m.Points
}

// evidence is what a review shows of a movement that was parked because of err; nil where nothing was found.
func evidence(m domain.Movement, err error) *domain.Evidence {
	var unclear *unclearError
	if m.Before == nil || !errors.As(err, &unclear) {
		return nil
	}
	return &domain.Evidence{Before: *m.Before, Found: unclear.found}
}

// handled is the entry of a movement that a person says was applied: the one that fits, where the review showed just
// one, so that nothing else is taken for it later.
func handled(m domain.Movement, shown *domain.Evidence) Entry {
	got := Entry{ID: ByHand}
	if shown == nil {
		return got
	}
	fitting := 0
	for _, e := range shown.Found.Entries {
		if e.ID != "" && e.Points == signed(m) && !e.Foreign && !e.Claimed {
			got.ID, fitting = e.ID, fitting+1
		}
	}
	if fitting != 1 {
		got.ID = ByHand
	}
	return got
}

// ByHand stands for the entry of a movement of which a person said that it was applied.
const ByHand = "by hand"
