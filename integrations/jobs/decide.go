package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

// The outcomes of a run, as the observer hears them.
const (
	outcomeDone        = "done"
	outcomeSnooze      = "snooze"      // again after a wait that was asked for; costs no attempt
	outcomeRetry       = "retry"       // again after the retry policy's wait
	outcomeCancel      = "cancel"      // never again: repeating it is pointless
	outcomeSkip        = "skip"        // this round failed; the next one comes by itself
	outcomeInterrupted = "interrupted" // the process is stopping; another one takes over
)

const (
	conflictWait  = time.Second     // somebody else is at the row
	throttleWait  = 5 * time.Second // asked to wait, but not how long
	leaveWait     = time.Second     // long enough for a stopping process not to take its own job again
	shortestAsked = time.Second
	longestAsked  = time.Hour
)

// decision is what the queue does with a job after one run.
type decision struct {
	outcome string
	// wait is for snoozes. The job waits this long, and a little more, so that jobs that failed together do not all
	// come back together.
	wait time.Duration
	// text is kept in the job's row, so it holds machine words only.
	text string
}

// decide is the one place where an error becomes the queue's decision.
func decide(ctx context.Context, kind domain.JobKind, err error) decision {
	var later *domain.Later
	switch {
	case err == nil:
		return decision{outcome: outcomeDone}
	case errors.Is(ctx.Err(), context.Canceled):
		return decision{outcome: outcomeInterrupted, wait: leaveWait}
	case (kind == kindSweep || kind == kindRound) && errors.As(err, &later):
		return decision{outcome: outcomeDone} // the next round goes on
	case kind == kindSweep, kind == kindRound:
		return decision{outcome: outcomeSkip, text: safeText(err)}
	case errors.As(err, &later):
		return decision{outcome: outcomeSnooze, wait: min(later.After, longestAsked)}
	case errors.Is(err, domain.ErrConflict):
		return decision{outcome: outcomeSnooze, wait: conflictWait}
	case hopeless(kind, err):
		return decision{outcome: outcomeCancel, text: safeText(err)}
	}
	if asked := domain.RetryAfterOf(err); asked > 0 {
		return decision{outcome: outcomeSnooze, wait: min(max(asked, shortestAsked), longestAsked)}
	}
	if domain.KindOf(err) == domain.KindThrottled {
		return decision{outcome: outcomeSnooze, wait: throttleWait}
	}
	return decision{outcome: outcomeRetry, text: safeText(err)}
}

// hopeless says that the same run would end the same way. For a coupon on the way only its absence is: it has to leave
// that state, whatever the outside says. A refusal counts where the upstream words why: a bare status may be anybody's
// on the way there, and drops nothing.
func hopeless(kind domain.JobKind, err error) bool {
	code := domain.CodeOf(err)
	if kind == domain.JobAdvance {
		return code == domain.CodeCouponNotFound
	}
	switch domain.KindOf(err) {
	case domain.KindRefused:
		return !strings.HasPrefix(domain.ReasonOf(err), "http_")
	case domain.KindNotFound:
		return true
	case domain.KindAuth, domain.KindThrottled, domain.KindUnavailable, domain.KindUnknown:
		return code == domain.CodeCouponNotFound || code == domain.CodeCustomerNotFound
	}
	return false
}

// verdict says the decision in River's words.
func (d decision) verdict(random func() float64) error {
	switch d.outcome {
	case outcomeSnooze, outcomeInterrupted:
		return river.JobSnooze(d.wait + spread(d.wait, random))
	case outcomeCancel:
		return river.JobCancel(errors.New(d.text))
	case outcomeRetry:
		return errors.New(d.text)
	default:
		return nil
	}
}

// safeText names a failure without the words of whoever reported it: those could hold what a person typed.
func safeText(err error) string {
	var (
		up    *domain.UpstreamError
		fault *domain.Error
		panik *beside.Panic
	)
	switch {
	case errors.As(err, &up):
		text := fmt.Sprintf("%s %s: %s", up.Upstream, up.Act, up.Kind)
		if up.Reason != "" {
			text += " (" + up.Reason + ")"
		}
		return text
	case errors.As(err, &fault):
		return string(fault.Code)
	case errors.As(err, &panik):
		return panik.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "took too long"
	default:
		return fmt.Sprintf("unclassified %T", root(err))
	}
}

// root follows an error to its first cause, whose type says most.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if many, ok := err.(interface{ Unwrap() []error }); ok &&
			len(many.Unwrap()) > 0 { //nolint:errorlint // walks the tree itself
			next = many.Unwrap()[0]
		}
		if next == nil {
			return err
		}
		err = next
	}
}
