package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

// floor is what all workers share.
type floor struct {
	clock    domain.Clock
	random   func() float64
	observer Observer
	logger   *slog.Logger
	busy     func() bool
}

// worker runs one kind of job: it calls the flow, and tells the queue what the answer means.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	floor *floor
	limit time.Duration
	// limits is for kinds whose jobs differ in their limits.
	limits func(T) time.Duration
	act    func(context.Context, T) error
	// yields says that the job makes room for customers who wait.
	yields bool
	// givenUp is told of a job that nobody tries again; nil for nobody.
	givenUp func(context.Context, T)
}

// Timeout implements river.Worker: after this the job counts as one that nobody works on. Work itself ends earlier.
func (w *worker[T]) Timeout(job *river.Job[T]) time.Duration {
	return w.limitOf(job.Args) + comingBack
}

func (w *worker[T]) limitOf(args T) time.Duration {
	if w.limits != nil {
		return w.limits(args)
	}
	return w.limit
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	began := w.floor.clock.Now()
	ctx, cancel := context.WithTimeout(ctx, w.limitOf(job.Args))
	defer cancel()
	if w.yields {
		w.floor.makeRoom(ctx, job.ScheduledAt)
	}
	err := beside.Guard(func() error { return w.act(ctx, job.Args) })
	d := decide(ctx, domain.JobKind(job.Kind), err)
	w.floor.observer.Job(job.Kind, d.outcome, w.floor.clock.Now().Sub(began))
	last := d.outcome == outcomeRetry && job.Attempt >= job.MaxAttempts
	w.floor.log(ctx, d, err, last, slog.String("job_kind", job.Kind), slog.Int64("job_id", job.ID))
	if w.givenUp != nil && (last || d.outcome == outcomeCancel) {
		w.givenUp(context.WithoutCancel(ctx), job.Args)
	}
	return d.verdict(w.floor.random)
}

// log writes how a run ended that did not succeed, because River's own line about it is a detail: louder where nobody
// tries again, and where the cause is no fault of the outside.
func (f *floor) log(ctx context.Context, d decision, err error, last bool, about ...slog.Attr) {
	about = append(about, slog.String("outcome", d.outcome))
	var panik *beside.Panic
	switch {
	case errors.As(err, &panik):
		f.logger.LogAttrs(ctx, slog.LevelError, "job panicked", append(about, slog.String("error", d.text),
			slog.String("stack", panik.Stack))...)
	case d.outcome == outcomeSkip:
		f.logger.LogAttrs(ctx, slog.LevelError, "round failed", append(about, slog.Any("error", err))...)
	case d.outcome == outcomeCancel || last:
		f.logger.LogAttrs(ctx, slog.LevelError, "job given up", append(about, slog.Any("error", err))...)
	case d.outcome == outcomeRetry && !classified(err):
		f.logger.LogAttrs(ctx, slog.LevelError, "job failed in an unforeseen way",
			append(about, slog.Any("error", err))...)
	case d.outcome == outcomeRetry:
		f.logger.LogAttrs(ctx, slog.LevelWarn, "job failed and is tried again",
			append(about, slog.String("error", d.text))...)
	}
}

func classified(err error) bool {
	var up *domain.UpstreamError
	return errors.As(err, &up)
}

// workersFor registers one worker per kind.
func workersFor(h Handlers, f *floor, project *projecting, mailGivenUp func(context.Context, domain.Job)) (*river.Workers,
	error) {
	var lost func(context.Context, mailArgs)
	if mailGivenUp != nil {
		lost = func(ctx context.Context, a mailArgs) {
			mailGivenUp(ctx, domain.Job{Kind: domain.JobMail, CouponID: a.CouponID, Mail: a.Mail, Step: a.Step})
		}
	}
	bundle := river.NewWorkers()
	return bundle, errors.Join(
		river.AddWorkerSafely(bundle, &worker[advanceArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a advanceArgs) error { return h.Advance(ctx, a.CouponID) }}),
		river.AddWorkerSafely(bundle, &worker[metafieldArgs]{floor: f, limit: actLimit,
			act: func(context.Context, metafieldArgs) error { project.tell(); return nil }}),
		river.AddWorkerSafely(bundle, &worker[mailArgs]{floor: f, limit: longLimit, yields: true, givenUp: lost,
			act: func(ctx context.Context, a mailArgs) error {
				return h.SendMail(ctx, a.CouponID, a.Mail, a.Step, a.Again)
			}}),
		river.AddWorkerSafely(bundle, &worker[removeArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a removeArgs) error { return h.RemoveDiscount(ctx, a.CouponID) }}),
		river.AddWorkerSafely(bundle, &worker[orderArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a orderArgs) error { return h.RefreshOrder(ctx, a.Ref, a.Hint) }}),
		river.AddWorkerSafely(bundle, &worker[tagArgs]{floor: f, limit: actLimit,
			act: func(ctx context.Context, a tagArgs) error { return h.TagForReview(ctx, a.Ref, a.CouponID) }}),
		river.AddWorkerSafely(bundle, &worker[sweepArgs]{floor: f, limit: longLimit,
			act: func(ctx context.Context, _ sweepArgs) error { return h.Sweep(ctx) }}),
	)
}
