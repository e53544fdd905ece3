package world

import (
	"fmt"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// Stands holds that a coupon is used as before: nothing was moved, nothing is said to be deleted, and the books agree.
func (w *Endings) Stands(member, code string) {
	w.T.Helper()
	st, err := w.Store.Coupons.ByCode(w.T.Context(), code)
	expect.MustEqual(w.T, "err", err, nil)
	expect.Equal(w.T, "st.Coupon.Status", st.Coupon.Status, domain.Used)
	expect.Equal(w.T, "st.Coupon.SupersededBy", st.Coupon.SupersededBy, "")
	expect.Equal(w.T, "len(st.Movements)", len(st.Movements), 1)
	history, err := w.Store.Coupons.History(w.T.Context(), st.Coupon.ID)
	for _, e := range history {
		if e.Action == "order.deleted" {
			w.T.Errorf("it is in the audit as deleted: %+v", e)
		}
	}
	if balance, _ := w.POS.Balance(member); balance != 750 || err != nil {
		w.T.Errorf("balance %d, %v", balance, err)
	}
	checker := &books.Checker{Ours: w.Store.Books, Runs: w.Store.Books, POS: w.Ledger, Shop: w.Admin, Fields: w.Admin,
		Uses: w.Process(w.Watched()), Clock: InstantClock{w.Clock}, Timing: books.DefaultTiming()}
	sum, err := checker.Run(w.T.Context(), books.Options{CustomerID: member},
		books.Sink{Difference: func(d books.Difference) { w.T.Errorf("the books: %+v", d) }})
	if err != nil || sum.Incomplete() {
		w.T.Error(fmt.Sprintf("%+v", sum), err)
	}
}

func (w *Endings) ReviewsOf(code string) (list []reviews.Review) {
	w.T.Helper()
	all, err := w.Store.Reviews.Reviews(w.T.Context(), reviews.Filter{Limit: 500})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, r := range all {
		if r.Code == code {
			list = append(list, r)
		}
	}
	return list
}
