package members

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// LockRule says that After refusals within Window lock a customer's conversions for the time For. The window begins
// with the first refusal that is counted. The zero rule never locks.
type LockRule struct {
	After       int
	Window, For time.Duration
}

// Refusals bounds how many refusals become entries of the audit: a caller can be refused as often as they like.
type Refusals interface {
	// Admit reports whether an entry is to be written; otherwise it was counted.
	Admit(e domain.AuditEntry) bool
	// Withdraw takes one back that was to be written and was not.
	Withdraw(e domain.AuditEntry)
}

// RefusalCount is how often a customer was refused lately, and until when conversions are locked because of it.
type RefusalCount struct {
	Refusals int
	// Since is the moment of the first refusal counted; nil when there is none.
	Since *time.Time
	// LockedUntil is exclusive; a moment that has passed means nothing.
	LockedUntil *time.Time
}

// Locks counts refused attempts per customer.
type Locks interface {
	// NoteRefusal locks the customer's row, calls note once with the count that stands there, and commits the count and
	// the audit entries that note gives. note must be pure. A customer nobody knows has an empty count, of which
	// nothing is kept; the audit is written all the same.
	NoteRefusal(ctx context.Context, customerID string, note func(t RefusalCount, known bool) (RefusalCount,
		[]domain.AuditEntry)) error
	// Unlock ends a lock that holds at the entry's time, together with the count, and writes the entry. Where no lock
	// holds it writes nothing. Errors: customer_not_found.
	Unlock(ctx context.Context, customerID string, entry domain.AuditEntry) error
}

// LockedAt reports whether conversions are locked at an instant.
func (t RefusalCount) LockedAt(now time.Time) bool {
	return t.LockedUntil != nil && now.Before(*t.LockedUntil)
}

// count adds one refusal and reports whether it was the one that locks. A lock that holds is not made longer: it ends
// at the time that was told.
func (r LockRule) count(t RefusalCount, now time.Time) (next RefusalCount, locks bool) {
	if r.After <= 0 || t.LockedAt(now) {
		return t, false
	}
	if t.Since == nil || !now.Before(t.Since.Add(r.Window)) {
		t.Refusals, t.Since = 0, &now
	}
	if t.Refusals++; t.Refusals < r.After {
		return t, false
	}
	until := now.Add(r.For)
	return RefusalCount{LockedUntil: &until}, true
}

// Refused records an attempt that ended in a refusal, counts it if it was the customer's doing, and gives back what the
// caller is told: the refusal, or that conversions are locked where points are not even looked at any more. What cannot
// be recorded is logged. A client that hangs up does not prevent it.
func (s *Service) Refused(ctx context.Context, c coupons.Attempt, err error) error {
	var refusal *domain.Error
	if !errors.As(err, &refusal) || !isRefusal(refusal.Code) {
		return err
	}
	now := s.Clock.Now()
	if !domain.KnownCustomerID(c.CustomerID) {
		c.CustomerID = ""
	}
	told := refusal
	whose := refusalEntry(c, refusal, now)
	admitted := s.Refusals == nil || s.Refusals.Admit(whose)
	lost := s.Locks.NoteRefusal(context.WithoutCancel(ctx), c.CustomerID,
		func(t RefusalCount, known bool) (RefusalCount, []domain.AuditEntry) {
			if known && t.LockedAt(now) && lockGoesFirst(refusal) {
				told = coupons.RefuseLocked(*t.LockedUntil, now)
			}
			var entries []domain.AuditEntry
			if admitted {
				entries = append(entries, addressed(ctx, c.Caller, refusalEntry(c, told, now)))
			}
			if !known || !customersDoing(told) {
				return t, entries
			}
			next, locks := s.Lock.count(t, now)
			if locks {
				entries = append(entries, lockEntry(c.CustomerID, s.Lock, now))
			}
			return next, entries
		})
	if lost != nil {
		if admitted && s.Refusals != nil {
			s.Refusals.Withdraw(whose)
		}
		s.Logger.ErrorContext(ctx, "a refusal was not recorded", "code", string(refusal.Code), "error", lost)
		return err
	}
	if told != refusal {
		return told
	}
	return err
}

