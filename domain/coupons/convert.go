package coupons

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pointbridge/domain"
)

const (
	operationConversion = "conversion"
	operationIssue      = "issue"
	// openTries bounds the draws of a code: a collision among 31^6 codes twice in a row means a broken source.
	openTries = 5
	// busyWait is the pause before asking again whether another replica's movement for this customer is settled.
	busyWait = 20 * time.Millisecond
	// doubtWait is the pause before a database that cannot be asked is asked again whether a commit was made.
	doubtWait = 200 * time.Millisecond
	// askAgain is what a client is told to wait before it asks again.
	askAgain = time.Second
	// nextProof is when the storefront signs anew: its signatures are for a whole second, and all that one customer
	// asks for within it has the same one.
	nextProof = time.Second
)

// errBusy tells the loop that another movement of the customer is open.
var errBusy = errors.New("another movement of this customer is open")

// Convert turns points into a coupon. The caller's request runs the steps itself; whatever stands in the way after the
// first commit is left to the queue, and the result is then not Done.
//
// Errors: validation_failed, points_not_in_units, daily_limit_exceeded, too_many_active_coupons,
// idempotency_key_missing, idempotency_key_reused, request_in_progress, conversion_in_progress, customer_not_found,
// customer_not_linked, conversions_locked, insufficient_points, upstream_unavailable, shop_settings_differ,
// conversion_not_offered, conversion_failed.
func (s *Service) Convert(ctx context.Context, c Conversion) (Result, error) {
	a := s.conversion(c)
	if c.Key == "" {
		return Result{}, s.Attempts.Refused(ctx, a.attempt, domain.Refuse(domain.CodeKeyMissing))
	}
	if !domain.ValidCustomerID(c.CustomerID) {
		return Result{}, s.Attempts.Refused(ctx, a.attempt, domain.Refuse(domain.CodeValidation, "field", "customer_id"))
	}
	if err := s.Policy.checkPoints(c.Points); err != nil {
		return Result{}, s.Attempts.Refused(ctx, a.attempt, err)
	}
	return s.ask(ctx, a)
}

// conversion is what a conversion asks for.
func (s *Service) conversion(c Conversion) asking {
	return asking{attempt: Attempt{Caller: c.Caller, CustomerID: c.CustomerID, Points: c.Points}, request: c.request(),
		proof: c.Proof, campaign: domain.CampaignPoints, customerID: c.CustomerID, points: c.Points,
		started: domain.ActionConversionStarted,
		check:   func(in Intake, now time.Time) error { return s.Policy.checkCustomer(in, c.Points, now) },
		coupon: func(in Intake, now time.Time) (domain.Coupon, error) {
			rate := s.Policy.RateFor(in.Customer.Rank, now)
			amount, err := rate.Amount(c.Points, s.Policy.Currency)
			if err != nil || amount.Minor <= 0 {
				return domain.Coupon{}, &domain.Error{Code: domain.CodeValidation,
					Params: map[string]any{"field": "points"}, Err: err}
			}
			return domain.Coupon{Amount: amount, Rate: rate, Rank: in.Customer.Rank,
				ExpiresAt: s.Policy.ExpiresAt(now)}, nil
		}}
}

func codeWasTaken(c domain.Coupon) bool {
	return c.Status == domain.Failed && c.Failure != nil && c.Failure.Detail == domain.ReasonCodeTaken
}

// takePoints is the first act: the POS takes the points. What is refused here has moved nothing, and an act of which
// the POS took no notice is a refusal as well, as long as nobody else can have sent it: the caller hears at once.
func (f flow) takePoints(ctx context.Context) (Change, error) {
	take := *f.st.open(domain.Take)
	ch, err := f.settle(ctx, take, f.taken, f.takeRefused)
	if kind := domain.KindOf(err); (kind == domain.KindAuth || kind == domain.KindUnavailable) &&
		f.st.fresh(take.CreatedAt) {
		return f.takeRefused(take, err), nil
	}
	return ch, err
}

