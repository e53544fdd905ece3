package store

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

type matchRow struct {
	ID         int64
	Kind       string
	Code       string
	CustomerID string
	OrderID    string
	OrderName  string
	OpenedAt   time.Time
	Outcome    string
	SameEmail  bool
	SamePhone  bool
}

// selectMatches reads the earlier reviews of a person that are about other orders. What nobody decided is no doing of
// theirs.
var selectMatches = `SELECT r.id, r.kind, c.code, c.customer_id, r.order_id, r.order_name, r.opened_at, r.outcome,
	(p.email_key = me.email_key AND p.email_key <> '' AND p.id <> me.id) AS same_email, (p.phone_key = me.phone_key AND p.phone_key <> '' AND p.id <> me.id) AS same_phone
	FROM (` + peopleOf("?") + `) AS person JOIN customers p ON p.id = person.id JOIN customers me ON me.id = ?
	JOIN coupons c ON c.customer_id = person.id JOIN reviews r ON r.coupon_id = c.id
	WHERE r.id < ? AND r.opened_at >= ? AND r.kind <> 'unsettled' AND (r.order_id = '' OR r.order_id <> ?) ORDER BY r.id DESC LIMIT ?`

// selectAround reads the rest. Of members with one address as many are counted as are looked at. CROSS JOIN tells
// SQLite to begin with the person.
func (s Reviews) selectAround() string {
	return `SELECT
	(SELECT count(*) FROM (SELECT p.id FROM customers me JOIN customers p ON p.email_key = me.email_key AND p.email_key <> '' AND p.id <> me.id
		WHERE me.id = ? LIMIT ` + mostPeople + `) AS same_email) AS same_email,
	(SELECT count(*) FROM (SELECT p.id FROM customers me JOIN customers p ON p.phone_key = me.phone_key AND p.phone_key <> '' AND p.id <> me.id
		WHERE me.id = ? LIMIT ` + mostPeople + `) AS same_phone) AS same_phone,
	(SELECT coalesce(sum(` + s.timesOf("a") + `), 0) FROM (` + peopleOf("?") + ` UNION SELECT f.number FROM
			(` + peopleOf("?") + `) AS holder JOIN former_numbers f ON f.customer_id = holder.id) AS person CROSS JOIN audit a
		WHERE a.customer_id = person.id AND a.action = 'conversion.refused' AND a.at >= ? AND a.at <= ?) AS refused`
}

// Circumstances reads what a review's risk is made of.
func (s Reviews) Circumstances(ctx context.Context, r reviews.Review) (reviews.Circumstances, error) {
	db, id := s.db.WithContext(ctx), r.Coupon.CustomerID
	var rows []matchRow
	if err := db.Raw(selectMatches, id, id, id, id, r.ID, utc(r.OpenedAt.Add(-reviews.Within)), r.OrderID,
		reviews.MostMatches).Scan(&rows).Error; err != nil {
		return reviews.Circumstances{}, translate(err)
	}
	var around struct{ SameEmail, SamePhone, Refused int }
	if err := db.Raw(s.selectAround(), id, id, id, id, id, id, id, id, utc(r.OpenedAt.Add(-reviews.RefusedWithin)),
		utc(r.OpenedAt)).Scan(&around).Error; err != nil {
		return reviews.Circumstances{}, translate(err)
	}
	st, err := Coupons(s).Load(ctx, r.CouponID)
	if err != nil {
		return reviews.Circumstances{}, err
	}
	c := reviews.Circumstances{SameEmail: around.SameEmail, SamePhone: around.SamePhone, Refused: around.Refused,
		UsedAt: usedBefore(st.Coupon, r)}
	for _, m := range rows {
		c.Matches = append(c.Matches, m.domain())
	}
	return c, nil
}

// usedBefore is when the review's own order used the coupon.
func usedBefore(c domain.Coupon, r reviews.Review) *time.Time {
	if c.UsedOrderID != r.OrderID {
		return nil
	}
	return c.UsedAt
}

func (m matchRow) domain() reviews.Match {
	match := reviews.Match{ReviewID: m.ID, Kind: reviews.Kind(m.Kind), Code: m.Code, CustomerID: m.CustomerID,
		OrderID: m.OrderID, OrderName: m.OrderName, OpenedAt: m.OpenedAt.UTC(), Outcome: reviews.Outcome(m.Outcome)}
	if m.SameEmail {
		match.By = append(match.By, reviews.MatchedEmail)
	}
	if m.SamePhone {
		match.By = append(match.By, reviews.MatchedPhone)
	}
	if len(match.By) == 0 {
		match.By = []reviews.MatchedBy{reviews.MatchedMember}
	}
	return match
}
