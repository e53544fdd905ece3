package learn

import (
	"context"
	"log/slog"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Book reads decisions. Errors: domain.CodeDecisionNotFound.
type Book interface {
	ByID(ctx context.Context, publicID string) (decisions.Decision, error)
}

// Admin is what is done in the shop about an order. Each may be repeated. Errors: a *domain.UpstreamError.
type Admin interface {
	AddTag(ctx context.Context, gid, tag string) error
	AssessRisk(ctx context.Context, order string, level identity.RiskLevel, facts []identity.RiskFact) error
	HoldFulfilment(ctx context.Context, order, handle, note string) error
	ReleaseFulfilment(ctx context.Context, order, handle string) error
}

// Acts does in the shop what follows from a decision about an order. Each act is off unless it is set.
type Acts struct {
	Decisions Book
	Uses      Uses
	Admin     Admin
	// OrderTag and CustomerTag are put on the order and on its customer; empty for none.
	OrderTag, CustomerTag string
	// Risk puts an assessment beside the shop's own, whose facts Facts words. Hold keeps the order from being sent, with
	// Note for whoever wants to send it.
	Risk, Hold bool
	Facts      func(decisions.Decision) []identity.RiskFact
	Note       string
	Logger     *slog.Logger
}

// concerns tells of a decision about an order that a person should look at. What only watches does nothing in the shop.
func concerns(d decisions.Decision) bool {
	return d.Request.Stage == decisions.StageOrder && d.Answer.Enforced && d.Answer.Outcome != decisions.Allow
}

// Follow gives the jobs that are committed with a decision, so that each is asked for once.
func (a Acts) Follow(d decisions.Decision) (jobs []domain.Job) {
	if !concerns(d) {
		return nil
	}
	add := func(on bool, kind domain.JobKind) {
		if on {
			jobs = append(jobs, domain.Job{Kind: kind, Ref: d.PublicID})
		}
	}
	add(a.Hold, domain.JobDecisionHold) // first: what it prevents may happen soon
	add(a.OrderTag != "", domain.JobDecisionOrderTag)
	add(a.CustomerTag != "", domain.JobDecisionCustomerTag)
	add(a.Risk, domain.JobDecisionRisk)
	return jobs
}

// Judged gives the job that releases the order, whatever the verdict, and also where holding was switched off
// meanwhile.
func (a Acts) Judged(d decisions.Decision, _ decisions.Judgement) []domain.Job {
	if !concerns(d) {
		return nil
	}
	return []domain.Job{{Kind: domain.JobDecisionRelease, Ref: d.PublicID}}
}

// FollowDecision does one act. What the shop refuses for good is logged and left: no decision waits for the shop.
// Errors: a *domain.UpstreamError of what may go better later.
func (a Acts) FollowDecision(ctx context.Context, kind domain.JobKind, publicID string) error {
	d, err := a.Decisions.ByID(ctx, publicID)
	if domain.CodeOf(err) == domain.CodeDecisionNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err = a.do(ctx, kind, d); err != nil && hopeless(err) {
		a.Logger.WarnContext(ctx, "the shop was not told of a decision", "act", string(kind), "decision", d.PublicID,
			"order_id", d.Request.OrderID, "error", err)
		return nil
	}
	return err
}

func (a Acts) do(ctx context.Context, kind domain.JobKind, d decisions.Decision) error {
	order := d.Request.OrderID
	switch {
	case kind == domain.JobDecisionHold && a.Hold:
		return a.hold(ctx, d)
	case kind == domain.JobDecisionRelease:
		return a.Admin.ReleaseFulfilment(ctx, order, d.PublicID)
	case d.Erased:
		return nil // nobody is named any more
	case kind == domain.JobDecisionOrderTag && a.OrderTag != "":
		return a.Admin.AddTag(ctx, order, a.OrderTag)
	case kind == domain.JobDecisionCustomerTag && a.CustomerTag != "":
		gid, err := a.Uses.UserOf(ctx, order)
		if err != nil || gid == "" {
			return err
		}
		return a.Admin.AddTag(ctx, gid, a.CustomerTag)
	case kind == domain.JobDecisionRisk && a.Risk:
		return a.Admin.AssessRisk(ctx, order, levelOf(d.Answer.Outcome), a.Facts(d))
	default:
		return nil // switched off meanwhile
	}
}

// hold holds an order about which nobody has decided yet. A verdict that comes while the shop is being asked has left
// a release that may have run before there was anything to release: so it is looked for again afterwards, and also by
// a repetition of which nobody knows whether the first try held something.
func (a Acts) hold(ctx context.Context, d decisions.Decision) error {
	if d.Verdict.Is == "" && !d.Erased {
		if err := a.Admin.HoldFulfilment(ctx, d.Request.OrderID, d.PublicID, a.Note); err != nil {
			return err
		}
		var err error
		if d, err = a.Decisions.ByID(ctx, d.PublicID); err != nil {
			return err
		}
	}
	if d.Verdict.Is == "" && !d.Erased {
		return nil
	}
	return a.Admin.ReleaseFulfilment(ctx, d.Request.OrderID, d.PublicID)
}

func levelOf(o decisions.Outcome) identity.RiskLevel {
	if o == decisions.Refuse {
		return identity.RiskHigh
	}
	return identity.RiskMedium
}

// hopeless says that the same call would be refused again: the order or customer is gone, there is nothing to hold, or
// the app lacks the scope. Credentials that are not accepted at all are another matter, which an operator mends soon.
func hopeless(err error) bool {
	switch domain.KindOf(err) {
	case domain.KindRefused, domain.KindNotFound:
		return true
	case domain.KindAuth:
		return domain.ReasonOf(err) == domain.ReasonAccessDenied
	case domain.KindThrottled, domain.KindUnavailable, domain.KindUnknown:
	}
	return false
}
