package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// commitSQL writes everything only if the coupon still has the version: what follows is joined with c, the updated row,
// which has the row's values as well.
const (
	commitSQL = `, c AS (
	UPDATE coupons SET ` + setCoupon + ` FROM v WHERE coupons.id = ? AND coupons.version = ? RETURNING coupons.id, coupons.customer_id, ` + rowValues + `
)`
	auditSQL = `, a AS (
	INSERT INTO audit (at, actor, actor_name, action, code, coupon_id, customer_id, from_status, to_status, outcome, detail)
	SELECT ?, ?, ?, ?, ?, c.id, ?, ?, ?, ?, ? FROM c
)`
	settleSQL = `, m AS (
	UPDATE movements SET ` + setMovement + ` FROM c WHERE movements.id = ? AND movements.coupon_id = c.id
)`
	intendSQL = `, n AS (
	INSERT INTO movements (coupon_id, customer_id, pos, kind, state, points, reference, related_reference, key, reason, created_at)
	SELECT c.id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM c RETURNING coupon_id, id
)`
	requestSQL = `, q AS (
	INSERT INTO requests (caller_id, operation, key, hash, coupon_id, answer, created_at) SELECT ?, ?, ?, ?, c.id, ?, ? FROM c RETURNING coupon_id, id
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

// usual is a usual commit as a row of a statement, and what is known once that has run.
type usual struct {
	entry
	change  coupons.Change
	written bool
	st      coupons.State
}

// usualOf is the row of a change, and where there are jobs, of what inserts them beside it.
func (s Coupons) usualOf(c coupons.Change) (*usual, error) {
	k, err := couponToRow(c.Coupon)
	if err != nil {
		return nil, err
	}
	a, err := auditToRow(c.Audit[0], 0)
	if err != nil {
		return nil, err
	}
	u := &usual{change: c, st: coupons.State{Coupon: c.Coupon, Movements: slices.Clone(c.Movements)}}
	u.key, u.wrote = c.Coupon.CustomerID, u.done
	if err := u.add("v", commitSQL, append(setCouponArgs(k), k.ID, k.Version)...); err != nil {
		return nil, err
	}
	list := append([]part{{auditSQL, []any{a.At, a.Actor, a.ActorName, a.Action, a.Code, a.CustomerID, a.FromStatus,
		a.ToStatus, a.Outcome, a.Detail}}}, parts(c, utc(s.now()))...)
	for _, p := range list {
		if err := u.add("c", p.text, p.args...); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// part is one more thing that a usual commit does, for each updated row.
type part struct {
	text string
	args []any
}

// ends is how the statement tells of each row that it has written: which one, and the numbers of what it inserted.
func (u *usual) ends() string {
	movement, request := "0", "0"
	if c := u.change; len(c.Movements) == 1 && c.Movements[0].ID == 0 {
		movement = "(SELECT n.id FROM n WHERE n.coupon_id = c.id)"
	}
	if u.change.Request != nil {
		request = "(SELECT q.id FROM q WHERE q.coupon_id = c.id)"
	}
	return " SELECT c.turn, " + movement + ", " + request + " FROM c"
}

// done takes in what the statement tells of the row.
func (u *usual) done(movement, request int64) {
	u.written = true
	u.st.Coupon.Version++
	if list := u.st.Movements; len(list) == 1 && list[0].ID == 0 {
		list[0].ID, list[0].CouponID = movement, u.change.Coupon.ID
	}
	if u.change.Request != nil {
		u.st.RequestID = request
	}
}

// committed is the state after the statement has run.
func (u *usual) committed() (coupons.State, error) {
	if !u.written {
		return coupons.State{}, domain.ErrConflict
	}
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

// commitUsual is Commit for a step: one statement, which others may share, and a transaction around it only where jobs
// go with it that cannot be inserted by the same statement.
func (s Coupons) commitUsual(ctx context.Context, c coupons.Change) (st coupons.State, err error) {
	u, ok, err := s.usualWithJobs(c)
	if err != nil {
		return st, err
	}
	if !ok {
		err = s.inTx(ctx, func(tx *gorm.DB) error {
			st, err = s.writeUsual(ctx, tx, c)
			return err
		})
		return st, err
	}
	if s.hot() {
		err = s.share(ctx, s.commits, &u.entry)
	} else {
		err = translate(writeWithin(ctx, s.db.WithContext(ctx), &u.entry))
	}
	if err != nil {
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
	u, ok, err := s.usualWithJobs(c)
	if err != nil {
		return coupons.State{}, err
	}
	if err := writeWithin(ctx, tx, &u.entry); err != nil {
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

// usualWithJobs is the row of a change with its jobs; ok is false where they have to be inserted by themselves.
func (s Coupons) usualWithJobs(c coupons.Change) (u *usual, ok bool, err error) {
	if u, err = s.usualOf(c); err != nil {
		return nil, false, err
	}
	jobs, ok := s.inlined(c.Jobs)
	if err = u.add("c", jobs.text, jobs.args...); err != nil {
		return nil, false, err
	}
	return u, ok, u.add("c", u.ends())
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
