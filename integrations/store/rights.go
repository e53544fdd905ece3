package store

import (
	"context"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/identity"
	"pointbridge/domain/reviews"
)

// capHolder is whose cap an act counts towards: a person's keys do not give them several.
func capHolder(q coupons.Question) string {
	if q.PersonID != 0 {
		return domain.Staff{ID: q.PersonID}.Caller().ID
	}
	return q.Actor
}

// selectMovedToday adds up what somebody moved since a moment. That nobody is not asked for is said for the indexes.
const selectMovedToday = `SELECT
	(SELECT coalesce(sum(points), 0) FROM coupons WHERE cancel_actor IN ? AND cancel_actor <> '' AND cancel_started_at >= ?
		AND status IN ('cancelling', 'cancelled')) +
	(SELECT coalesce(sum(c.points), 0) FROM reviews r JOIN coupons c ON c.id = r.coupon_id
		WHERE r.decided_actor IN ? AND r.decided_actor <> '' AND r.decided_at >= ? AND r.status = 'closed' AND r.outcome IN ?)`

func movedToday(tx *gorm.DB, q coupons.Question) (points int64, err error) {
	actors := []string{q.Actor}
	if q.PersonID != 0 {
		var prefixes []string
		if err := tx.Raw(`SELECT prefix FROM api_keys WHERE owner_id = ? AND owner_id IS NOT NULL`,
			q.PersonID).Scan(&prefixes).Error; err != nil {
			return 0, err
		}
		actors = append(actors, capHolder(q))
		for _, prefix := range prefixes {
			actors = append(actors, domain.KeyMark+prefix)
		}
	}
	since := utc(q.DayStart)
	err = tx.Raw(selectMovedToday, actors, since, actors, since, reviews.CountedOutcomes()).Row().Scan(&points)
	return points, err
}

// behind reads what the people behind the credential have to do with the review.
func behind(tx *gorm.DB, q coupons.Question, k *coupons.Locked) (err error) {
	if q.PersonID == 0 && q.MakerID == 0 && len(q.Askers) == 0 {
		return nil
	}
	member := domain.Customer{ID: k.State.Coupon.CustomerID}
	row := struct{ EmailKey, PhoneKey string }{}
	if err := tx.Raw(`SELECT email_key, phone_key FROM customers WHERE id = ?`,
		member.ID).Scan(&row).Error; err != nil {
		return err
	}
	member.EmailKey, member.PhoneKey = row.EmailKey, row.PhoneKey
	if k.Own, err = isOwn(tx, append([]int64{q.PersonID, q.MakerID}, q.Askers...), member); err != nil {
		return err
	}
	if k.Review != nil && k.Review.Proposal != nil {
		k.Entangled, err = entangled(tx, q.PersonID, k.Review.Proposal.Actor)
	}
	return err
}

// selectOwn finds people of the staff who are a member: whose own membership it is, whose mail address it has, or one
// of whose memberships, by either, shares its mail address or phone number.
const selectOwn = `SELECT count(*) FROM staff s WHERE s.id IN @people AND (
	(s.customer_id <> '' AND s.customer_id = @member)
	OR (@email <> '' AND s.email = @email)
	OR EXISTS (SELECT 1 FROM customers me WHERE me.id IN (
			SELECT s.customer_id UNION SELECT c.id FROM customers c WHERE c.email_key <> '' AND c.email_key = s.email)
		AND ((@email <> '' AND me.email_key = @email) OR (@phone <> '' AND me.phone_key = @phone))))`

func isOwn(tx *gorm.DB, people []int64, member domain.Customer) (bool, error) {
	var n int64
	err := tx.Raw(selectOwn, map[string]any{"people": people, "member": member.ID, "email": member.EmailKey,
		"phone": member.PhoneKey}).Scan(&n).Error
	return n > 0, err
}

// entangled reports whether one of two people ever made or reset what the other signs in with, and so may have signed
// in as them.
func entangled(tx *gorm.DB, person int64, proposer string) (bool, error) {
	other, err := strconv.ParseInt(strings.TrimPrefix(proposer, domain.StaffMark), 10, 64)
	if err != nil {
		return true, nil //nolint:nilerr // nobody who can be told apart from the one who asks
	}
	var n int64
	err = tx.Raw(`SELECT count(*) FROM staff_credentials WHERE (staff_id = ? AND made_by = ?) OR (staff_id = ? AND made_by = ?)`,
		person, proposer, other, domain.Staff{ID: person}.Caller().ID).Scan(&n).Error
	return n > 0, err
}

// noPartner refuses a second person who ever made or reset what one of the people before them signs in with, or the other
// way round, and where nobody is known to have been before them.
func noPartner(tx *gorm.DB, person int64, before []int64) error {
	if len(before) == 0 {
		return domain.Refuse(domain.CodeSecondPerson)
	}
	for _, other := range before {
		together, err := entangled(tx, person, domain.Staff{ID: other}.Caller().ID)
		if err == nil && together {
			err = domain.Refuse(domain.CodeSecondPerson)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// OwnMember implements members.Staff.
func (s Members) OwnMember(ctx context.Context, who domain.Caller, member domain.Customer) (bool, error) {
	if who.PersonID == 0 && who.MakerID == 0 {
		return false, nil
	}
	own, err := isOwn(s.db.WithContext(ctx), []int64{who.PersonID, who.MakerID}, member)
	return own, translate(err)
}

// selectSelf is what the shop may see of somebody of the staff: their mail address, and their memberships by number or
// by that address.
const selectSelf = `SELECT s.email, coalesce(c.shopify_customer_gid, '') AS customer, coalesce(c.email, '') AS member_email,
	coalesce(c.phone, '') AS phone FROM staff s LEFT JOIN customers c ON (s.customer_id <> '' AND c.id = s.customer_id)
	OR (c.email_key <> '' AND c.email_key = s.email) WHERE s.id IN ? ORDER BY c.id`

// Self is what the shop may see of those behind a caller, by membership; decisions.Service asks for it.
func (s Identity) Self(ctx context.Context, who domain.Caller) ([]identity.Shown, error) {
	people := who.People()
	if len(people) == 0 {
		return nil, nil
	}
	var rows []struct{ Email, Customer, MemberEmail, Phone string }
	if err := s.db.WithContext(ctx).Raw(selectSelf, people).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	all := make([]identity.Shown, 0, len(rows))
	for _, r := range rows {
		all = append(all, identity.Shown{CustomerID: r.Customer, Emails: []string{r.Email, r.MemberEmail}, Phones: []string{r.Phone}})
	}
	return all, nil
}

// rememberCredential keeps who made or reset what a person signs in with, from the line that puts it in the audit:
// neither is ever without the other.
func rememberCredential(tx *gorm.DB, staffID int64, record []domain.AuditEntry) error {
	for _, e := range record {
		if !domain.MakesCredential(e.Action) || e.Outcome != domain.OutcomeDone || e.Actor == "" {
			continue
		}
		if err := tx.Exec(`INSERT INTO staff_credentials (staff_id, made_by, made_at, action) VALUES (?, ?, ?, ?)`,
			staffID, e.Actor, utc(e.At), e.Action).Error; err != nil {
			return err
		}
	}
	return nil
}
