package bulk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notices"
)

const (
	// slice is how many coupons of a job are done before others have their turn.
	slice = 50
	// heldUp is how long a job is left alone whose coupons could not be reached.
	heldUp = 5 * time.Second
)

// Work does a slice of every job that is due. domain.Later says that there is more.
func (s *Service) Work(ctx context.Context) error {
	due, err := s.Desk.Due(ctx, s.Clock.Now())
	if err != nil {
		return err
	}
	more := false
	for _, j := range due {
		again, err := s.advance(ctx, j)
		if err != nil && !errors.Is(err, domain.ErrConflict) {
			return err
		}
		more = more || again
	}
	if more {
		return &domain.Later{}
	}
	return ctx.Err()
}

// advance does a slice of one job.
func (s *Service) advance(ctx context.Context, j Job) (more bool, err error) {
	lease := s.Clock.Now().Add(s.Lease)
	if err := s.Desk.Claim(ctx, j.ID, s.Clock.Now(), lease); err != nil {
		return false, err
	}
	p := pass{job: j, lease: lease}
	for p.goesOn() {
		if err := s.slice(ctx, &p); err != nil {
			return false, err
		}
	}
	f := Finished{JobID: j.ID, Lease: p.lease, New: s.Clock.Now()}
	switch {
	case p.left > 0:
		f.New = f.New.Add(heldUp)
	case p.ended:
		e := s.entry(j, domain.System(), domain.ActionBulkMoved, Running, Done)
		f.Done, f.Entry = true, &e
	default:
		more = true
	}
	return more, s.Desk.Finish(ctx, f)
}

// pass is one turn of a job: how far it has come, what it had to leave, and whether it has come to the end.
type pass struct {
	job           Job
	lease         time.Time
	after         int
	settled, left int
	ended         bool
}

// goesOn says that the turn is not over: coupons that cannot be done now, however many, hold up none behind them.
func (p *pass) goesOn() bool { return p.settled == 0 && !p.ended }

func (s *Service) slice(ctx context.Context, p *pass) error {
	rows, err := s.Desk.Waiting(ctx, p.job.ID, p.after, slice)
	if err != nil {
		return err
	}
	p.ended = len(rows) < slice
	for _, r := range rows {
		p.after = r.Row
		settled, known := s.do(ctx, p.job, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !known {
			p.left++
			continue
		}
		next := s.Clock.Now().Add(s.Lease)
		if err := s.Desk.Settle(ctx, Settled{JobID: p.job.ID, Row: settled, Lease: p.lease, New: next}); err != nil {
			return err
		}
		p.settled, p.lease = p.settled+1, next
	}
	return nil
}

// do does one row. known is false where nobody can say what became of it: it is asked for again under its key.
func (s *Service) do(ctx context.Context, j Job, r Row) (_ Row, known bool) {
	err := s.act(ctx, j, r)
	if err == nil {
		r.State = RowDone
		return r, true
	}
	var refusal *domain.Error
	if !errors.As(err, &refusal) || passes(j.Kind, refusal.Code) {
		s.Logger.LogAttrs(ctx, slog.LevelWarn, "a coupon of a bulk job waits", slog.String("bulk", j.PublicID),
			slog.Int("row", r.Row), slog.String("cause", string(domain.CodeOf(err))))
		return r, false
	}
	r.State, r.Reason = RowRefused, string(refusal.Code)
	return r, true
}

// act does a row as whoever answers for the sum is now.
func (s *Service) act(ctx context.Context, j Job, r Row) error {
	who, err := s.Callers.Now(ctx, j.by(), s.Clock.Now())
	switch {
	case err != nil:
		return err
	case who.Role == "": // whatever the kind is, also where no table of acts is asked
		return domain.Refuse(domain.CodePermissionDenied)
	}
	c := coupons.Cancellation{Caller: who, Code: r.Code, Reason: j.Reason, Note: j.Note, Askers: j.Behind(),
		Key: fmt.Sprintf("bulk-%d-%d", j.ID, r.Row)}
	if who.ID != j.Maker.ID {
		c.AskedBy = j.Maker.Name
	}
	switch j.Kind {
	case Cancel:
		_, err = s.Saga.Cancel(ctx, c)
	case Suspend:
		_, err = s.Saga.Suspend(ctx, coupons.Suspension(c))
	case Resend:
		err = s.resend(ctx, who, r, c.Key)
	}
	return err
}

// resend asks for the mail with the code, of a coupon that is still good.
func (s *Service) resend(ctx context.Context, who domain.Caller, r Row, key string) error {
	st, err := s.Coupons.ByCode(ctx, r.Code)
	if err != nil {
		return err
	}
	if err := coupons.RefusalOfEnding(st.Coupon, s.Clock.Now()); err != nil {
		return err
	}
	return s.Mails.SendAgain(ctx, notices.Again{Caller: who, State: st, Key: key})
}

// passes are refusals that say nothing about the coupon: the same row may be done a little later. That a customer had
// the same mail too often in an hour is an answer.
func passes(kind Kind, code domain.Code) bool {
	switch code { //nolint:exhaustive // the others are answers
	case domain.CodeInternal, domain.CodeUnavailable, domain.CodeUpstreamUnavailable, domain.CodeBusy,
		domain.CodeRequestInProgress:
		return true
	case domain.CodeRateLimited:
		return kind != Resend
	default:
		return false
	}
}
