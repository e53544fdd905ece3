package reports

import (
	"time"

	"pointbridge/domain"
)

// Standing is how many coupons stand where at a moment, by their true status: an active coupon whose end has come
// counts as expired, whether or not that was written down.
type Standing struct {
	At       time.Time
	ByStatus map[domain.Status]Count
}

// NewStanding takes what the audit adds up to, and which of the active coupons have ended.
func NewStanding(at time.Time, rolledUp map[domain.Status]Count, ended Count) Standing {
	s := Standing{At: at, ByStatus: make(map[domain.Status]Count, len(domain.Statuses()))}
	for _, status := range domain.Statuses() {
		s.ByStatus[status] = rolledUp[status]
	}
	s.ByStatus[domain.Active] = s.ByStatus[domain.Active].Minus(ended)
	s.ByStatus[domain.Expired] = s.ByStatus[domain.Expired].Plus(ended)
	return s
}

// Of counts the coupons of some statuses; of none means all there are.
func (s Standing) Of(statuses ...domain.Status) Count {
	if len(statuses) == 0 {
		statuses = domain.Statuses()
	}
	var sum Count
	for _, status := range statuses {
		sum = sum.Plus(s.ByStatus[status])
	}
	return sum
}

// OnTheWay counts pending and cancelling coupons.
func (s Standing) OnTheWay() Count { return s.Of(domain.Pending, domain.Cancelling) }

// Outstanding counts active coupons: their points are what the shop still owes.
func (s Standing) Outstanding() Count { return s.Of(domain.Active) }
