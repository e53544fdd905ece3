package store

import (
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// On PostgreSQL the usual commits are one statement each: every round trip of a transaction costs about as much as the
// work it asks for. Whatever is unusual takes the general way, statement by statement, and so does SQLite, where there
// is no round trip to save. Both ways write the same rows, and the same tests run on both.

const openSQL = `
WITH c AS (
	INSERT INTO coupons (code, status, customer_id, shopify_customer_gid, points, amount_minor, currency, rate, rank, created_at, expires_at, lease_until)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
), r AS (
	INSERT INTO requests (caller_id, operation, key, hash, proof, coupon_id, created_at)
	SELECT ?, ?, ?, ?, ?, c.id, ?::timestamptz FROM c RETURNING id
), m AS (
	INSERT INTO movements (coupon_id, customer_id, pos, kind, state, points, reference, related_reference, key, reason, created_at)
	SELECT c.id, ?, ?, ?, ?, ?::bigint, ?, ?, ?, ?, ?::timestamptz FROM c RETURNING id
), a AS (
	INSERT INTO audit (at, actor, actor_name, action, code, coupon_id, customer_id, from_status, to_status, outcome, detail)
	SELECT ?::timestamptz, ?, ?, ?, ?, c.id, ?, ?, ?, ?, ? FROM c
)
SELECT c.id AS coupon, r.id AS request, m.id AS movement FROM c, r, m`

// usualOpening reports whether openSQL says everything that the change says.
func (s Coupons) usualOpening(c coupons.Change) bool {
	return s.dialect == "postgres" && c.Request != nil && c.Request.ID == 0 && c.Request.Answer == coupons.AnswerNone &&
		len(c.Movements) == 1 && len(c.Audit) == 1 && len(c.Jobs) == 0 && c.Coupon == opened(c.Coupon) &&
		c.Movements[0] == intended(c.Movements[0])
}

// opened keeps of a coupon what openSQL writes: one of points, which the column has by itself.
func opened(k domain.Coupon) domain.Coupon {
	return domain.Coupon{Code: k.Code, Status: k.Status, CustomerID: k.CustomerID,
		ShopifyCustomerGID: k.ShopifyCustomerGID, Campaign: domain.CampaignPoints, Points: k.Points, Amount: k.Amount, Rate: k.Rate, Rank: k.Rank,
		CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, LeaseUntil: k.LeaseUntil}
}

// intended keeps of a movement what openSQL writes.
func intended(m domain.Movement) domain.Movement {
	return domain.Movement{CustomerID: m.CustomerID, POS: m.POS, Kind: m.Kind, State: m.State, Points: m.Points,
		Reference: m.Reference, RelatedReference: m.RelatedReference, Key: m.Key, Reason: m.Reason,
		CreatedAt: m.CreatedAt}
}

// insertAtOnce inserts by openSQL: run has it done with the values, and scans its numbers.
func insertAtOnce(c coupons.Change, run func(args, into []any) error) (coupons.State, error) {
	k, r, m := c.Coupon, c.Request, c.Movements[0]
	a, err := auditToRow(c.Audit[0], 0)
	if err != nil {
		return coupons.State{}, err
	}
	var ids struct{ Coupon, Request, Movement int64 }
	if err = run([]any{
		k.Code, string(k.Status), k.CustomerID, k.ShopifyCustomerGID, k.Points, k.Amount.Minor, k.Amount.Currency,
		k.Rate.String(), k.Rank, utc(k.CreatedAt), utc(k.ExpiresAt), utc(k.LeaseUntil),
		r.Key.CallerID, r.Key.Operation, r.Key.Key, r.Key.Hash, r.Proof, utc(r.At),
		m.CustomerID, m.POS, string(m.Kind), string(m.State), m.Points, m.Reference, m.RelatedReference, m.Key, m.Reason,
		utc(m.CreatedAt), a.At, a.Actor, a.ActorName, a.Action, a.Code, a.CustomerID, a.FromStatus, a.ToStatus, a.Outcome, a.Detail},
		[]any{&ids.Coupon, &ids.Request, &ids.Movement}); err != nil {
		return coupons.State{}, err
	}
	st := coupons.State{Coupon: k, Movements: []domain.Movement{m}, RequestID: ids.Request}
	st.Coupon.ID, st.Movements[0].ID, st.Movements[0].CouponID = ids.Coupon, ids.Movement, ids.Coupon
	return st, nil
}
