package jobs

import (
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

// kindSweep is the periodic round. Nobody asks for it by a domain.Job.
const kindSweep domain.JobKind = "sweep"

// kindRound is any other periodic work, told apart by its name. Nobody asks for it by a domain.Job either.
const kindRound domain.JobKind = "round"

// The queues.
const (
	queueAdvance = river.QueueDefault
	queueProject = "project"
	queueMail    = "mail"
	queueSweep   = "sweep"
	queueCodes   = "codes"
	queueEvents  = "events"
	queueRound   = "round_" // and the round's name
)

// MostWorkers is how many jobs of a queue a process can run at once.
const MostWorkers = river.QueueNumWorkersMax

// How long one run may take. The flows' own deadlines are shorter; these are for work that does not heed them.
const (
	actLimit  = 30 * time.Second
	longLimit = time.Minute // mail servers are slow by custom, and a sweep touches many rows
)

// A running job is taken for one whose process died, and is run again, when it outlasts its limit by comingBack: the
// time in which work whose limit is over comes back. River looks at running jobs from stuckAfter on, and leaves those
// alone whose own worker may take longer.
const (
	comingBack = 5 * time.Second
	stuckAfter = actLimit + comingBack
)

// How often a job is tried before it is given up. At the retry policy's pace the higher figure is more than three days,
// the lower one about a day. Waits that were asked for do not count.
const (
	attemptsForLong = 1000
	attemptsForADay = 300
	// attemptsForAnHour is for what a later job makes up for.
	attemptsForAnHour = 20
)

// sweepWindow is the time for which a sweep that died can stand in the way of the next one.
const sweepWindow = 30 * time.Second

type advanceArgs struct {
	CouponID int64 `json:"coupon_id"`
}

// metafieldArgs are those of jobs that versions before the projector put into the queue, one for each change of a
// customer's: they stay known until the release after, so that one that waits, or that such a version inserts while both
// run, ends instead of failing. All it does is to tell the projector.
type metafieldArgs struct {
	CustomerID string `json:"customer_id"`
}

type mailArgs struct {
	CouponID int64           `json:"coupon_id"`
	Mail     domain.MailKind `json:"mail"`
	Step     int             `json:"step"`
	Again    string          `json:"again,omitempty"`
}

type removeArgs struct {
	CouponID int64 `json:"coupon_id"`
}

type orderArgs struct {
	Ref  string           `json:"ref"`
	Hint domain.OrderHint `json:"hint,omitempty"`
}

type webhookArgs struct {
	Ref string `json:"ref"`
}

type tagArgs struct {
	Ref      string `json:"ref"`
	CouponID int64  `json:"coupon_id,omitempty"`
}

type headArgs struct {
	Ref string `json:"ref"`
}

type noticeArgs struct {
	Ref string `json:"ref"`
}

// useArgs asks for what an order shows. The times of states that are asked about make different jobs.
type useArgs struct {
	Ref string    `json:"ref"`
	At  time.Time `json:"at"`
}

// decisionArgs names the decision that something in the shop follows from.
type decisionArgs struct {
	Ref string `json:"ref"`
}

type (
	orderTagArgs    struct{ decisionArgs }
	customerTagArgs struct{ decisionArgs }
	riskArgs        struct{ decisionArgs }
	holdArgs        struct{ decisionArgs }
	releaseArgs     struct{ decisionArgs }
)

// codesArgs asks for a look at whatever is due of the codes of campaigns.
type codesArgs struct{}

// bulkArgs asks for a look at whatever is due of jobs on many coupons.
type bulkArgs struct{}

type sweepArgs struct{}

type roundArgs struct {
	Name string `json:"name"`
}

// Kind names the work in the database; the names never change.
func (advanceArgs) Kind() string     { return string(domain.JobAdvance) }
func (metafieldArgs) Kind() string   { return "metafield" }
func (mailArgs) Kind() string        { return string(domain.JobMail) }
func (removeArgs) Kind() string      { return string(domain.JobRemoveDiscount) }
func (orderArgs) Kind() string       { return string(domain.JobOrder) }
func (webhookArgs) Kind() string     { return string(domain.JobWebhook) }
func (tagArgs) Kind() string         { return string(domain.JobTag) }
func (headArgs) Kind() string        { return string(domain.JobAuditHead) }
func (noticeArgs) Kind() string      { return string(domain.JobNotice) }
func (useArgs) Kind() string         { return string(domain.JobUse) }
func (orderTagArgs) Kind() string    { return string(domain.JobDecisionOrderTag) }
func (customerTagArgs) Kind() string { return string(domain.JobDecisionCustomerTag) }
func (riskArgs) Kind() string        { return string(domain.JobDecisionRisk) }
func (holdArgs) Kind() string        { return string(domain.JobDecisionHold) }
func (releaseArgs) Kind() string     { return string(domain.JobDecisionRelease) }

func (eventArgs) Kind() string { return string(domain.JobEvent) }
func (codesArgs) Kind() string { return string(domain.JobCampaignCodes) }
func (bulkArgs) Kind() string  { return string(domain.JobBulk) }
func (sweepArgs) Kind() string { return string(kindSweep) }
func (roundArgs) Kind() string { return string(kindRound) }

// live are the states of a job that is still to be done. Completed ones are left out, unlike in River's default: a
// coupon that has been advanced once may need it again.
func live(more ...rivertype.JobState) []rivertype.JobState {
	return append([]rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}, more...)
}