// lockGoesFirst reports whether a lock is told instead of the refusal. A refusal by the POS is not: it stands with its
// coupon, and a repeated request gets it again.
func lockGoesFirst(e *domain.Error) bool {
	return customersDoing(e) && e.Code != domain.CodeInsufficientPoints
}

// isRefusal tells a decision about an attempt from a fault on our side or the outside's, which the coupon's own history
// has, and from a repetition that came too early.
func isRefusal(code domain.Code) bool {
	switch code {
	case domain.CodeInternal, domain.CodeUpstreamUnavailable, domain.CodeShopSettings, domain.CodeConversionFailed,
		domain.CodeRequestInProgress:
		return false
	default:
		return true
	}
}

// customersDoing reports whether a refusal counts towards a lock: what somebody who tries figures out would run into.
func customersDoing(e *domain.Error) bool {
	switch e.Code {
	case domain.CodeInsufficientPoints, domain.CodePointsNotInUnits, domain.CodeDailyLimit:
		return true
	case domain.CodeValidation:
		return e.Params["field"] == "points"
	default:
		return false
	}
}

func refusalEntry(c coupons.Attempt, e *domain.Error, now time.Time) domain.AuditEntry {
	detail := make(map[string]any, len(e.Params)+2)
	for name, figure := range e.Params {
		if name != domain.ParamOwnWords {
			detail[name] = figure
		}
	}
	if c.Points != 0 {
		detail["points"] = c.Points
	}
	detail["code"] = string(e.Code)
	if c.Failed {
		detail["coupon_failed"] = true
	}
	action := domain.ActionConversionRefused
	if c.Campaign != "" {
		action, detail["campaign"] = domain.ActionIssueRefused, c.Campaign
	}
	return domain.AuditEntry{At: now, Actor: c.Caller.ID, ActorName: c.Caller.Name, Credential: c.Caller.Credential,
		Action: action, CustomerID: c.CustomerID, Outcome: domain.OutcomeRefused,
		Detail: detail}
}

// addressed adds where a request came from; not a customer's, because the audit outlives their wish to be forgotten.
func addressed(ctx context.Context, who domain.Caller, e domain.AuditEntry) domain.AuditEntry {
	if address := domain.ClientOf(ctx); address != "" && who.Role != domain.RoleCustomer {
		e.Detail["address"] = address
	}
	return e
}

func lockEntry(customerID string, r LockRule, now time.Time) domain.AuditEntry {
	who := domain.System()
	return domain.AuditEntry{At: now, Actor: who.ID, ActorName: who.Name, Credential: who.Credential,
		Action: domain.ActionCustomerLocked, CustomerID: customerID, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"refusals": r.After, "locked_until": now.Add(r.For).UTC().Format(time.RFC3339)}}
}

// RefusedPoints records an attempt whose points were no number that can be asked for, so that Convert never saw it.
func (s *Service) RefusedPoints(ctx context.Context, caller domain.Caller, customerID string) {
	_ = s.Refused(ctx, coupons.Attempt{Caller: caller, CustomerID: customerID}, domain.Refuse(domain.CodeValidation,
		"field", "points"))
}

// Unlock lets a locked customer convert again at once. A customer who is not locked stays as they are. Errors:
// customer_not_found, own_membership.
func (s *Service) Unlock(ctx context.Context, caller domain.Caller, customerID string) error {
	member, err := s.Members.Customer(ctx, customerID)
	if err != nil {
		return err
	}
	if err := s.notTheirOwn(ctx, caller, member); err != nil {
		return err
	}
	return s.Locks.Unlock(ctx, customerID, domain.AuditEntry{At: s.Clock.Now(), Actor: caller.ID,
		ActorName: caller.Name, Credential: caller.Credential, Action: domain.ActionCustomerUnlocked,
		CustomerID: customerID, Outcome: domain.OutcomeDone})
}
