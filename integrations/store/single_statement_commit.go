package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// part is one more thing that the statement of a commit does: each is joined with c, the updated coupon.
type part struct {
	text string
	args []any
}

// commitSQL writes everything only if the coupon still has the version: what follows is joined with the updated row.
const (
	commitSQL = `WITH c AS (
	UPDATE coupons SET ` + setCoupon + ` WHERE id = ? AND version = ? RETURNING id, customer_id
), a AS (
	INSERT INTO audit (at, actor, actor_name, action, code, coupon_id, customer_id, from_status, to_status, outcome, detail)
	SELECT ?::timestamptz, ?, ?, ?, ?, c.id, ?, ?, ?, ?, ? FROM c
)`
	settleSQL = `, m AS (
	UPDATE movements SET ` + setMovement + ` FROM c WHERE movements.id = ? AND movements.coupon_id = c.id
)`
	intendSQL = `, n AS (
	INSERT INTO movements (coupon_id, customer_id, pos, kind, state, points, reference, related_reference, key, reason, created_at)
	SELECT c.id, ?, ?, ?, ?, ?::bigint, ?, ?, ?, ?, ?::timestamptz FROM c RETURNING id
)`
	requestSQL = `, q AS (
	INSERT INTO requests (caller_id, operation, key, hash, coupon_id, answer, created_at) SELECT ?, ?, ?, ?, c.id, ?, ?::timestamptz FROM c RETURNING id
)`
	answerSQL = `, r AS (
	UPDATE requests SET answer = ? FROM c WHERE requests.coupon_id = c.id AND requests.answer = ''
)`
	projectSQL = `, p AS (
	UPDATE customers SET ` + wantProjection + ` FROM c WHERE customers.id = c.customer_id
)`
)

// usualCommit reports whether the parts say everything that the change says.
func (s Coupons) usualCommit(c coupons.Change) bool {
	return s.dialect == "postgres" && len(c.Audit) == 1 && usualMovements(c.Movements) && usualRequest(c) &&
		len(c.Reminders) == 0 && c.Review == "" && c.Verdict == nil && c.Refund == nil &&
		c.Proposal == nil && c.Reopened == nil && len(c.Also) == 0
}

// usualMovements: none, one that is settled, or one that is intended.
func usualMovements(list []domain.Movement) bool {
	switch len(list) {
	case 0:
		return true
	case 1:
		m := list[0]
		m.CouponID = 0 // it is the updated coupon's
		return m.ID != 0 || m == intended(m)
	default:
		return false
	}
}

// usualRequest: none, or a new one that is answered by this very commit.
func usualRequest(c coupons.Change) bool {
	return c.Request == nil || (c.Request.ID == 0 && c.Request.Answer != coupons.AnswerNone &&
		c.Answer == coupons.AnswerNone)
}

// usual is a usual commit as one statement, and what is known once it has run.
type usual struct {
	text    string
	args    []any
	into    []any
	updated int
	st      coupons.State
}

// usualOf is the statement of a change and, where jobs has a text, of what that inserts beside it.
func usualOf(c coupons.Change, now time.Time, jobs part) (*usual, error) {
	k, err := couponToRow(c.Coupon)
	if err != nil {
		return nil, err
	}
	a, err := auditToRow(c.Audit[0], 0)
	if err != nil {
		return nil, err
	}
	u := &usual{text: commitSQL, args: append(setCouponArgs(k), k.ID, k.Version,
		a.At, a.Actor, a.ActorName, a.Action, a.Code, a.CustomerID, a.FromStatus, a.ToStatus, a.Outcome, a.Detail),
		st: coupons.State{Coupon: c.Coupon, Movements: slices.Clone(c.Movements)}}
	for _, p := range append(parts(c, now), jobs) {
		u.text += p.text
		u.args = append(u.args, p.args...)
	}
	wanted := " SELECT count(*)"
	u.into = []any{&u.updated}
	if list := u.st.Movements; len(list) == 1 && list[0].ID == 0 {
		wanted, u.into = wanted+", coalesce((SELECT id FROM n), 0)", append(u.into, &list[0].ID)
		list[0].CouponID = c.Coupon.ID
	}
	if c.Request != nil {
		wanted, u.into = wanted+", coalesce((SELECT id FROM q), 0)", append(u.into, &u.st.RequestID)
	}
	u.text += wanted + " FROM c"
	return u, nil
}

