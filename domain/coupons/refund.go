package coupons

import (
	"context"
	"regexp"
	"strings"

	"pointbridge/domain"
)

var referencePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$`)

// Refund is a cancellation that the POS asks for. A POS may ask again under a fresh key: there is one refund per
// coupon, and a repeat is told what the first one was told. Errors: those of Cancel; reference_reused when the
// reference names the refund of another coupon.
func (s *Service) Refund(ctx context.Context, r RefundRequest) (Refund, error) {
	if !referencePattern.MatchString(r.Reference) ||
		strings.HasPrefix(strings.ToUpper(r.Reference), domain.GiveBackReference("")) {
		return Refund{}, domain.Refuse(domain.CodeValidation, "field", "reference")
	}
	if err := r.check(domain.CancelReasons()); err != nil {
		return Refund{}, err
	}
	if err := s.Policy.mayDo(domain.ActRefund, r.Caller); err != nil {
		return Refund{}, s.refusedEnding(ctx, r.Caller, operationRefund, r.Code, err)
	}
	if err := s.askShopify(ctx, r.Code); err != nil {
		return Refund{}, err
	}
	q := s.question(r.Cancellation, operationRefund)
	q.Reference, q.Request.Hash = r.Reference, hashOf(r.meaning(), r.Reference)
	var (
		row      RefundRow
		replayed bool
	)
	st, err := s.decide(ctx, q, func(in Locked) (Change, error) {
		if in.Replay != nil {
			if err := sameRequest(in, q.Request); err != nil {
				return Change{}, err
			}
		}
		if in.Refund != nil {
			row, replayed = *in.Refund, true
			return Change{}, ofThisCoupon(in)
		}
		if err := s.mayEnd(in, r.Caller, domain.ActRefund); err != nil {
			return Change{}, err
		}
		row = RefundRow{Reference: r.Reference, CallerID: r.Caller.ID, Reason: r.Reason, Note: r.Note,
			CreatedAt: s.Clock.Now()}
		ch := s.at(in.State).cancelling(r.Cancellation)
		ch.Request = &Request{Key: q.Request, Answer: AnswerAccepted, At: s.Clock.Now()}
		ch.Refund = &row
		return ch, nil
	})
	if err != nil {
		return Refund{}, s.refusedEnding(ctx, r.Caller, operationRefund, r.Code, err)
	}
	if !replayed {
		s.goOn(ctx, st)
	}
	return Refund{Reference: row.Reference, Code: st.Coupon.Code, Status: RefundAccepted, Points: st.Coupon.Points,
		POSReference: domain.GiveBackReference(st.Coupon.Code), CreatedAt: row.CreatedAt, Replayed: replayed}, nil
}

func ofThisCoupon(in Locked) error {
	if in.Refund.CouponID != in.State.Coupon.ID {
		return domain.Refuse(domain.CodeReferenceReused)
	}
	return nil
}

// FindRefund tells how a refund stands, by the POS's own reference or by CANCEL-<code>. A coupon that staff cancelled
// has the latter only. Errors: refund_not_found.
func (s *Service) FindRefund(ctx context.Context, reference string) (Refund, error) {
	if code, ok := strings.CutPrefix(strings.ToUpper(reference), domain.GiveBackReference("")); ok {
		st, err := s.Catalogue.ByCode(ctx, code)
		if domain.CodeOf(err) == domain.CodeCouponNotFound {
			return Refund{}, domain.Refuse(domain.CodeRefundNotFound)
		}
		if err != nil {
			return Refund{}, err
		}
		row, err := s.Store.RefundOf(ctx, st.Coupon.ID)
		if domain.CodeOf(err) == domain.CodeRefundNotFound {
			return refundByStaff(st)
		}
		return refundOf(st, row), err
	}
	row, err := s.Store.FindRefund(ctx, reference)
	if err != nil {
		return Refund{}, err
	}
	st, err := s.Store.Load(ctx, row.CouponID)
	return refundOf(st, row), err
}

// refundByStaff is the refund of a coupon that was ended without the POS asking.
func refundByStaff(st State) (Refund, error) {
	c := st.Coupon
	if c.Status != domain.Cancelling && c.Status != domain.Cancelled || c.CancelStartedAt == nil {
		return Refund{}, domain.Refuse(domain.CodeRefundNotFound)
	}
	return refundOf(st, RefundRow{Reference: domain.GiveBackReference(c.Code), CreatedAt: *c.CancelStartedAt}), nil
}

func refundOf(st State, row RefundRow) Refund {
	c := st.Coupon
	r := Refund{Reference: row.Reference, Code: c.Code, Status: RefundAccepted, Points: c.Points,
		POSReference: domain.GiveBackReference(c.Code), CreatedAt: row.CreatedAt}
	switch c.Status {
	case domain.Cancelled:
		r.Status, r.CompletedAt = RefundDone, c.CancelledAt
		if back := st.Movement(domain.GiveBack); back != nil {
			r.Balance = back.Balance
		}
	case domain.Used:
		r.Status, r.Problem, r.CompletedAt = RefundRefused, domain.CodeCouponUsed, c.UsedAt
	case domain.Pending, domain.Active, domain.Expired, domain.Cancelling, domain.Suspended, domain.Forfeited,
		domain.Failed:
	}
	return r
}
