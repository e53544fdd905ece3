package world

import (
	"encoding/json"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// Listed is what a storefront knows of a coupon that knows nothing but the metafield.
type Listed struct {
	Code, Status, Currency string
	Amount                 int64
	ExpiresAt              time.Time `json:"expires_at"`
}

func (w *World) Metafield(gid string) (list []Listed) {
	w.T.Helper()
	m, ok := w.Shopify.Metafield(gid, "loyalty", "coupons")
	if !ok {
		return nil
	}
	if err := json.Unmarshal([]byte(m.Value), &list); err != nil {
		w.T.Fatalf("%v: %s", err, m.Value)
	}
	return list
}

func (w *World) Converted(s *coupons.Service, member, key string, points int64) domain.Coupon {
	w.T.Helper()
	got, err := s.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member,
		Points: points, Key: key})
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "got.Done", got.Done, true)
	return got.Coupon
}

// Synced writes the metafields that are behind.
func (w *World) Synced(s *coupons.Service) {
	w.T.Helper()
	if err := w.Metafields(s).Project(w.T.Context()); err != nil {
		w.T.Error(err)
	}
}
