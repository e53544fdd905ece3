package world

import (
	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// Ends waits until the member's one coupon has come to rest as it should.
func (b *Processes) Ends(member string, as domain.Status) domain.Coupon {
	b.T.Helper()
	var list []domain.Coupon
	Eventually(b.T, "the coupon comes to rest", func() bool {
		var err error
		if list, err = b.Store.Listing.List(b.T.Context(), listing.Filter{CustomerID: member, Limit: 10}); err != nil {
			b.T.Fatal(err)
		}
		return len(list) == 1 && !list[0].Status.OnTheWay()
	})
	if list[0].Status != as {
		b.T.Fatalf("it ended as %s", list[0].Status)
	}
	return list[0]
}