// insertOf translates a job. once asks for at most one of it: not while the same is still to be done, nor, where a
// refusal ends it, for as long as the refused one is kept.
//
// Advancing is always once: whoever takes a coupon up looks at its state as it is then. Mails are asked for once as it
// is.
func insertOf(job domain.Job, once bool, now time.Time) (river.InsertManyParams, error) {
	opts := &river.InsertOpts{Queue: queueProject, MaxAttempts: attemptsForLong}
	if job.RunAt.After(now) {
		opts.ScheduledAt = job.RunAt
	}
	if once {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: live(rivertype.JobStateCancelled)}
	}
	params := river.InsertManyParams{InsertOpts: opts}
	switch job.Kind {
	case domain.JobAdvance:
		params.Args = advanceArgs{CouponID: job.CouponID}
		opts.Queue = queueAdvance
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: live()}
	case domain.JobMail:
		params.Args = mailArgs{CouponID: job.CouponID, Mail: job.Mail, Step: job.Step, Again: job.Ref}
		opts.Queue, opts.MaxAttempts, opts.Priority = queueMail, attemptsForADay, 2
	case domain.JobRemoveDiscount:
		params.Args = removeArgs{CouponID: job.CouponID}
		opts.MaxAttempts, opts.Priority = attemptsForADay, 4
	case domain.JobOrder:
		params.Args = orderArgs{Ref: job.Ref, Hint: job.Hint}
		opts.MaxAttempts = attemptsForADay // after that the round over the shop's orders has it
	case domain.JobWebhook:
		params.Args = webhookArgs{Ref: job.Ref}
	case domain.JobTag:
		params.Args = tagArgs{Ref: job.Ref, CouponID: job.CouponID}
		opts.MaxAttempts, opts.Priority = attemptsForADay, 3
	case domain.JobAuditHead:
		params.Args = headArgs{Ref: job.Ref}
		opts.MaxAttempts, opts.Priority = attemptsForAnHour, 3
	case domain.JobNotice:
		params.Args = noticeArgs{Ref: job.Ref}
		opts.Queue, opts.MaxAttempts, opts.Priority = queueMail, attemptsForADay, 1
	case domain.JobGuard:
		params.Args = guardArgs{Ref: job.Ref}
		opts.MaxAttempts, opts.Priority = attemptsForAnHour, 3
	case domain.JobCampaignCodes:
		params.Args = codesArgs{}
		opts.Queue, opts.MaxAttempts = queueCodes, attemptsForAnHour // the round over them finds what a job did not do
	case domain.JobBulk:
		params.Args = bulkArgs{}
		opts.MaxAttempts = attemptsForAnHour // the round over them finds what a job did not do
	case domain.JobEvent:
		params.Args = eventArgs{Ref: job.Ref}
		opts.Queue = queueEvents // the merchant's systems may be slow, and hold nothing else up
	case domain.JobUse:
		params.Args = useArgs{Ref: job.Ref, At: job.At.UTC()}
		opts.MaxAttempts, opts.Priority = attemptsForADay, 2
	default:
		args, known := decisionArgsOf(job)
		if !known {
			return params, fmt.Errorf("jobs: no work is called %q", job.Kind)
		}
		params.Args = args
		opts.MaxAttempts, opts.Priority = attemptsForADay, 3
	}
	return params, nil
}

// decisionArgsOf are those of what follows from a decision.
func decisionArgsOf(job domain.Job) (args river.JobArgs, known bool) {
	about := decisionArgs{Ref: job.Ref}
	switch job.Kind {
	case domain.JobDecisionOrderTag:
		return orderTagArgs{about}, true
	case domain.JobDecisionCustomerTag:
		return customerTagArgs{about}, true
	case domain.JobDecisionRisk:
		return riskArgs{about}, true
	case domain.JobDecisionHold:
		return holdArgs{about}, true
	case domain.JobDecisionRelease:
		return releaseArgs{about}, true
	default:
		return nil, false
	}
}

// sweepInsert asks for a sweep unless one of the same window is still to be done.
func sweepInsert() (river.JobArgs, *river.InsertOpts) {
	return sweepArgs{}, &river.InsertOpts{Queue: queueSweep, MaxAttempts: 1,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: sweepWindow, ByState: live()}}
}

// insert asks for a round under the same condition. A round that has much to do takes as long as it may, and the next
// one goes on. One with a limit of its own may outlast many windows, and is asked for only when none is still to be
// done.
func (r Round) insert() (river.JobArgs, *river.InsertOpts) {
	unique := river.UniqueOpts{ByArgs: true, ByPeriod: sweepWindow, ByState: live()}
	if r.Limit > 0 {
		unique.ByPeriod = 0
	}
	return roundArgs{r.Name}, &river.InsertOpts{Queue: queueRound + r.Name, MaxAttempts: 1, UniqueOpts: unique}
}