func (f flow) taken(take domain.Movement, got Entry) Change {
	now := f.s.Clock.Now()
	c := f.s.extended(f.st.Coupon, now)
	take = asApplied(take, got, now)
	return Change{Coupon: c, Movements: []domain.Movement{take},
		Audit: []domain.AuditEntry{moved(c, take, domain.ActionPointsTaken, now)}}
}

// takeRefused ends a conversion before anything moved.
func (f flow) takeRefused(take domain.Movement, err error) Change {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.Status, c.Failure, c.LeaseUntil = domain.Failed, takeFailure(take, err), now
	e := failed(c, now)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{asRefused(take, now)}, Answer: AnswerFailed,
		Audit: []domain.AuditEntry{e}}
}

// takeFailure words the POS's refusal for the caller.
func takeFailure(take domain.Movement, err error) *domain.Failure {
	kind, reason := domain.KindOf(err), domain.ReasonOf(err)
	switch {
	case kind == domain.KindAuth, kind == domain.KindUnavailable:
		return &domain.Failure{Code: domain.CodeUpstreamUnavailable, Detail: detailOf(err)}
	case reason == domain.ReasonInsufficientPoints:
		f := &domain.Failure{Code: domain.CodeInsufficientPoints, Params: map[string]any{"required": take.Points},
			Detail: reason}
		if balance := domain.BalanceOf(err); balance != nil {
			f.Params["balance"] = *balance
		}
		return f
	case reason == domain.ReasonCustomerNotFound:
		return &domain.Failure{Code: domain.CodeCustomerNotFound, Detail: reason}
	default:
		return &domain.Failure{Code: domain.CodeConversionFailed, Detail: detailOf(err)}
	}
}

// intendCompensation writes the intent to give the points back: the code cannot be made, and none exists.
func (f flow) intendCompensation(failure domain.Failure) (Change, error) {
	now := f.s.Clock.Now()
	c := f.s.extended(f.st.Coupon, now)
	c.Failure = &failure
	back, err := f.s.intend(domain.GiveBack, c, now)
	if err != nil {
		return Change{}, err
	}
	e := domain.EntryOf(c, domain.System(), domain.ActionDiscountRefused, domain.Pending, now, "detail", failure.Detail)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{back}, Audit: []domain.AuditEntry{e}}, nil
}

// compensate gives the points of a failed conversion back.
func (f flow) compensate(ctx context.Context) (Change, error) {
	back := f.st.Movement(domain.GiveBack)
	if back == nil {
		return Change{}, fmt.Errorf("coupon %d failed without a credit", f.st.Coupon.ID)
	}
	return f.giveBack(ctx, *back)
}

// failedFree ends the making of a code that cost nothing: there is nothing to give back.
func (f flow) failedFree(failure domain.Failure) Change {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.Failure, c.Status, c.LeaseUntil, c.Attempts = &failure, domain.Failed, now, 0
	e := failed(c, now)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Answer: AnswerFailed, Audit: []domain.AuditEntry{e}}
}

// compensated is the last commit of a conversion that failed: the points are back.
func (f flow) compensated(back domain.Movement, got Entry) Change {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.Status, c.LeaseUntil = domain.Failed, now
	back = asApplied(back, got, now)
	e := moved(c, back, domain.ActionPointsGivenBack, now)
	e.To = domain.Pending // the entry after it tells of the move: each move has one
	return Change{Coupon: c, Movements: []domain.Movement{back}, Answer: AnswerFailed,
		Audit: []domain.AuditEntry{e, failed(c, now)}}
}

func failed(c domain.Coupon, now time.Time) domain.AuditEntry {
	action := domain.ActionConversionFailed
	if !c.OfPoints() {
		action = domain.ActionIssueFailed
	}
	return domain.EntryOf(c, domain.System(), action, domain.Pending, now,
		"code", string(c.Failure.Code), "detail", c.Failure.Detail)
}
