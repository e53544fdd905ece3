package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
)

// Identity learns from orders who used a code, and acts in the shop on what was decided about them. Each call may come
// more than once for the same work.
type Identity interface {
	LearnOrder(ctx context.Context, gid string, at time.Time) error
	FollowDecision(ctx context.Context, kind domain.JobKind, publicID string) error
}

func addIdentity(bundle *river.Workers, h Identity, f *floor) error {
	follow := func(kind domain.JobKind) func(context.Context, decisionArgs) error {
		return func(ctx context.Context, a decisionArgs) error { return h.FollowDecision(ctx, kind, a.Ref) }
	}
	orderTag, customerTag := follow(domain.JobDecisionOrderTag), follow(domain.JobDecisionCustomerTag)
	risk, hold, release := follow(domain.JobDecisionRisk), follow(domain.JobDecisionHold), follow(domain.JobDecisionRelease)
	return errors.Join(
		river.AddWorkerSafely(bundle, &worker[useArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a useArgs) error { return h.LearnOrder(ctx, a.Ref, a.At) }}),
		river.AddWorkerSafely(bundle, &worker[orderTagArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a orderTagArgs) error { return orderTag(ctx, a.decisionArgs) }}),
		river.AddWorkerSafely(bundle, &worker[customerTagArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a customerTagArgs) error { return customerTag(ctx, a.decisionArgs) }}),
		river.AddWorkerSafely(bundle, &worker[riskArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a riskArgs) error { return risk(ctx, a.decisionArgs) }}),
		river.AddWorkerSafely(bundle, &worker[holdArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a holdArgs) error { return hold(ctx, a.decisionArgs) }}),
		river.AddWorkerSafely(bundle, &worker[releaseArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a releaseArgs) error { return release(ctx, a.decisionArgs) }}),
	)
}