// committed is the state after the statement has run.
func (u *usual) committed() (coupons.State, error) {
	if u.updated != 1 {
		return coupons.State{}, domain.ErrConflict
	}
	u.st.Coupon.Version++
	return u.st, nil
}

// parts are what a usual change does beside the coupon and its line of the audit.
func parts(c coupons.Change, now time.Time) []part {
	var list []part
	if len(c.Movements) == 1 {
		list = append(list, movementPart(c.Movements[0]))
	}
	if q := c.Request; q != nil {
		list = append(list, part{requestSQL, []any{q.Key.CallerID, q.Key.Operation, q.Key.Key, q.Key.Hash,
			string(q.Answer), utc(q.At)}})
	}
	if c.Answer != coupons.AnswerNone {
		list = append(list, part{answerSQL, []any{string(c.Answer)}})
	}
	if c.Project {
		list = append(list, part{projectSQL, []any{now}})
	}
	return list
}

func movementPart(m domain.Movement) part {
	r := movementToRow(m)
	if m.ID == 0 {
		return part{intendSQL, []any{r.CustomerID, r.POS, r.Kind, r.State, r.Points, r.Reference, r.RelatedReference, r.Key,
			r.Reason, r.CreatedAt}}
	}
	return part{settleSQL, append(setMovementArgs(r), r.ID)}
}

// commitUsual is Commit for a step: one statement, and a transaction around it only where jobs go with it that cannot
// be inserted by the same statement.
func (s Coupons) commitUsual(ctx context.Context, c coupons.Change) (st coupons.State, err error) {
	jobs, ok := s.inlined(c.Jobs)
	if !ok {
		err = s.inTx(ctx, func(tx *gorm.DB) error {
			st, err = s.writeUsual(ctx, tx, c)
			return err
		})
		return st, err
	}
	u, err := usualOf(c, utc(s.now()), jobs)
	if err != nil {
		return st, err
	}
	if _, err = s.bareRow(ctx, u.into, u.text, u.args...); err != nil {
		return st, err
	}
	if st, err = u.committed(); err != nil {
		return st, err
	}
	s.waken(wakeFor(c))
	return st, nil
}

// wakeFor is what the queue hears of a change once it is committed.
func wakeFor(c coupons.Change) []domain.Job {
	if c.Project {
		return append(slices.Clone(c.Jobs), domain.Job{Kind: domain.JobProject})
	}
	return c.Jobs
}

// writeUsual is commitUsual within a transaction that has begun.
func (s Coupons) writeUsual(ctx context.Context, tx *gorm.DB, c coupons.Change) (coupons.State, error) {
	jobs, ok := s.inlined(c.Jobs)
	u, err := usualOf(c, utc(s.now()), jobs)
	if err != nil {
		return coupons.State{}, err
	}
	if err := tx.Raw(u.text, u.args...).Row().Scan(u.into...); err != nil {
		return coupons.State{}, err
	}
	st, err := u.committed()
	if err != nil {
		return st, err
	}
	if ok {
		inserted(tx, wakeFor(c))
		return st, nil
	}
	if c.Project {
		projected(tx)
	}
	return st, s.addJobs(ctx, tx, c.Jobs)
}

// inlined returns the part that inserts the jobs beside a change, empty for none, and whether that can be.
func (s Coupons) inlined(jobs []domain.Job) (part, bool) {
	if len(jobs) == 0 {
		return part{}, true
	}
	if s.inline == nil {
		return part{}, false
	}
	text, args, ok := s.inline("c", jobs)
	if !ok {
		return part{}, false
	}
	return part{", j AS (" + text + ")", args}, true
}
