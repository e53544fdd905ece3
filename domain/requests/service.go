package requests

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"strconv"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notifications"
)

// Service takes requests and decisions. All fields are needed.
type Service struct {
	Store   Store
	Saga    Saga
	Coupons Coupons
	Members Members
	Callers Callers
	Clock   domain.Clock
	Logger  *slog.Logger
}

// Asked is somebody asking for a coupon to be cancelled.
type Asked struct {
	Caller domain.Caller
	Code   string
	Reason string
	Note   string
	Key    string // the caller's idempotency key; required
}

// Decision is somebody deciding about a request.
type Decision struct {
	Caller  domain.Caller
	ID      int64
	Approve bool
	Note    string
}

// Ask opens a request. Errors: idempotency_key_missing, idempotency_key_reused, validation_failed, coupon_not_found,
// what keeps a coupon from being cancelled, own_coupon, request_open.
func (s *Service) Ask(ctx context.Context, a Asked) (r Request, replayed bool, err error) {
	if err := a.check(); err != nil {
		return r, false, err
	}
	st, err := s.Coupons.ByCode(ctx, a.Code)
	if err != nil {
		return r, false, err
	}
	c, now := st.Coupon, s.Clock.Now()
	r = Request{CouponID: c.ID, Code: c.Code, State: Open, Reason: a.Reason, Note: a.Note, Asker: a.Caller, AskedAt: now}
	o := Opening{Request: r, Key: a.Key, Hash: a.meaning(c.Code),
		Entry: domain.EntryOf(c, a.Caller, domain.ActionRequestOpened, c.Status, now, "reason", a.Reason),
		Fact:  notifications.Fact{Kind: notifications.RequestOpened, CouponID: c.ID, At: now}}
	// What is repeated gets its first answer, whatever has become of the coupon: so the state is asked after the key.
	return s.Store.Open(ctx, o.refusing(s.mayAsk(ctx, a.Caller, c)))
}

// mayAsk refuses what could not be approved by anybody, and a coupon of one's own.
func (s *Service) mayAsk(ctx context.Context, who domain.Caller, c domain.Coupon) error {
	if err := coupons.RefusalOfEnding(c, s.Clock.Now()); err != nil {
		return err
	}
	member, err := s.Members.Customer(ctx, c.CustomerID)
	if err != nil {
		return err
	}
	own, err := s.Members.OwnMember(ctx, who, member)
	if err == nil && own {
		return domain.Refuse(domain.CodeOwnCoupon)
	}
	return err
}

func (a Asked) check() error {
	switch {
	case a.Key == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case !slices.Contains(domain.CancelReasons(), a.Reason):
		return domain.Refuse(domain.CodeValidation, "field", "reason")
	case !domain.NoteFits(a.Note), domain.NeedsNote(a.Reason) && !domain.NoteSays(a.Note):
		return domain.Refuse(domain.CodeValidation, "field", "note")
	default:
		return nil
	}
}

func (a Asked) meaning(code string) string {
	sum := sha256.Sum256([]byte(code + "\x00" + a.Reason + "\x00" + a.Note))
	return hex.EncodeToString(sum[:])
}

// Decide approves or refuses. Errors: request_not_found, request_decided, own_request, validation_failed (a refusal
// says why), and, of an approval, whatever the saga refuses the approver.
//
// A decision that the same person made before is answered as it stands.
func (s *Service) Decide(ctx context.Context, d Decision) (Request, error) {
	r, err := s.Store.Request(ctx, d.ID)
	if err != nil {
		return Request{}, err
	}
	if !domain.NoteFits(d.Note) || !d.Approve && !domain.NoteSays(d.Note) {
		return Request{}, domain.Refuse(domain.CodeValidation, "field", "note")
	}
	switch {
	case d.Caller.Machine:
		return Request{}, domain.Refuse(domain.CodePermissionDenied)
	case r.own(d.Caller):
		return Request{}, domain.Refuse(domain.CodeOwnRequest)
	case r.State != Open && r.Decider.ID == d.Caller.ID && d.Approve == (r.State != Refused):
		return r, nil
	case r.State != Open:
		return Request{}, domain.Refuse(domain.CodeRequestDecided)
	}
	now := s.Clock.Now()
	if gone := r.gone(now); gone != "" {
		if err := s.lapse(ctx, r, gone); err != nil {
			return Request{}, decidedMeanwhile(err)
		}
		return s.Store.Request(ctx, d.ID)
	}
	to, action := Refused, domain.ActionRequestRefused
	if d.Approve {
		to, action = Approved, domain.ActionRequestApproved
	}
	m := Move{ID: r.ID, From: Open, To: to, Decider: &d.Caller, Answer: d.Note, At: now,
		Entry: s.entry(r, d.Caller, action)}
	if to == Refused {
		m.Fact = answered(r, now)
	}
	if err := s.Store.Move(ctx, m); err != nil {
		return Request{}, decidedMeanwhile(err)
	}
	if to == Approved {
		r.State, r.Decider, r.Answer = Approved, d.Caller, d.Note
		if err := s.carryOut(ctx, r); err != nil {
			return Request{}, err
		}
	}
	return s.Store.Request(ctx, d.ID)
}

// decidedMeanwhile is what a lost race means to whoever decides.
func decidedMeanwhile(err error) error {
	if errors.Is(err, domain.ErrConflict) && !errors.Is(err, domain.ErrUnavailable) {
		return domain.Refuse(domain.CodeRequestDecided)
	}
	return err
}

// Withdraw takes a request back. Errors: request_not_found, which it is to everybody but its asker; request_decided.
func (s *Service) Withdraw(ctx context.Context, who domain.Caller, id int64) (Request, error) {
	r, err := s.Store.Request(ctx, id)
	if err != nil {
		return Request{}, err
	}
	switch {
	case !r.By(who):
		return Request{}, domain.Refuse(domain.CodeRequestNotFound)
	case r.State == Withdrawn:
		return r, nil
	case r.State != Open:
		return Request{}, domain.Refuse(domain.CodeRequestDecided)
	}
	err = s.Store.Move(ctx, Move{ID: id, From: Open, To: Withdrawn, At: s.Clock.Now(),
		Entry: s.entry(r, who, domain.ActionRequestWithdrawn)})
	if err != nil {
		return Request{}, decidedMeanwhile(err)
	}
	return s.Store.Request(ctx, id)
}

// entry says nothing of the coupon's status, which it does not change: the request was read before, without the coupon's lock.
func (s *Service) entry(r Request, who domain.Caller, action string) *domain.AuditEntry {
	c := domain.Coupon{ID: r.CouponID, Code: r.Code, CustomerID: r.Coupon.CustomerID}
	e := domain.EntryOf(c, who, action, "", s.Clock.Now(), "request", r.ID, "asked_by", r.Asker.Name)
	return &e
}

// keyOf is the key under which the saga is asked for a request, so that it has one effect.
func keyOf(r Request) string { return "cancel-request-" + strconv.FormatInt(r.ID, 10) }
