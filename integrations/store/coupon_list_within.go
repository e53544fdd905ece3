package store

import (
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// Lists within some time are read along the index of what the time is about: of the issue a branch per status, of the
// refund one for all. In another order than that of the time they are read as a search is: see search.

// moment is the column of what the filter's time is about.
func (l pageQuery) moment() string {
	if l.f.Within.Moment == listing.Cancelled {
		return "cancelled_at"
	}
	return "created_at"
}

// inTime is the filter's time, and whose refunds they are and what for, as conditions.
func (l pageQuery) inTime() (list []clauseOf) {
	f, moment := l.f, l.moment()
	if f.Within.Moment == "" {
		return nil
	}
	if !f.Within.From.IsZero() {
		list = append(list, where(moment+" >= ?", utc(f.Within.From)))
	}
	if !f.Within.To.IsZero() {
		list = append(list, where(moment+" < ?", utc(f.Within.To)))
	}
	if f.Within.Moment == listing.Cancelled {
		list = append(list, where("cancelled_at IS NOT NULL"))
	}
	if f.By != "" {
		list = append(list, where("cancel_actor = ?", f.By))
	}
	if f.Reason != "" {
		list = append(list, where("reason = ?", f.Reason))
	}
	return list
}

// decisive are the columns that decide about a page beside those that every list reads.
func (l pageQuery) decisive() (list []string) {
	if c := column(l.f.Sort); c != "id" && c != "expires_at" {
		list = append(list, c)
	}
	if l.f.Within.Moment == "" {
		return list
	}
	if m := l.moment(); !slices.Contains(list, m) {
		list = append(list, m)
	}
	if l.f.Within.Moment == listing.Cancelled && !slices.Contains(list, "cancelled_at") {
		list = append(list, "cancelled_at")
	}
	if l.f.By != "" {
		list = append(list, "cancel_actor")
	}
	if l.f.Reason != "" {
		list = append(list, "reason")
	}
	return list
}

// natural reports whether the list is in the order of the time it is within.
func (l pageQuery) natural() bool { return l.f.Within.Moment != "" && column(l.f.Sort) == l.moment() }

// within reads coupons by when something became of them.
func (l pageQuery) within() ([]domain.Coupon, error) {
	switch {
	case l.natural() && l.f.Status == domain.Expired && l.f.Within.Moment == listing.Issued:
		return l.expired()
	case l.natural():
		return l.ordered(l.branches()...)
	default:
		return l.search([]clauseOf{l.inRange()})
	}
}

// branches are conditions each of which an index has in the list's order.
func (l pageQuery) branches() []clauseOf {
	if l.f.Status == "" && column(l.f.Sort) != "id" && column(l.f.Sort) != "cancelled_at" {
		return l.eachStatus()
	}
	return []clauseOf{l.status()}
}

// inRange is the filter's time as an index finds it.
func (l pageQuery) inRange() clauseOf {
	if l.f.Within.Moment == listing.Cancelled {
		return all(l.inTime()...)
	}
	var statuses []string
	for _, status := range domain.Statuses() {
		wanted := l.f.Status == "" && (!l.f.Made || status != domain.Failed) || l.f.Status == status
		if wanted || l.f.Status == domain.Expired && status == domain.Active {
			statuses = append(statuses, string(status))
		}
	}
	return all(append(l.inTime(), where("status IN ?", statuses))...)
}

// normal is the filter with the time that its order is about: refunds alone are in the order of refunds.
func normal(f listing.Filter) listing.Filter {
	switch column(f.Sort) {
	case "cancelled_at":
		if f.Within.Moment != listing.Cancelled {
			f.Within = listing.Within{Moment: listing.Cancelled}
		}
	case "created_at":
		if f.Within.Moment == "" {
			f.Within.Moment = listing.Issued
		}
	}
	return f
}
