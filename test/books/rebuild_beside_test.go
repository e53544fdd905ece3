package books

import (
	"context"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

// busyPOS answers as the POS does, and lets something happen once, after the first answer of a member's.
type busyPOS struct {
	books.POS
	member    string
	once      *sync.Once
	meanwhile func()
}

// History implements books.POS.
func (p busyPOS) History(ctx context.Context, q books.HistoryQuery) (books.HistoryPage, error) {
	page, err := p.POS.History(ctx, q)
	if q.CustomerID == p.member {
		p.once.Do(p.meanwhile)
	}
	return page, err
}

// beside lets a service that nobody knew of end a conversion in the middle of a rebuild: the points are taken and the code
// is made after the POS was read. The code is paid for, and nobody stops it.
func (l *lostWorld) beside(t *testing.T) {
	l.lose(t, nil)
	l.rebuilt(true)
	h := l.members[0]
	began := l.begun(h.id)
	r := l.rebuilder()
	r.Checker.POS = busyPOS{r.Checker.POS, h.id, new(sync.Once), func() { l.FinishAll(l.Process(l.Whole())) }}
	l.rebuiltBy(r, true)
	st, err := l.Store.Coupons.ByCode(t.Context(), began)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "status", st.Coupon.Status, domain.Active)
	expect.Equal(t, "stopped", len(l.stopped), 0)
	expect.Equal(t, "usable", l.Shopify.Usable(began), true)
	l.rebuilt(true)
	l.whole()
}

// begun leaves a conversion of which nothing but the first commit was made, and gives its code.
func (l *lostWorld) begun(member string) string {
	l.T.Helper()
	for dieAt := 1; dieAt < 10; dieAt++ {
		dead := &couponstest.Mortal{DieAt: dieAt, Inner: l.Whole()}
		_, _ = l.Process(dead.Ports()).Convert(l.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"},
			CustomerID: member, Points: 100, Key: "beside"})
		list, err := l.Store.Books.CouponsOf(l.T.Context(), member, 0, 1000)
		expect.MustEqual(l.T, "err", err, nil)
		for _, st := range list {
			if st.Coupon.Status == domain.Pending {
				return st.Coupon.Code
			}
		}
	}
	l.T.Fatal("no conversion began")
	return ""
}
