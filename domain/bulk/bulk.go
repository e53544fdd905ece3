// Package bulk does one thing to many coupons as one job, for one reason, a coupon at a time.
//
// What was chosen is frozen when the job is made. What each coupon takes is the saga's own, under a key of the job and
// the row, so that a row that is done twice has one effect; caps and the second person are asked over the sum.
//
//	from     to                what                                  who
//	-        waiting           the sum takes a second person         the maker
//	-        running           it does not                           the maker
//	waiting  running           somebody else, within their own cap   an approver: a person, never a key
//	waiting  stopped           taken back, or refused                whoever may
//	running  paused, stopped   what is done stays done               whoever may
//	paused   running, stopped                                        whoever may
//	running  done              every row has an outcome              by itself
//
// Whoever answers for the sum is asked for anew with each coupon: somebody who has gone, or may less by now, has nothing
// done in their name, and the rest of the rows are refused.
//
// One actor at a time works on a job: the one whose lease it is. A process that dies between the saga's commit and that
// of the row leaves the row waiting; it is asked for again under its key and found done.
package bulk

import (
	"slices"
	"time"

	"pointbridge/domain"
)

// Kind is what a job does to each coupon.
type Kind string

// The kinds. The strings are stored and never change.
const (
	Cancel  Kind = "cancel"
	Suspend Kind = "suspend"
	// Resend sends the mail with the code again.
	Resend Kind = "resend"
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Cancel, Suspend, Resend} }

// act is what the kind is in the table of acts; empty for what moves nothing.
func (k Kind) act() domain.Act {
	switch k {
	case Cancel:
		return domain.ActCancel
	case Suspend:
		return domain.ActSuspend
	case Resend:
	}
	return ""
}

// Right is what in the policy lets somebody do it.
func (k Kind) Right() (object, action string) {
	switch k {
	case Cancel:
		return "coupons", "cancel"
	case Suspend:
		return "coupons", "suspend"
	case Resend:
		return "mails", "resend"
	}
	return "", ""
}

// Reasons are those that fit the kind; a mail takes none.
func (k Kind) Reasons() []string {
	switch k {
	case Cancel:
		return domain.CancelReasons()
	case Suspend:
		return domain.SuspendReasons()
	case Resend:
	}
	return nil
}

// Status is how far a job is.
type Status string

// The statuses.
const (
	Waiting Status = "waiting"
	Running Status = "running"
	Paused  Status = "paused"
	Stopped Status = "stopped"
	Done    Status = "done"
)

// Statuses lists them.
func Statuses() []Status { return []Status{Waiting, Running, Paused, Stopped, Done} }

// CanBecome is the table above.
func (s Status) CanBecome(to Status) bool {
	switch s {
	case Waiting:
		return to == Running || to == Stopped
	case Running:
		return to == Paused || to == Stopped || to == Done
	case Paused:
		return to == Running || to == Stopped
	case Stopped, Done:
	}
	return false
}

// MaxRows is how many coupons a job has at most.
const MaxRows = 500

// Job is one thing that is done to many coupons.
type Job struct {
	ID       int64
	PublicID string
	Kind     Kind
	Status   Status
	Reason   string
	Note     string
	Wanted   int
	Points   int64 // of all coupons together
	Done     int
	Refused  int
	Maker    domain.Caller
	// Approver is the second person; zero for none.
	Approver   domain.Caller
	MadeAt     time.Time
	FinishedAt *time.Time
	LeaseUntil time.Time
}

// Left is how many coupons have no outcome yet.
func (j Job) Left() int { return j.Wanted - j.Done - j.Refused }

// by is who acts: whoever answers for the sum.
func (j Job) by() domain.Caller {
	if j.Approver.ID != "" {
		return j.Approver
	}
	return j.Maker
}

// Approvable reports whether somebody can be the second person: a person, who is neither who made the job nor stands
// behind the key that did. What the database knows besides is asked by Store.Move.
func (j Job) Approvable(who domain.Caller) bool {
	return j.Status == Waiting && !who.Machine && !same(who, j.Maker)
}

// Behind are the people behind a job: who made it, or who answers for the key that did and who made that. Of a job
// that takes a second person there is always one.
func (j Job) Behind() []int64 { return j.Maker.People() }

// same reports whether two callers are one person, or one stands behind what the other asks with.
func same(a, b domain.Caller) bool {
	return a.ID == b.ID || slices.ContainsFunc(a.People(), func(id int64) bool { return slices.Contains(b.People(), id) })
}

// RowState is how far a row is.
type RowState string

// The states of a row.
const (
	RowWaiting RowState = "waiting"
	RowDone    RowState = "done"
	RowRefused RowState = "refused"
)

// Row is one coupon of a job. Reason is the code of the refusal.
type Row struct {
	Row      int
	CouponID int64
	Code     string
	Points   int64
	State    RowState
	Reason   string
}
