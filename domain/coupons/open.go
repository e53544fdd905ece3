package coupons

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"pointbridge/domain"
)

type opened struct {
	state  State
	replay *Request
	hash   string
}

// open makes the first commit: coupon, code, and the movement it intends. It waits while another movement of the
// customer is open, and draws another code when the drawn one exists. again is the conversion that is being started over.
// Of a commit in doubt it asks until it knows: nothing is said before, and nothing is done twice.
func (s *Service) open(ctx context.Context, c Conversion, again *State) (opened, error) {
	hash, doubt := c.meaning(), false
	var err error
	barred := s.mayIssue(ctx, s.Policy.Currency) // asked here, because nobody is asked within a transaction
	for tries := 0; tries < openTries; {
		var o opened
		o, err = s.tryOpen(ctx, c, hash, again, barred)
		wait := busyWait
		if doubt {
			wait = doubtWait
		}
		switch {
		case errors.Is(err, domain.ErrConflict):
			doubt = doubt || errors.Is(err, domain.ErrUnavailable)
			tries++
		case errors.Is(err, errBusy), doubt && errors.Is(err, domain.ErrUnavailable):
			select {
			case <-s.Clock.After(wait):
			case <-ctx.Done():
				return opened{}, inProgress()
			}
		case outwaited(ctx, err):
			return opened{}, inProgress()
		default:
			return o, err
		}
	}
	return opened{}, fmt.Errorf("open a conversion: %w", err)
}

// mayIssue asks the gate, where there is one.
func (s *Service) mayIssue(ctx context.Context, currency string) error {
	if s.Gate == nil {
		return nil
	}
	return s.Gate.MayIssue(ctx, currency)
}

// outwaited tells whether the request's patience ended while it was in the database. Whether the commit was made does not
// matter: the same request finds it.
func outwaited(ctx context.Context, err error) bool {
	var refusal *domain.Error
	return err != nil && ctx.Err() != nil && !errors.As(err, &refusal)
}

func (s *Service) tryOpen(ctx context.Context, c Conversion, hash string, again *State, barred error) (opened, error) {
	now := s.Clock.Now()
	o := Opening{
		CustomerID: c.CustomerID,
		Request:    c.request(),
		Proof:      c.Proof,
		DayStart:   s.Policy.DayStart(now),
		Now:        now,
	}
	var replay *Request
	st, err := s.Store.Open(ctx, o, func(in Intake) (Change, error) {
		if in.Replay != nil && (again == nil || in.Replay.CouponID != again.Coupon.ID) {
			replay = in.Replay
			return Change{}, nil
		}
		if in.ProofUsed && again == nil {
			return Change{}, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: nextProof}
		}
		if barred != nil {
			return Change{}, barred
		}
		if in.Busy {
			return Change{}, errBusy
		}
		if err := s.Policy.checkCustomer(in, c.Points, now); err != nil {
			return Change{}, err
		}
		return s.newCoupon(c, o, in, again)
	})
	return opened{state: st, replay: replay, hash: hash}, err
}

// newCoupon is everything the first commit writes.
func (s *Service) newCoupon(c Conversion, o Opening, in Intake, again *State) (Change, error) {
	rate := s.Policy.RateFor(in.Customer.Rank, o.Now)
	amount, err := rate.Amount(c.Points, s.Policy.Currency)
	if err != nil || amount.Minor <= 0 {
		return Change{}, &domain.Error{Code: domain.CodeValidation, Params: map[string]any{"field": "points"}, Err: err}
	}
	code, err := domain.NewCode(s.Random, c.CustomerID, amount)
	if err != nil {
		return Change{}, err
	}
	coupon := domain.Coupon{
		Code: code, Status: domain.Pending, CustomerID: c.CustomerID, ShopifyCustomerGID: in.Customer.ShopifyCustomerGID,
		Points: c.Points, Amount: amount, Rate: rate, Rank: in.Customer.Rank, CreatedAt: o.Now,
		ExpiresAt: s.Policy.ExpiresAt(o.Now), LeaseUntil: o.Now.Add(s.Timing.Lease),
	}
	take, err := s.intend(domain.Take, coupon, o.Now)
	if err != nil {
		return Change{}, err
	}
	request := &Request{Key: o.Request, At: o.Now, Proof: o.Proof}
	if again != nil {
		request.ID = again.RequestID
	}
	return Change{
		Coupon: coupon, Movements: []domain.Movement{take}, Request: request,
		Audit: []domain.AuditEntry{entry(coupon, c.Caller, domain.ActionConversionStarted, "", o.Now,
			"points", c.Points, "amount", amount.Minor, "rate", rate.String(), "reference", take.Reference)},
	}, nil
}

// intend makes the row of a coupon's movement before a byte of it is sent.
func (s *Service) intend(kind domain.MovementKind, c domain.Coupon, now time.Time) (domain.Movement, error) {
	key, err := newUUID(s.Random)
	if err != nil {
		return domain.Movement{}, err
	}
	code, first := c.Code, c.TakenAs()
	m := domain.Movement{CouponID: c.ID, CustomerID: c.CustomerID, Kind: kind, State: domain.MovementOpen, Points: c.Points, Key: key, CreatedAt: now}
	switch kind {
	case domain.Take:
		m.Reference, m.Reason = domain.TakeReference(code), domain.ReasonTake
	case domain.GiveBack:
		m.Reference, m.Reason = domain.GiveBackReference(code), domain.ReasonGiveBack
		m.RelatedReference = domain.TakeReference(first)
	case domain.Grant:
		m.Reference, m.Reason = domain.GrantReference(code), domain.ReasonGrant
		m.RelatedReference = domain.TakeReference(first)
	case domain.TakeBack:
		m.Reference, m.Reason = domain.TakeBackReference(code), domain.ReasonTakeBack
		m.RelatedReference = domain.GiveBackReference(code)
	}
	return m, nil
}

// newUUID draws a version 4 UUID (RFC 9562).
func newUUID(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw a key: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// entry makes an audit line for a coupon; figures are name, value pairs.
func entry(c domain.Coupon, who domain.Caller, action string, from domain.Status, at time.Time, figures ...any) domain.AuditEntry {
	detail := make(map[string]any, len(figures)/2)
	for i := 0; i+1 < len(figures); i += 2 {
		if name, ok := figures[i].(string); ok {
			detail[name] = figures[i+1]
		}
	}
	if who.Role == domain.RoleSystemAdmin {
		detail["emergency"] = true // coupons are the work of others: whoever runs the system only steps in
	}
	return domain.AuditEntry{At: at, Actor: who.ID, ActorName: who.Name, Credential: who.Credential, Action: action, Code: c.Code, CouponID: c.ID,
		CustomerID: c.CustomerID, From: from, To: c.Status, Outcome: domain.OutcomeDone, Detail: detail}
}
