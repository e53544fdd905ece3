package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
)

type reviewRow struct {
	ID               int64
	Kind             string
	Status           string
	CouponID         int64
	Code             string
	OrderName        string
	OrderID          string
	Reason           string
	Payment          string
	RefundID         string
	Refunded         int64
	RefundedCurrency string
	Evidence         document[domain.Evidence]
	Problem          string
	OpenedAt         time.Time
	Outcome          string
	Note             string
	DecidedBy        string
	DecidedAt        *time.Time
	ProposedOutcome  string
	ProposedNote     string
	ProposedBy       string
	ProposedActor    string
	ProposedAt       *time.Time

	CustomerID    string
	CouponStatus  string
	Points        int64
	ExpiresAt     time.Time
	UsedOrderID   string
	ReissuedFrom  string
	SupersededBy  string
	FirstCode     string
	GrantState    string
	RecentReviews int
}

// selectReviews has one placeholder: since when a person's reviews are recent.
var selectReviews = `SELECT r.id, r.kind, r.status, r.coupon_id, c.code, r.order_name, r.order_id, r.reason, r.payment, r.refund_id, r.refunded, r.refunded_currency,
	r.evidence, r.problem, r.opened_at, r.outcome, r.note,
	r.decided_by, r.decided_at, r.proposed_outcome, r.proposed_note, r.proposed_by, r.proposed_actor, r.proposed_at,
	c.customer_id, c.status AS coupon_status, c.points, c.expires_at, c.used_order_id, c.reissued_from, c.superseded_by, c.first_code,
	coalesce((SELECT m.state FROM movements m WHERE m.coupon_id = c.id AND m.kind = 'grant'), '') AS grant_state,
	(SELECT count(*) FROM (` + peopleOf("c.customer_id") + `) AS person JOIN coupons c2 ON c2.customer_id = person.id JOIN reviews r2 ON r2.coupon_id = c2.id
		WHERE r2.cause <> '' AND r2.opened_at >= ?) AS recent_reviews
	FROM reviews r JOIN coupons c ON c.id = r.coupon_id WHERE `

func (r reviewRow) domain() reviews.Review {
	review := reviews.Review{ID: r.ID, Kind: reviews.Kind(r.Kind), Open: r.Status == "open", CouponID: r.CouponID,
		Code: r.Code, OrderName: r.OrderName, OpenedAt: r.OpenedAt.UTC(), OrderID: r.OrderID, Reason: r.Reason,
		Evidence: r.Evidence.of, Problem: r.Problem, Payment: domain.Payment(r.Payment), RefundID: r.RefundID,
		Refunded: domain.Money{Minor: r.Refunded, Currency: r.RefundedCurrency}, Outcome: reviews.Outcome(r.Outcome),
		Note: r.Note, DecidedBy: r.DecidedBy, DecidedAt: utcOrNil(r.DecidedAt), RecentReviews: r.RecentReviews,
		Coupon: reviews.Subject{CustomerID: r.CustomerID, Status: domain.Status(r.CouponStatus), Points: r.Points,
			ExpiresAt: r.ExpiresAt.UTC(), UsedOrderID: r.UsedOrderID, ReissuedFrom: r.ReissuedFrom,
			SupersededBy: r.SupersededBy, Chain: []string{r.Code}, Grant: domain.MovementState(r.GrantState)}}
	if r.ProposedAt != nil {
		review.Proposal = &reviews.Proposal{ReviewID: r.ID, Outcome: reviews.Outcome(r.ProposedOutcome),
			Note: r.ProposedNote, By: r.ProposedBy, Actor: r.ProposedActor, At: r.ProposedAt.UTC()}
	}
	return review
}

func (s *database) selectReviews(tx *gorm.DB, rest string, args ...any) ([]reviews.Review, error) {
	var rows []reviewRow
	args = append([]any{utc(s.now().Add(-reviews.Within))}, args...)
	if err := tx.Raw(selectReviews+rest, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]reviews.Review, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, chains(tx, rows, list)
}

const selectChains = `SELECT code, first_code FROM coupons WHERE first_code IN ? AND first_code <> '' AND status <> 'failed' ORDER BY id`

// chains writes into each review of a reissued coupon the codes of its chain.
func chains(tx *gorm.DB, rows []reviewRow, list []reviews.Review) error {
	first := map[string][]string{}
	for _, r := range rows {
		if r.FirstCode != "" {
			first[r.FirstCode] = nil
		} else if r.SupersededBy != "" {
			first[r.Code] = nil
		}
	}
	if len(first) == 0 {
		return nil
	}
	codes := make([]string, 0, len(first))
	for code := range first {
		codes = append(codes, code)
	}
	var links []struct{ Code, FirstCode string }
	err := tx.Raw(selectChains, codes).Scan(&links).Error
	for _, l := range links {
		first[l.FirstCode] = append(first[l.FirstCode], l.Code)
	}
	for i, r := range rows {
		head := r.FirstCode
		if head == "" {
			head = r.Code
		}
		if rest := first[head]; rest != nil {
			list[i].Coupon.Chain = append([]string{head}, rest...)
		}
	}
	return err
}

