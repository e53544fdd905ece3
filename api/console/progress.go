package console

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// progress is how far a coupon on its way has come. It has no steps for a coupon at rest.
type progress struct {
	Code  string
	Steps []progressStep
	// Running asks for the progress again; Parked tells that only a person can find out how it goes on.
	Running, Parked bool
}

// progressStep is one step of it: done, now, or later.
type progressStep struct {
	Key, State string
}

type milestone struct {
	key     string
	reached bool
}

func progressOf(st coupons.State, now time.Time) progress {
	c := st.Coupon
	p := progress{Code: c.Code, Parked: c.ParkedAt != nil}
	dead, back, take := c.DeactivatedAt != nil, st.Movement(domain.GiveBack), st.Movement(domain.Take)
	switch {
	case c.Status == domain.Cancelling:
		p.Steps = stepsOf(milestone{"deactivated", dead}, milestone{"waited", back != nil},
			milestone{"returned", applied(back)}, milestone{"done", false})
	case c.Status == domain.Suspended && c.Unfinished:
		p.Steps = stepsOf(milestone{"deactivated", dead}, milestone{"held", false})
	case c.StatusAt(now) == domain.Pending:
		p.Steps = stepsOf(milestone{"taken", applied(take)}, milestone{"made", false})
	}
	p.Running = len(p.Steps) > 0 && !p.Parked
	return p
}

func applied(m *domain.Movement) bool { return m != nil && m.State == domain.MovementApplied }

// stepsOf marks the first milestone that is not reached as the one at work.
func stepsOf(list ...milestone) []progressStep {
	steps := make([]progressStep, 0, len(list))
	state := "done"
	for _, m := range list {
		switch {
		case state == "now":
			state = "later"
		case state == "done" && !m.reached:
			state = "now"
		}
		steps = append(steps, progressStep{m.key, state})
	}
	return steps
}

// progress answers a script that asks how far the coupon is.
func (con couponHandlers) progress(req *request) error {
	st, err := con.deps.Coupons.ByCode(req.Ctx(), req.Gin.Param("code"))
	if err != nil {
		return err
	}
	req.fragment("coupon", "progress", couponPage{Coupon: st.Coupon, Progress: progressOf(st, con.deps.Now())})
	return nil
}
