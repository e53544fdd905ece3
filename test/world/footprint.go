package world

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// RecordUse writes down that an order holds the code, as whoever hears of orders does.
func (w *World) RecordUse(c domain.Coupon, at time.Time) {
	w.T.Helper()
	st, err := w.Store.Coupons.Load(w.T.Context(), c.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	k := st.Coupon
	k.Status, k.UsedAt = domain.Used, &at
	if _, err := w.Store.Coupons.Commit(w.T.Context(), coupons.Change{Coupon: k,
		Audit: []domain.AuditEntry{{At: at, Actor: "test", Action: "coupon.used",
			Code: k.Code, CouponID: k.ID, CustomerID: k.CustomerID, From: domain.Active, To: domain.Used, Outcome: domain.OutcomeDone}}}); err != nil {
		w.T.Fatal(err)
	}
}

// RemoveOldCodes sweeps and does the removals that the sweep asked for; it gives the coupons.
func (w *World) RemoveOldCodes(s *coupons.Service) (ids []int64) {
	w.T.Helper()
	w.Jobs = nil
	if err := s.Sweep(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	for _, j := range w.Jobs {
		if j.Kind != domain.JobRemoveDiscount {
			continue
		}
		ids = append(ids, j.CouponID)
		for range 2 { // the queue may run a job twice
			if err := s.RemoveDiscount(w.T.Context(), j.CouponID); err != nil {
				w.T.Fatal(err)
			}
		}
	}
	return ids
}

func (w *World) Totals() map[domain.Status]int64 {
	w.T.Helper()
	totals, err := w.Store.Backlog.Totals(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	return totals
}