func (s *database) oneReview(tx *gorm.DB, rest string, args ...any) (reviews.Review, error) {
	list, err := s.selectReviews(tx, rest, args...)
	if err != nil {
		return reviews.Review{}, err
	}
	if len(list) == 0 {
		return reviews.Review{}, domain.Refuse(domain.CodeReviewNotFound)
	}
	return list[0], nil
}

func (s *database) readReview(tx *gorm.DB, id int64) (reviews.Review, error) {
	return s.oneReview(tx, `r.id = ?`, id)
}

// Review reads one. Errors: review_not_found.
func (s Reviews) Review(ctx context.Context, id int64) (reviews.Review, error) {
	return s.review(ctx, id)
}

func (s *database) review(ctx context.Context, id int64) (reviews.Review, error) {
	r, err := s.readReview(s.db.WithContext(ctx), id)
	return r, translate(err)
}

// Reviews lists reviews, newest first.
func (s Reviews) Reviews(ctx context.Context, f reviews.Filter) ([]reviews.Review, error) {
	where, args := "1 = 1", []any{}
	if f.Status != "" {
		where, args = where+" AND r.status = ?", append(args, f.Status)
	}
	if f.Kind != "" {
		where, args = where+" AND r.kind = ?", append(args, string(f.Kind))
	}
	if f.CustomerID != "" {
		where, args = where+" AND c.customer_id = ?", append(args, f.CustomerID)
	}
	if f.CouponID != 0 {
		where, args = where+" AND r.coupon_id = ?", append(args, f.CouponID)
	}
	if f.PersonOf != "" {
		where, args = where+` AND c.customer_id IN (`+peopleOf("?")+`)`, append(args, f.PersonOf, f.PersonOf,
			f.PersonOf)
	}
	if f.Before != 0 {
		where, args = where+" AND r.id < ?", append(args, f.Before)
	}
	list, err := s.selectReviews(s.db.WithContext(ctx), where+` ORDER BY r.id DESC LIMIT ?`, append(args, f.Limit)...)
	return list, translate(err)
}

// accompanyReview opens and closes reviews and keeps the refund that a change begins with.
func (s Coupons) accompanyReview(tx *gorm.DB, c coupons.Change) error {
	if c.Refund != nil {
		if err := saveRefund(tx, *c.Refund, c.Coupon.ID); err != nil {
			return err
		}
	}
	if err := decided(tx, c); err != nil {
		return err
	}
	if r := c.Reopened; r != nil {
		if err := tx.Exec(`UPDATE reviews SET status = 'open', problem = ?, outcome = '', note = '', decided_by = '', decided_actor = '', decided_at = NULL, proposed_at = NULL
			WHERE coupon_id = ? AND outcome = ? AND status = 'closed' AND cause <> ''`, r.Problem, c.Coupon.ID, string(r.Outcome)).Error; err != nil {
			return err
		}
	}
	if c.Review == "" {
		return nil
	}
	done := tx.Exec(`INSERT INTO reviews (kind, coupon_id, opened_at, order_name, evidence) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, string(c.Review), c.Coupon.ID, utc(s.now()), c.Coupon.UsedOrder,
		document[domain.Evidence]{c.Evidence})
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	return noteReview(tx, c.Review, c.Coupon.ID, s.now())
}

// decided closes a review, or writes a first person's proposal into it. The review must still be open.
func decided(tx *gorm.DB, c coupons.Change) error {
	done := tx
	switch v, p := c.Verdict, c.Proposal; {
	case v != nil:
		done = tx.Exec(`UPDATE reviews SET status = 'closed', outcome = ?, note = ?, decided_by = ?, decided_actor = ?, decided_at = ?
			WHERE id = ? AND status = 'open'`, string(v.Outcome), v.Note, v.By, v.Actor, utc(v.At), v.ReviewID)
	case p != nil:
		done = tx.Exec(`UPDATE reviews SET proposed_outcome = ?, proposed_note = ?, proposed_by = ?, proposed_actor = ?, proposed_at = ?
			WHERE id = ? AND status = 'open'`, string(p.Outcome), p.Note, p.By, p.Actor, utc(p.At), p.ReviewID)
	default:
		return nil
	}
	if done.Error == nil && done.RowsAffected != 1 {
		return domain.ErrConflict
	}
	return done.Error
}
